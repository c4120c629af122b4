import type { LegacyTokenStore } from '../../features/sessions/store.js'
import { loadDriver } from '../driver.js'
import { createConnection } from './access.js'
import { is } from './documents.js'
import { openClient } from './driver.js'

type Module = Pick<typeof import('mongodb'), 'ObjectId'>

/**
 * Refresh tokens of a service that kept them in an array of each user: `users.refresh_tokens`. They are signed and say whose
 * they are; here is looked up whether that user still has them. Nothing connects before the first token comes.
 *
 * @param url as for `mongoStore`
 * @throws ConfigurationError when the URL cannot be used or the driver is not installed
 * @example createAuth({ …, legacy: { until: '2026-12-31', profile: 'flat', tokens: mongoLegacyTokens(url) } })
 */
export const mongoLegacyTokens = (url: string): LegacyTokenStore => {
  const { ObjectId } = loadDriver<Module>('mongodb')
  const { direct, line, close } = createConnection(() => openClient(url))
  return {
    find: async (token, { claimedUserId = '' }) => {
      if (!/^[0-9a-f]{24}$/.test(claimedUserId)) return undefined
      const theirs = { _id: { $eq: new ObjectId(claimedUserId) }, refresh_tokens: is(token) }
      const found = await direct.run((_, { maxTimeMS }) =>
        line()
          .db.collection('users')
          .findOne(theirs, { maxTimeMS, projection: { _id: 1 } }),
      )
      return found === null ? undefined : { userId: claimedUserId, expiresAt: undefined }
    },
    close,
  }
}
