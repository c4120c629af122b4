import { randomBytes } from 'node:crypto'
import type { HashJob } from './hash-job.js'

/** How new passwords are hashed. Old hashes with less are rewritten at the next login. */
export type HashSettings = Argon2Settings | BcryptSettings
export type Argon2Settings = {
  algorithm: 'argon2id'
  memoryKib: number
  passes: number
  parallelism: number
}
export type BcryptSettings = { algorithm: 'bcrypt'; cost: number }

/** The part of the options that counts for the algorithm that was chosen. */
export const hashSettingsOf = ({
  hash,
  cost,
  ...argon2
}: {
  hash: HashSettings['algorithm']
} & Omit<Argon2Settings, 'algorithm'> &
  Omit<BcryptSettings, 'algorithm'>): HashSettings => {
  if (hash === 'bcrypt') return { algorithm: hash, cost }
  const { memoryKib, passes, parallelism } = argon2
  return { algorithm: hash, memoryKib, passes, parallelism }
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

/** Checks a password against a hash of one of the two forms that we write ourselves. */
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
