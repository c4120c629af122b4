import { type Argon2Settings, type HashSettings, hashJob } from './algorithms.js'
import type { HashGate } from './hashing.js'
import { type WeakDigest, type WeakOrder, weakDigests } from './kinds/wrapped.js'
import type { HashWorkers } from './workers.js'

/** An unsalted or once-salted digest of a password, as old systems kept it: quick to guess, so it is not kept as it is. */
export type WeakHash = {
  digest: WeakDigest
  /** The digest in hex digits of either case. */
  hex: string
  /** What was digested; `password` has no salt, the others need one. */
  order: WeakOrder
  /** As the old system fed it to the digest: text as UTF-8, or bytes. At most 64 bytes. */
  salt?: string | Uint8Array
}

const hexDigits: Readonly<Record<WeakDigest, number>> = {
  md5: 32,
  sha1: 40,
  sha256: 64,
  sha512: 128,
}

/**
 * What a text in a password column may be, told by its length alone: bare hex digits, or Django's `md5$salt$…` and
 * `sha1$salt$…`. Only a person knows whether a salt from another column belongs to it, and on which side.
 */
export const guessWeakHash = (stored: string): WeakHash | undefined => {
  const [, name, salt = '', hex = ''] =
    /^(?:(md5|sha1)\$([^$]{0,64})\$)?([0-9A-Fa-f]{32,128})$/.exec(stored) ?? []
  const digest = weakDigests.find((known) => hexDigits[known] === hex.length)
  if (digest === undefined || (name !== undefined && name !== digest)) return undefined
  return salt === ''
    ? { digest, hex, order: 'password' }
    : { digest, hex, order: 'salt-password', salt }
}

/**
 * Wraps a weak digest into argon2id: a string that `verify` understands and that is rewritten at the next login. It costs
 * one hash, so it goes through the gate like every other.
 *
 * @throws AuthError `overloaded`; Error for what is no digest of that kind, without naming it
 */
export const wrapWeakHash = async (
  { digest, hex, order, salt = '' }: WeakHash,
  { hashing, gate, workers }: { hashing: HashSettings; gate: HashGate; workers: HashWorkers },
): Promise<string> => {
  const saltBytes = Buffer.from(salt)
  if (!/^[0-9a-f]+$/i.test(hex) || hex.length !== hexDigits[digest]) {
    throw new Error(`A weak hash is not a ${digest} in hex`)
  }
  if ((order === 'password') !== (saltBytes.length === 0) || saltBytes.length > 64) {
    throw new Error('A weak hash has no salt, too long a salt, or one that its order does not use')
  }
  const settings = hashing.algorithm === 'argon2id' ? hashing : argon2Default
  const job = hashJob(hex.toLowerCase(), settings)
  const inner = await gate.pass('administration', () => workers.run(job))
  if (typeof inner !== 'string') throw new Error('A weak hash could not be wrapped')
  const name = order === 'password' ? digest : `${digest}-${order}`
  return `$wrapped$${name}$${saltBytes.toString('base64url')}${inner}`
}

/** bcrypt would do, but one form is enough for what goes away at the next login. */
const argon2Default: Argon2Settings = {
  algorithm: 'argon2id',
  memoryKib: 19_456,
  passes: 2,
  parallelism: 1,
}
