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

export type HashReply = { result: string | boolean } | { failed: true }
