import { fromAdaptedBase64, fromBase64, fromHex } from './encodings.js'
import type { HashKind, StoredHash } from './kind.js'

/** PBKDF2 as Django, Werkzeug, passlib and ASP.NET Core Identity write it. */
export const pbkdf2: HashKind = (stored) =>
  django(stored) ?? werkzeug(stored) ?? passlib(stored) ?? aspNet(stored)

/** In the order in which Identity numbers them. */
const digests = ['sha1', 'sha256', 'sha512'] as const
const lengths = { sha1: 20, sha256: 32, sha512: 64 }

const django: HashKind = (stored) => {
  const [, digest, iterations, salt = '', expected = ''] =
    /^pbkdf2_(sha1|sha256)\$([1-9]\d{0,9})\$([^$]{1,128})\$([A-Za-z0-9+/]{27,43}=)$/.exec(stored) ??
    []
  return hashOf({
    kind: 'Django PBKDF2',
    digest,
    iterations,
    salt: Buffer.from(salt),
    expected: fromBase64(expected),
  })
}

const werkzeug: HashKind = (stored) => {
  const [, digest, iterations, salt = '', expected = ''] =
    /^pbkdf2:(sha1|sha256|sha512):([1-9]\d{0,9})\$([^$]{1,128})\$([0-9a-f]{40,128})$/.exec(
      stored,
    ) ?? []
  return hashOf({
    kind: 'Werkzeug PBKDF2',
    digest,
    iterations,
    salt: Buffer.from(salt),
    expected: fromHex(expected),
  })
}

const passlib: HashKind = (stored) => {
  const [, name, iterations, salt = '', expected = ''] =
    /^\$pbkdf2(-sha256|-sha512|)\$([1-9]\d{0,9})\$([A-Za-z0-9./]{0,172})\$([A-Za-z0-9./]{27,86})$/.exec(
      stored,
    ) ?? []
  return hashOf({
    kind: 'passlib PBKDF2',
    digest: name === '' ? 'sha1' : name?.slice(1),
    iterations,
    salt: fromAdaptedBase64(salt),
    expected: fromAdaptedBase64(expected),
  })
}

/** Version 3: a mark, then digest, iterations and length of the salt in four bytes each, then salt and key. */
const aspNet: HashKind = (stored) => {
  if (!/^AQAAAA[A-Za-z0-9+/]{50,250}={0,2}$/.test(stored)) return undefined
  const bytes = fromBase64(stored)
  if (bytes === undefined) return undefined
  const digest = digests[bytes.readUInt32BE(1)]
  const saltLength = bytes.readUInt32BE(9)
  const salt = bytes.subarray(13, 13 + saltLength)
  const expected = bytes.subarray(13 + saltLength)
  // as Identity itself asks
  if (saltLength < 16 || expected.length < 16 || expected.length > 64) return undefined
  const iterations = String(bytes.readUInt32BE(5))
  return hashOf({
    kind: 'ASP.NET Identity v3',
    digest,
    iterations,
    salt,
    expected,
    isAnyLength: true,
  })
}

/** About two seconds. A key longer than the digest costs all iterations again for each further piece. */
const mostIterations = 5_000_000

/** The pieces of a stored text; those that could not be read are undefined. */
type Pieces = {
  kind: string
  digest: string | undefined
  iterations: string | undefined
  salt: Buffer | undefined
  expected: Buffer | undefined
  /** Identity writes keys of any length, the others one as long as the digest. */
  isAnyLength?: true
}

const hashOf = ({
  kind,
  salt,
  expected,
  isAnyLength,
  ...texts
}: Pieces): StoredHash | undefined => {
  const digest = digests.find((name) => name === texts.digest)
  const iterations = Number(texts.iterations)
  if (!digest || !salt || !expected || !(iterations > 0)) return undefined
  if (!isAnyLength && expected.length !== lengths[digest]) return undefined
  return {
    kind,
    isAbsurd: iterations * Math.ceil(expected.length / lengths[digest]) > mostIterations,
    job: (password) => ({ kind: 'pbkdf2-verify', password, digest, salt, iterations, expected }),
  }
}
