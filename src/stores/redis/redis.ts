import { AuthError } from '../../errors.js'
import type { RateCounters } from '../../features/limits/store.js'
import type { SessionStore } from '../../features/sessions/store.js'
import { systemClock } from '../../lib/clock.js'
import { createId } from '../../lib/id.js'
import { storeLine } from '../admission.js'
import type { Annex, Place, Upkeep } from '../store.js'
import { bounded, openConnection, type RedisClient } from './connection.js'
import { redisCounters } from './counters.js'
import { examine, named, refusal } from './fitness.js'
import { redisSessions } from './sessions.js'

export type { RedisClient } from './connection.js'
export { redisLegacyTokens } from './legacy-tokens.js'
export { type RedisLimits, redisLimits } from './limits.js'

export type RedisOptions = {
  /** What all our keys begin with, when others keep theirs in the same database. Default: 'latchkey:'. */
  prefix?: string
  /** Whether a server may be used that loses sessions when it is restarted or full. It is said at every start. */
  allowVolatile?: boolean
  /** So many commands may wait for their answers before callers are told to come again. Default 1000 */
  queue?: number
}

/** Sessions, the rate limits of all instances, and what belongs to the server that keeps them. */
export type RedisPorts = Annex &
  Upkeep & { sessions: SessionStore; counters: RateCounters; places: readonly Place[] }

/**
 * Sessions in Redis, and the rate limits of all instances, for `withPorts`: the rest stays in the store they are put into.
 * Redis 6 or later, a single server with `appendonly yes` and `maxmemory-policy noeviction`; anything else is refused by
 * `migrate`.
 *
 * @param urlOrClient redis://user:password@host:6379/0, rediss:// for TLS (`?tls_ca=` and a path for an authority of your
 *   own), unix:///path; or a client of ioredis, which you close yourself
 * @throws ConfigurationError when the URL cannot be used or the driver is missing
 * @example withPorts(sqlStore(url), redisPorts('redis://localhost:6379'))
 */
export const redisPorts = (
  urlOrClient: string | RedisClient,
  { prefix = 'latchkey:', allowVolatile = false, queue }: RedisOptions = {},
): RedisPorts => {
  const connection = openConnection(urlOrClient)
  const line = storeLine('redis', queue)
  const door = bounded(connection, line)
  const sessions = redisSessions(door, prefix)
  const counters = redisCounters(door, prefix)
  const ping = async (): Promise<void> => {
    await connection.call('PING')
  }

  const now = async (): Promise<Date> => {
    const answer = await connection.call('TIME')
    const [seconds, microseconds] = Array.isArray(answer) ? answer.map(Number) : []
    return new Date((seconds ?? Number.NaN) * 1000 + (microseconds ?? 0) / 1000)
  }

  const concerns = async () => {
    const found = await examine(connection)
    const refused = allowVolatile ? undefined : refusal(found)
    if (refused !== undefined) throw refused
    return found
  }

  return {
    sessions,
    counters,
    lines: [line],
    places: [{ name: 'redis', ping, now }],
    /** There is no schema. What is looked at is whether the server is fit, and lets us do what we must. */
    migrate: async () => {
      await concerns()
      await named(() => rehearse({ sessions, counters })).catch(unlessUnavailable)
      return []
    },
    pendingMigrations: async () => [],
    migrationScript: async () => '',
    concerns,
    close: connection.close,
  }
}

const unlessUnavailable = (error: unknown): void => {
  if (!(error instanceof AuthError)) throw error
}

/**
 * The whole life of a session that nobody holds, and one count: a right that is missing shows now and not at night. What Redis cannot do
 * at this moment, the verbs will say when they are asked.
 */
const rehearse = async ({
  sessions,
  counters,
}: Pick<RedisPorts, 'sessions' | 'counters'>): Promise<void> => {
  const now = systemClock()
  const [id, userId] = [createId(now), createId(now)]
  await sessions.insert({
    ...{
      id,
      userId,
      nonce: '',
      generation: 0,
      method: 'rehearsal',
      address: null,
      userAgent: null,
    },
    ...{ createdAt: now, lastUsedAt: now, expiresAt: now, revokedAt: null },
  })
  await sessions.find(id)
  await sessions.listLive({ userId, now, limit: 1 })
  await sessions.rotate({ id, generation: 0, now, expiresAt: now })
  await sessions.revokeBeyond({ userId, newestId: id, keep: 1, now })
  await sessions.revoke(id, now)
  await sessions.revokeAll(userId, now)
  await sessions.removeAll(userId)
  await counters.hit('rehearsal', 0) // a window of no length leaves nothing behind
}
