import type { EventType } from './event-types.js'

export type AuthEvent = {
  id: string
  type: EventType
  at: Date
  outcome: 'success' | 'failure'
  /** Who did it: a user's id, or a name such as 'cli' or 'server'; null when nobody is known. */
  actorId: string | null
  /** Whose account it is about. */
  subjectId: string | null
  sessionId: string | null
  address: string | null
  userAgent: string | null
  requestId: string | null
  /** Small facts for people. Never a secret, never an e-mail address. */
  details: Readonly<Record<string, string | number | boolean>>
}

export type EventQuery = {
  subjectId?: string | undefined
  /** Only events after this one; in the order they were recorded. */
  afterSequence?: number | undefined
  limit: number
}

/** An event as it stands in the trail. Sequence numbers grow in the order of recording. */
export type RecordedEvent = AuthEvent & { sequence: number }

export type EventStore = {
  /** Called inside the transaction of the change it records. */
  append(event: AuthEvent): Promise<void>
  list(query: EventQuery): Promise<RecordedEvent[]>
}
