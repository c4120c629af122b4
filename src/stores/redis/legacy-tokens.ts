import type { LegacyTokenStore } from '../../features/sessions/store.js'
import { openConnection, type RedisClient } from './connection.js'

/**
 * Refresh tokens of a service that kept each under `refresh:<token>`, with the id of its user as the value, for as long as it
 * was good. GET and PTTL are all that is asked for; nothing connects before the first token comes.
 *
 * @param urlOrClient as for `redisPorts`
 * @throws ConfigurationError when the URL cannot be used or the driver is missing
 * @example createAuth({ …, legacy: { until: '2026-12-31', profile: 'cookie', tokens: redisLegacyTokens(url) } })
 */
export const redisLegacyTokens = (urlOrClient: string | RedisClient): LegacyTokenStore => {
  const { call, close } = openConnection(urlOrClient)
  return {
    find: async (token, { now }) => {
      const key = `refresh:${token}`
      const userId = await call('GET', key)
      if (typeof userId !== 'string' || userId === '') return undefined
      const left = Number(await call('PTTL', key))
      // one that never ends was not made by that service, and would outlive whatever is noted of it
      return left > 0 ? { userId, expiresAt: new Date(now.getTime() + left) } : undefined
    },
    close,
  }
}
