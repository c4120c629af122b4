import type { User, UserStore } from '../features/accounts/store.js'
import type { EventStore, RecorderStore } from '../features/events/store.js'
import type { AttemptStore, RateCounters } from '../features/limits/store.js'
import type { IdentityStore, SpentStore } from '../features/oauth/store.js'
import type { Session, SessionStore } from '../features/sessions/store.js'
import type { KeyStore } from '../features/tokens/store.js'
import type { Peers } from '../lib/peers.js'
import type { WaitingLine } from '../lib/waiting-line.js'

/** What latchkey keeps, in small ports. */
export type Ports = {
  users: UserStore
  sessions: SessionStore
  keys: KeyStore
  events: EventStore
  attempts: AttemptStore
  recorders: RecorderStore
  identities: IdentityStore
  spent: SpentStore
}

/** A server or a file that must answer, or requests cannot be served. */
export type Place = {
  /** For people and for /health: 'sqlite', 'redis'. */
  name: string
  /** true where requests are served without it too: /health tells of it, and stays healthy. */
  isOptional?: boolean
  /** Resolves when it answers. @throws AuthError `store_unavailable` within 5 s when it does not */
  ping(): Promise<void>
  /** What its clock says; absent where it has none of its own. @throws AuthError `store_unavailable` */
  now?(): Promise<Date>
}

/** Something about a place that works, but not as well as it could, and what to do. Sentences for the operator. */
export type Concern = {
  concern: string
  remedy: string
  /** Somebody may be harmed, and not only kept waiting. */
  isGrave?: boolean
}

/** What belongs to a place, whichever ports are kept there. */
export type Upkeep = {
  /**
   * Brings the schema up to date. Of callers at the same time one does it and the others wait. Returns what was done.
   *
   * @throws ConfigurationError when the place is not fit to keep what it is given
   */
  migrate(): Promise<string[]>
  /** Names of migrations that still have to run. */
  pendingMigrations(): Promise<string[]>
  /** What the migrations would do, in the words of the database, for people who run them by hand. Changes nothing. */
  migrationScript(): Promise<string>
  /** What the operator should know; asked once, after `migrate`. */
  concerns(): Promise<Concern[]>
  /** Whether we have the rights that migrations need, where that can be asked. */
  mayMigrate?(): Promise<boolean>
  close(): Promise<void>
}

/** A place to keep things. Every verb throws `store_unavailable` when the place cannot be reached or written. */
export type Store = Ports &
  Upkeep & {
    /** For people: 'sqlite', 'memory'. */
    name: string
    /** All that must answer. */
    places: readonly Place[]
    /**
     * Runs the work; its changes all happen or none does. Whatever the work throws undoes it and is thrown on. Only store
     * verbs of the given ports may be awaited inside: others wait until it ends. A store may run the work again when
     * another one was in its way, so it must begin afresh each time.
     */
    transaction<Result>(work: (ports: Ports) => Promise<Result>): Promise<Result>
    /** A session and its user in one round trip. The user is undefined when the account is gone. */
    findSessionAndUser(sessionId: string): Promise<SessionAndUser | undefined>
    /** The secret of a store that lives on one machine, kept beside it, made at first use. */
    localSecret?(): string
    /** Rate limits of all instances together. Without them each instance counts for itself. */
    counters?: RateCounters
    /** The other processes of this machine, where they serve together. */
    peers?: Peers
    /** Where callers wait for this store: for a connection, for the one who may write. */
    lines?: readonly WaitingLine[]
  }

export type SessionAndUser = { session: Session; user: User | undefined }

/** Ports that keep their things in another place than the store they are put into, and what belongs to that place. */
export type Annex = Partial<Ports> &
  Partial<Upkeep> &
  Pick<Store, 'counters' | 'peers' | 'lines'> & { places?: readonly Place[] }
