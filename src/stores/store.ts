import type { UserStore } from '../features/accounts/store.js'
import type { EventStore } from '../features/events/store.js'
import type { SessionStore } from '../features/sessions/store.js'
import type { KeyStore } from '../features/tokens/store.js'

/** What latchkey keeps, one small port for each room that keeps something. */
export type Ports = {
  users: UserStore
  sessions: SessionStore
  keys: KeyStore
  events: EventStore
}

/** A place to keep things. Every verb throws `store_unavailable` when the place cannot be reached or written. */
export type Store = Ports & {
  /** For people: 'sqlite', 'memory'. */
  name: string
  /**
   * Runs the work; its changes all happen or none does. Whatever the work throws undoes it and is thrown on. Only store
   * verbs of the given ports may be awaited inside: others wait until it ends.
   */
  transaction<Result>(work: (ports: Ports) => Promise<Result>): Promise<Result>
  /** Brings the schema up to date. Of callers at the same time one does it and the others wait. Returns what was done. */
  migrate(): Promise<string[]>
  /** Names of migrations that still have to run. */
  pendingMigrations(): Promise<string[]>
  /** Resolves when the store answers. */
  ping(): Promise<void>
  close(): Promise<void>
  /** The secret of a store that lives on one machine, kept beside it, made at first use. */
  localSecret?(): string
}
