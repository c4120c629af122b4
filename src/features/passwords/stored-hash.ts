import type { HashSettings } from './algorithms.js'
import { argon2 } from './kinds/argon2.js'
import { bcrypt } from './kinds/bcrypt.js'
import { firebase } from './kinds/firebase.js'
import type { HashKind, StoredHash } from './kinds/kind.js'
import { pbkdf2 } from './kinds/pbkdf2.js'
import { scrypt } from './kinds/scrypt.js'
import { shaCrypt } from './kinds/sha-crypt.js'
import { wrapped } from './kinds/wrapped.js'

/** Every kind of hash that is verified as it came. No two of them read the same text. */
const kinds: readonly HashKind[] = [argon2, bcrypt, scrypt, pbkdf2, shaCrypt, firebase, wrapped]

/** Reads a stored hash; undefined when it is of no kind that can be verified. */
export const readHash = (stored: string): StoredHash | undefined => {
  for (const read of kinds) {
    const hash = read(stored)
    if (hash !== undefined) return hash
  }
  return undefined
}

/**
 * What made a stored hash, in a word for people ("bcrypt", "Django PBKDF2"), and whether checking it costs so much that it
 * is never tried. Undefined when it is of no kind that can be verified.
 */
export const recogniseHash = (stored: string): { kind: string; isAbsurd: boolean } | undefined => {
  const hash = readHash(stored)
  return hash && { kind: hash.kind, isAbsurd: hash.isAbsurd }
}

/** Marks of other systems for an account that nobody enters by password: empty, Django's `!…`, the `*` of shadow files. */
export const saysNoPassword = (stored: string): boolean => /^(?:$|!|\*)/.test(stored)

/** True when the stored hash is of another kind or weaker than new ones. */
export const isOutdated = (stored: string, settings: HashSettings): boolean => {
  const old = readHash(stored)?.settings
  if (old?.algorithm === 'argon2id' && settings.algorithm === 'argon2id') {
    return (
      old.memoryKib < settings.memoryKib ||
      old.passes < settings.passes ||
      old.parallelism < settings.parallelism
    )
  }
  if (old?.algorithm === 'bcrypt' && settings.algorithm === 'bcrypt') {
    return old.cost < settings.cost
  }
  return true
}
