import type { ScryptCost } from '../hash-job.js'
import { fromBareBase64, fromBase64, fromHex } from './encodings.js'
import type { HashKind, StoredHash } from './kind.js'

/** scrypt as passlib, Django, Werkzeug and better-auth write it. */
export const scrypt: HashKind = (stored) =>
  passlib(stored) ?? django(stored) ?? werkzeug(stored) ?? betterAuth(stored)

const passlib: HashKind = (stored) => {
  const [, log = '', blocks = '', lanes = '', salt = '', digest = ''] =
    /^\$scrypt\$ln=([1-9]\d?),r=([1-9]\d{0,4}),p=([1-9]\d{0,4})\$([A-Za-z0-9+/]{0,172})\$([A-Za-z0-9+/]{22,86})$/.exec(
      stored,
    ) ?? []
  const cost = costOf(2 ** Number(log), blocks, lanes)
  return hashOf({
    kind: 'passlib scrypt',
    cost,
    salt: fromBareBase64(salt),
    expected: fromBareBase64(digest),
  })
}

/** Django 4 and later. */
const django: HashKind = (stored) => {
  const [, rounds, salt = '', blocks, lanes, digest = ''] =
    /^scrypt\$([1-9]\d{0,9})\$([^$]{1,128})\$([1-9]\d{0,4})\$([1-9]\d{0,4})\$([A-Za-z0-9+/]{22,86}={0,2})$/.exec(
      stored,
    ) ?? []
  const cost = costOf(Number(rounds), blocks, lanes)
  return hashOf({
    kind: 'Django scrypt',
    cost,
    salt: Buffer.from(salt),
    expected: fromBase64(digest),
  })
}

/** Werkzeug 2.3 and later, so Flask. */
const werkzeug: HashKind = (stored) => {
  const [, rounds, blocks, lanes, salt = '', digest = ''] =
    /^scrypt:([1-9]\d{0,9}):([1-9]\d{0,4}):([1-9]\d{0,4})\$([^$]{1,128})\$([0-9a-f]{128})$/.exec(
      stored,
    ) ?? []
  const cost = costOf(Number(rounds), blocks, lanes)
  return hashOf({
    kind: 'Werkzeug scrypt',
    cost,
    salt: Buffer.from(salt),
    expected: fromHex(digest),
  })
}

/** The hex digits of the salt are themselves the salt, and the password is spelt in NFKC. */
const betterAuth: HashKind = (stored) => {
  const [, salt = '', digest = ''] = /^([0-9a-f]{32}):([0-9a-f]{128})$/.exec(stored) ?? []
  const cost = { rounds: 16_384, blockSize: 16, parallelism: 1 }
  const hash = hashOf({
    kind: 'better-auth scrypt',
    cost,
    salt: Buffer.from(salt),
    expected: fromHex(digest),
  })
  return hash && { ...hash, job: (password) => hash.job(password.normalize('NFKC')) }
}

const costOf = (rounds: number, blocks = '', lanes = ''): ScryptCost => ({
  rounds,
  blockSize: Number(blocks),
  parallelism: Number(lanes),
})

/** The pieces of a stored text; those that could not be read are undefined. */
type Pieces = {
  kind: string
  cost: ScryptCost
  salt: Buffer | undefined
  expected: Buffer | undefined
}

const hashOf = ({ kind, cost, salt, expected }: Pieces): StoredHash | undefined => {
  if (!isPossible(cost) || !salt || !expected || expected.length === 0) return undefined
  return {
    kind,
    isAbsurd: isAbsurdScrypt(cost),
    job: (password) => ({ kind: 'scrypt-verify', password, salt, cost, expected }),
  }
}

/** RFC 7914 §2: a power of two, above 1 and below 2^(16 r). */
export const isPossible = ({ rounds, blockSize }: ScryptCost): boolean =>
  rounds > 1 && Number.isInteger(Math.log2(rounds)) && Math.log2(rounds) < 16 * blockSize

/** 256 MiB, and about a second and a half. */
export const isAbsurdScrypt = ({ rounds, blockSize, parallelism }: ScryptCost): boolean =>
  128 * rounds * blockSize > 268_435_456 ||
  parallelism > 16 ||
  rounds * blockSize * parallelism > 4_194_304
