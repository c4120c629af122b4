import type { User } from '../../features/accounts/store.js'
import type { RecordedEvent, Recorder } from '../../features/events/store.js'
import type { AttemptRow } from '../../features/limits/store.js'
import type { Identity } from '../../features/oauth/store.js'
import type { Session } from '../../features/sessions/store.js'
import type { SigningKey } from '../../features/tokens/store.js'

/** Records as they are kept: the same fields, the id under the name MongoDB gives it. */
export type DocumentOf<RecordType extends { id: string }> = Omit<RecordType, 'id'> & {
  _id: string
}

/** `touched` counts what is done to a document without changing it, so that two who do so at once meet. */
export type Documents = {
  users: DocumentOf<User> & { touched?: number }
  sessions: DocumentOf<Session>
  keys: DocumentOf<SigningKey>
  events: DocumentOf<RecordedEvent>
  recorders: DocumentOf<Recorder>
  counters: { _id: string; last: number }
  attempts: Omit<AttemptRow, 'key'> & { _id: string }

  identities: DocumentOf<Identity> & { touched?: number }
  spent: { _id: string; expiresAt: Date }
}

export const collectionNames = {
  users: 'latchkey_users',
  sessions: 'latchkey_sessions',
  keys: 'latchkey_keys',
  events: 'latchkey_events',
  recorders: 'latchkey_recorders',
  counters: 'latchkey_counters',
  attempts: 'latchkey_attempts',
  identities: 'latchkey_identities',
  spent: 'latchkey_spent',
} as const satisfies Record<keyof Documents, string>

export const toDocument = <RecordType extends { id: string }>({
  id,
  ...rest
}: RecordType): DocumentOf<RecordType> => ({ _id: id, ...rest })

/**
 * Exactly this value, whatever it is. `$eq`, so that a value is never read as an operator; and a null that was written,
 * because in MongoDB `{ field: null }` is true of documents that lack the field too.
 */
export const is = <Value extends string | number | boolean | Date>(
  value: Value | null,
): { $eq: Value } | { $type: 'null' } => (value === null ? { $type: 'null' } : { $eq: value })
