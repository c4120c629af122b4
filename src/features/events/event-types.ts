/** Everything that is worth recording, by its name in the trail. */
export const eventTypes = [
  'account.registered',
  'registration.repeated',
  'account.created',
  'accounts.imported',
  'account.updated',
  'account.deleted',
  'account.disabled',
  'account.enabled',
  'login.succeeded',
  'login.failed',
  'login.refused',
  'login.locked',
  'login.surge',
  'locks.cleared',
  'login.new_device',
  'password.changed',
  'password.change_failed',
  'password.reset',
  'password.rehashed',
  'session.refreshed',
  'session.traded',
  'session.replayed',
  'session.reused',
  'session.ended',
  'sessions.ended',
  'identity.linked',
  'identity.unlinked',
  'account.claimed',
  'key.created',
  'trail.pruned',
] as const
export type EventType = (typeof eventTypes)[number]

/** Those that somebody should look at soon: logged as warnings, and told to `onAlert` besides `onEvent`. */
export const alertTypes = [
  'login.locked',
  'login.surge',
  'login.new_device',
  'session.reused',
  'account.claimed',
] as const satisfies readonly EventType[]
