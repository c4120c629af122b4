/** Everything that is worth recording, by its name in the trail. */
export const eventTypes = [
  'account.registered',
  'account.created',
  'account.updated',
  'account.deleted',
  'account.disabled',
  'account.enabled',
  'login.succeeded',
  'login.failed',
  'login.refused',
  'password.changed',
  'password.change_failed',
  'password.reset',
  'password.rehashed',
  'session.refreshed',
  'session.replayed',
  'session.reused',
  'session.ended',
  'sessions.ended',
  'key.created',
  'trail.pruned',
] as const
export type EventType = (typeof eventTypes)[number]
