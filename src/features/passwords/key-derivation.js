// Part of the hash worker: key derivations that Node brings along.
import { createCipheriv, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto'

/** @import { HashJob } from './hash-job.js' */
/** @typedef {Extract<HashJob, { kind: 'scrypt-verify' | 'firebase-verify' }>} ScryptJob */
/** @typedef {Extract<HashJob, { kind: 'pbkdf2-verify' }>} Pbkdf2Job */

/** @param {ScryptJob} job */
export const fitsScrypt = ({ password, salt, cost, expected }) =>
  timingSafeEqual(keyOf({ password, salt, cost }, expected.length), expected)

/** The stream that AES makes under the key; see kinds/firebase.ts. @param {ScryptJob} job */
export const fitsFirebase = ({ password, salt, cost, expected }) => {
  const key = keyOf({ password, salt, cost }, 32)
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  return timingSafeEqual(cipher.update(Buffer.alloc(expected.length)), expected)
}

/** @param {Pbkdf2Job} job */
export const fitsPbkdf2 = ({ password, digest, salt, iterations, expected }) =>
  timingSafeEqual(pbkdf2Sync(password, salt, iterations, expected.length, digest), expected)

/** @param {Pick<ScryptJob, 'password' | 'salt' | 'cost'>} job @param {number} length */
const keyOf = ({ password, salt, cost: { rounds, blockSize, parallelism } }, length) =>
  scryptSync(password, salt, length, {
    N: rounds,
    r: blockSize,
    p: parallelism,
    // what it needs, and a little: the default of Node is 32 MiB
    maxmem: 128 * blockSize * (rounds + parallelism + 8),
  })
