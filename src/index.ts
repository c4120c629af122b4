export { type Auth, createAuth } from './auth.js'
export {
  AuthError,
  type CatalogueEntry,
  ConfigurationError,
  catalogue,
  type ErrorCode,
  type FieldError,
  type Mistake,
} from './errors.js'
export type { NewAccount, ProfileEdit } from './features/accounts/account-input.js'
export type { ProfileChange, User, UserStore } from './features/accounts/store.js'
export { type HostUser, type PlaintextHostUser, usersFrom } from './features/accounts/users-from.js'
export { alertTypes, type EventType, eventTypes } from './features/events/event-types.js'
export type { EventListener } from './features/events/events.js'
export type { Finding } from './features/events/findings.js'
export type {
  AuthEvent,
  ChainedEvent,
  EventQuery,
  EventStore,
  RecordedEvent,
  Recorder,
  RecorderStore,
} from './features/events/store.js'
export type { Pruning } from './features/events/trail.js'
export type { TrailReport, VerifyOptions } from './features/events/verify.js'
export type {
  AttemptRow,
  AttemptStore,
  Count,
  RateCounters,
  Reservation,
  Tally,
  Try,
} from './features/limits/store.js'
export type { Credentials } from './features/login/login.js'
export type {
  Ask,
  Person,
  Provider,
  ProviderClient,
} from './features/oauth/providers/provider.js'
export type { Grant, Profile } from './features/sessions/grant.js'
export type { SignedIn } from './features/sessions/live-sessions.js'
export type { SignOutScope, SignOutTokens } from './features/sessions/sign-out.js'
export type {
  LegacyToken,
  LegacyTokenStore,
  Rotation,
  Session,
  SessionStore,
} from './features/sessions/store.js'
export type { KeyStore, SigningKey } from './features/tokens/store.js'
export type { Caller } from './lib/caller.js'
export type { Clock } from './lib/clock.js'
export type { Log } from './lib/log.js'
export type { AuthOptions, LoginProvider, Options } from './options.js'
export type { Ports, Store } from './stores/store.js'
export { withPorts } from './stores/with-ports.js'
