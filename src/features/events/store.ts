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

/** An event with its place in a chain, which proves that neither it nor what stands before it was changed. */
export type ChainedEvent = AuthEvent & {
  /** A lane of a recorder: its id, a dot, and the number of the lane. */
  chain: string
  /** 1 for the first event of its lane, then one more for each. */
  number: number
  /** Keyed hash over the event and the one before it in its lane. */
  mac: string
}

export type EventQuery = {
  subjectId?: string | undefined
  /** Only events after this one; in the order they were recorded. */
  afterSequence?: number | undefined
  /** The newest ones, newest first. */
  newestFirst?: boolean | undefined
  limit: number
}

/**
 * An event as it stands in the trail. Sequence numbers grow in the order of recording. Events that an earlier version
 * recorded stand in no chain.
 */
export type RecordedEvent = AuthEvent & {
  sequence: number
  chain: string | null
  number: number | null
  mac: string | null
}

export type EventStore = {
  /** Called inside the transaction of the change it records. */
  append(event: ChainedEvent): Promise<void>
  list(query: EventQuery): Promise<RecordedEvent[]>
  /** Removes these, at most 1,000; for pruning only. */
  remove(sequences: readonly number[]): Promise<void>
}

/** A process that records events, as the trail knows it. All that ever recorded stand in one chain, too. */
export type Recorder = {
  id: string
  /** 1 for the first recorder of this store, then one more for each. */
  number: number
  startedAt: Date
  /** Whether nothing had been recorded yet: then every event of the trail stands in a chain. */
  isTrailEmpty: boolean
  /** Keyed hash over the members above and the recorder before. */
  mac: string
  /** How far each of its lanes had come at least; signed. */
  checkpoint: string
  checkpointNumber: number
  /** Where its lanes begin, since what stood before was pruned; signed. Empty until then. */
  bases: string
  basesNumber: number
}

export type RecorderStore = {
  /** Adds the recorder if its number is free: of callers with the same number exactly one is told true. */
  append(recorder: Recorder): Promise<boolean>
  /** The one with the highest number. */
  last(): Promise<Recorder | undefined>
  /** In the order of their numbers. */
  list(query: { afterNumber: number; limit: number }): Promise<Recorder[]>
  /** Replaces an older checkpoint, never a newer one. False when nothing was replaced. */
  writeCheckpoint(id: string, checkpointNumber: number, checkpoint: string): Promise<boolean>
  /** Replaces the bases before these: of callers with the same number exactly one is told true. */
  writeBases(id: string, basesNumber: number, bases: string): Promise<boolean>
}
