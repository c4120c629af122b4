import { randomBytes } from 'node:crypto'
import type { HashJob } from './hash-job.js'

/** How new passwords are hashed. Old hashes with less are rewritten at the next login. */
export type HashSettings =
  | { algorithm: 'argon2id'; memoryKib: number; passes: number; parallelism: number }
  | { algorithm: 'bcrypt'; cost: number }

/** What a stored hash says about itself (PHC string format, or the modular crypt format of bcrypt). */
export type StoredHash =
  | {
      algorithm: 'argon2id' | 'argon2i' | 'argon2d'
      memoryKib: number
      passes: number
      parallelism: number
    }
  | { algorithm: 'bcrypt'; cost: number }

/** Reads the parameters of a stored hash; undefined when it is of no kind we verify or costs too much to try. */
export const parseHash = (stored: string): StoredHash | undefined => {
  const parsed = parseArgon2(stored) ?? parseBcrypt(stored)
  return parsed === undefined || isAbsurd(parsed) ? undefined : parsed
}

const parseArgon2 = (stored: string): StoredHash | undefined => {
  const [, name, memory, passes, lanes] =
    /^\$(argon2(?:id|i|d))\$v=19\$m=(\d{1,9}),t=(\d{1,5}),p=(\d{1,3})\$[\w+/-]{11,88}\$[\w+/-]{16,172}$/.exec(
      stored,
    ) ?? []
  if (name !== 'argon2id' && name !== 'argon2i' && name !== 'argon2d') return undefined
  return {
    algorithm: name,
    memoryKib: Number(memory),
    passes: Number(passes),
    parallelism: Number(lanes),
  }
}

const parseBcrypt = (stored: string): StoredHash | undefined => {
  const [, cost] = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(stored) ?? []
  return cost === undefined ? undefined : { algorithm: 'bcrypt', cost: Number(cost) }
}

/** A planted hash must not be able to hold a core or the memory for long. */
const isAbsurd = (hash: StoredHash): boolean =>
  hash.algorithm === 'bcrypt'
    ? hash.cost > 15
    : hash.memoryKib > 262_144 || hash.passes > 16 || hash.parallelism > 16

/** True when the stored hash is of another kind or weaker than new ones. */
export const isOutdated = (stored: string, settings: HashSettings): boolean => {
  const hash = parseHash(stored)
  if (hash === undefined) return true
  if (hash.algorithm === 'bcrypt') {
    return settings.algorithm !== 'bcrypt' || hash.cost < settings.cost
  }
  return (
    hash.algorithm !== settings.algorithm ||
    hash.memoryKib < settings.memoryKib ||
    hash.passes < settings.passes ||
    hash.parallelism < settings.parallelism
  )
}

export const hashJob = (password: string, settings: HashSettings): HashJob =>
  settings.algorithm === 'bcrypt'
    ? { kind: 'bcrypt-hash', password, cost: settings.cost }
    : {
        kind: 'argon2-hash',
        password,
        options: {
          algorithm: 2, // Algorithm.Argon2id of the library, a const enum
          memoryCost: settings.memoryKib,
          timeCost: settings.passes,
          parallelism: settings.parallelism,
        },
      }

export const verifyJob = (password: string, stored: string): HashJob => ({
  kind: stored.startsWith('$2') ? 'bcrypt-verify' : 'argon2-verify',
  password,
  hash: stored,
})

/** A well-formed hash that no password fits, as costly to check as a fresh one: it stands in for unknown users. */
export const decoyHash = (settings: HashSettings): string => {
  if (settings.algorithm === 'bcrypt') {
    const digits = randomBytes(39).toString('base64').replaceAll('+', '.')
    return `$2b$${String(settings.cost).padStart(2, '0')}$${digits.slice(0, 21)}O${digits.slice(21, 51)}O`
  }
  const { memoryKib, passes, parallelism } = settings
  const part = (bytes: number): string => randomBytes(bytes).toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${part(16)}$${part(32)}`
}
