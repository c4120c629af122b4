import { type FirebaseProject, firebaseHash } from '../../passwords/kinds/firebase.js'
import { recogniseHash, saysNoPassword } from '../../passwords/stored-hash.js'
import { guessWeakHash, type WeakHash } from '../../passwords/weak-hashes.js'

/** What is to be done with what is no hash that can be checked as it is. */
export type PasswordRules = {
  /** Accounts come in without a password rather than not at all. */
  withoutPassword: boolean
  /** Weak digests of this kind are wrapped. */
  wrap: Pick<WeakHash, 'digest' | 'order'> | undefined
  /** What is no hash is the password itself, and is hashed. */
  plaintext: boolean
  /** Hash and salt are those of this project. */
  firebase?: FirebaseProject | undefined
}

/** A hash to keep, or what one has to be made of first. */
export type ReadPassword = { hash: string | null; weak?: WeakHash; plain?: string }

/** As many as the column of a database holds. */
const longestHash = 255

const longestPassword = 4096

/** The reason says what kind of thing stands there, and never the thing. */
export const readPassword = (
  stored: string | undefined,
  salt: string | undefined,
  rules: PasswordRules,
): ReadPassword | { reason: string } => {
  if (stored === undefined || saysNoPassword(stored)) return { hash: null }
  const ofFirebase =
    rules.firebase && salt && firebaseHash({ passwordHash: stored, salt }, rules.firebase)
  if (ofFirebase) return { hash: ofFirebase }
  const known = recogniseHash(stored)
  if (known !== undefined && !known.isAbsurd && stored.length <= longestHash)
    return { hash: stored }
  const made = known === undefined ? madeOf(stored, salt, rules) : undefined
  if (made !== undefined) return made
  return rules.withoutPassword ? { hash: null } : { reason: reasonFor(stored, known) }
}

const madeOf = (
  stored: string,
  salt: string | undefined,
  { wrap, plaintext }: PasswordRules,
): ReadPassword | undefined => {
  const guess = guessWeakHash(stored)
  if (wrap !== undefined && guess?.digest === wrap.digest) {
    const own =
      guess.order === 'password' ? { ...wrap, hex: guess.hex, ...(salt && { salt }) } : guess
    const needsSalt = own.order !== 'password'
    return needsSalt === (own.salt !== undefined) ? { hash: null, weak: own } : undefined
  }
  return plaintext && stored.length <= longestPassword ? { hash: null, plain: stored } : undefined
}

const reasonFor = (stored: string, known: ReturnType<typeof recogniseHash>): string => {
  if (known?.isAbsurd) return `too_costly_hash: ${known.kind}`
  if (known !== undefined) return `too_long_hash: ${known.kind}`
  const guess = guessWeakHash(stored)
  return guess === undefined ? 'unknown_hash' : `weak_hash: ${guess.digest}`
}
