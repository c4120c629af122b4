import { AuthError } from '../../errors.js'
import type { RateCounters } from '../../features/limits/store.js'
import { within } from '../../lib/within.js'
import { storeLine } from '../admission.js'
import type { Annex, Concern } from '../store.js'
import { bounded, openConnection, type RedisClient } from './connection.js'
import { redisCounters } from './counters.js'
import { isNobodyThere } from './faults.js'
import { examine, named } from './fitness.js'

/** Rate limits that all instances share, and what belongs to the server that keeps them. */
export type RedisLimits = Required<
  Pick<Annex, 'lines' | 'places' | 'migrate' | 'concerns' | 'close'>
> & {
  counters: RateCounters
}

/**
 * Rate limits in Redis, for `withPorts`: all instances count together. While Redis is away each counts alone, at half of
 * each limit, and everything else goes on. Any Redis from 6 on will do, also one that forgets. `redisPorts` has them too.
 *
 * @param urlOrClient as for `redisPorts`
 * @throws ConfigurationError when the URL cannot be used or the driver is missing
 * @example withPorts(sqlStore(url), redisLimits('redis://localhost:6379'))
 */
export const redisLimits = (
  urlOrClient: string | RedisClient,
  { prefix = 'latchkey:', queue }: { prefix?: string; queue?: number } = {},
): RedisLimits => {
  const connection = openConnection(urlOrClient)
  const line = storeLine('redis', queue)
  const counters = redisCounters(bounded(connection, line), prefix)

  /** A look at it must not keep /health waiting longer than whoever asks for that. */
  const ping = async (): Promise<void> => {
    await within(patienceMilliseconds, connection.call('PING')).catch((cause: unknown) => {
      throw cause instanceof AuthError ? cause : new AuthError('store_unavailable', { cause })
    })
  }

  const rehearse = async (): Promise<void> => {
    await examine(connection)
    await counters.hit('rehearsal', 0) // a window of no length leaves nothing behind
  }

  return {
    counters,
    lines: [line],
    places: [{ name: 'redis', ping, isOptional: true }],
    /** What waiting will not mend is refused; a server that is away for now is not, for it is not needed. */
    migrate: async () => {
      // where containers are, the name of one that is down leads nowhere
      const isGone = await connection.call('PING').then(() => false, isNobodyThere)
      if (!isGone) await named(rehearse).catch(unlessUnavailable)
      return []
    },
    concerns: () =>
      ping().then(
        () => [],
        () => [away],
      ),
    close: connection.close,
  }
}

const patienceMilliseconds = 500

const unlessUnavailable = (error: unknown): void => {
  if (!(error instanceof AuthError)) throw error
}

const away: Concern = {
  concern:
    'Redis does not answer: until it does, each instance counts its rate limits alone, at half of each',
  remedy: 'Check that it runs, and REDIS_URL',
}
