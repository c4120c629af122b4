import { fromBareBase64 } from './encodings.js'
import type { HashKind } from './kind.js'
import { isAbsurdScrypt, isPossible } from './scrypt.js'

/**
 * The modified scrypt of Firebase Authentication, in a form of ours. Firebase encrypts a key of the project (AES-256 in
 * counter mode) under what scrypt makes of the password, and calls the result the hash. Counter mode is an exclusive or
 * with a stream, so hash and key together give the stream away, and the stream alone tells whether a password fits: it is
 * what we keep. The key stays with the project and is needed at the import only.
 *
 * `$firebase-scrypt$ln=14,r=8,p=1$<salt and separator>$<stream>`, both in bare base64
 */
export const firebase: HashKind = (stored) => {
  const [, log, blocks, salted = '', stream = ''] =
    /^\$firebase-scrypt\$ln=([1-9]\d?),r=([1-9]\d{0,4}),p=1\$([A-Za-z0-9+/]{2,172})\$([A-Za-z0-9+/]{43,172})$/.exec(
      stored,
    ) ?? []
  const cost = { rounds: 2 ** Number(log), blockSize: Number(blocks), parallelism: 1 }
  const salt = fromBareBase64(salted)
  const expected = fromBareBase64(stream)
  if (!isPossible(cost) || !salt || !expected || expected.length === 0) return undefined
  return {
    kind: 'Firebase scrypt',
    isAbsurd: isAbsurdScrypt(cost),
    job: (password) => ({ kind: 'firebase-verify', password, salt, cost, expected }),
  }
}

/** What the console of Firebase shows as the password hash parameters of a project. */
export type FirebaseProject = {
  /** A secret: who has it and the hashes of Firebase can try passwords. It is not kept. */
  signerKey: string
  saltSeparator: string
  rounds: number
  memoryCost: number
}

/**
 * The form in which a hash exported from Firebase is kept; undefined when a part of it cannot be read. Base64 may be the
 * standard one or the one for URLs.
 */
export const firebaseHash = (
  user: { passwordHash: string; salt: string },
  project: FirebaseProject,
): string | undefined => {
  const [hash, salt, key, separator] = [
    user.passwordHash,
    user.salt,
    project.signerKey,
    project.saltSeparator,
  ].map((text) => fromBareBase64(text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')))
  if (!hash || !salt || !key || !separator || hash.length !== key.length) return undefined
  const stream = Buffer.from(hash.map((byte, index) => byte ^ (key[index] ?? 0)))
  const stored = [
    '$firebase-scrypt',
    `ln=${project.memoryCost},r=${project.rounds},p=1`,
    bare(Buffer.concat([salt, separator])),
    bare(stream),
  ].join('$')
  return firebase(stored) && stored
}

const bare = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
