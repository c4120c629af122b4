import type { ColumnType } from 'kysely'

/** Tables as the databases keep them: instants as milliseconds since 1970, truth as 0 and 1, lists as JSON text. */
export type UserRow = {
  id: string
  email: string | null
  canonical_email: string | null
  username: string | null
  canonical_username: string | null
  first_name: string | null
  last_name: string | null
  email_verified: number
  is_active: number
  roles: string
  password_hash: string | null
  created_at: number
  updated_at: number
  last_login_at: number | null
}

export type SessionRow = {
  id: string
  user_id: string
  nonce: string
  generation: number
  created_at: number
  last_used_at: number
  expires_at: number
  revoked_at: number | null
  address: string | null
  user_agent: string | null
  method: string
}

export type KeyRow = {
  id: string
  sequence: number
  algorithm: string
  public_jwk: string
  sealed_private_key: string
  created_at: number
  activates_at: number
}

export type EventRow = {
  sequence: ColumnType<number, never, never>
  id: string
  type: string
  at: number
  outcome: string
  actor_id: string | null
  subject_id: string | null
  session_id: string | null
  address: string | null
  user_agent: string | null
  request_id: string | null
  details: string
  chain: string | null
  number: number | null
  mac: string | null
}

export type RecorderRow = {
  id: string
  number: number
  started_at: number
  is_trail_empty: number
  mac: string
  checkpoint: string
  checkpoint_number: number
  bases: string
  bases_number: number
}

export type AttemptsRow = {
  id: string
  subject_id: string | null
  address: string | null
  failures: number
  last_at: number
  /** 0 when nothing is blocked. */
  blocked_until: number
}

export type IdentityRow = {
  id: string
  user_id: string
  provider: string
  subject: string
  email: string | null
  first_name: string | null
  last_name: string | null
  picture: string | null
  sealed_tokens: string | null
  created_at: number
  last_used_at: number
}

export type SpentRow = { id: string; expires_at: number }

export type NumberRow = { id: string; last: number }

export type Schema = {
  latchkey_users: UserRow
  latchkey_sessions: SessionRow
  latchkey_keys: KeyRow
  latchkey_events: EventRow
  latchkey_attempts: AttemptsRow
  latchkey_recorders: RecorderRow
  latchkey_numbers: NumberRow
  latchkey_identities: IdentityRow
  latchkey_spent: SpentRow
  latchkey_migrations: { number: number; name: string; applied_at: number }
}
