export type ScryptCost = { rounds: number; blockSize: number; parallelism: number }

/** What a hash worker is asked, and what it answers. */
export type HashJob =
  | {
      kind: 'argon2-hash'
      password: string
      options: { algorithm: number; memoryCost: number; timeCost: number; parallelism: number }
    }
  | { kind: 'argon2-verify'; password: string; hash: string }
  | { kind: 'bcrypt-hash'; password: string; cost: number }
  | { kind: 'bcrypt-verify'; password: string; hash: string }
  | {
      kind: 'scrypt-verify' | 'firebase-verify'
      password: string
      salt: Uint8Array
      cost: ScryptCost
      expected: Uint8Array
    }
  | {
      kind: 'pbkdf2-verify'
      password: string
      digest: 'sha1' | 'sha256' | 'sha512'
      salt: Uint8Array
      iterations: number
      expected: Uint8Array
    }
  | ShaCryptJob

export type ShaCryptJob = {
  kind: 'sha-crypt-verify'
  password: string
  digest: 'sha256' | 'sha512'
  salt: string
  rounds: number
  expected: string
}

export type HashReply = { result: string | boolean } | { failed: true }
