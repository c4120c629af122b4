import type { LegacyTokenStore } from '../features/sessions/store.js'
import { mongoLegacyTokens } from '../stores/mongo/legacy-tokens.js'
import { redisLegacyTokens } from '../stores/redis/legacy-tokens.js'
import { sqlLegacyTokens } from '../stores/sql/legacy-tokens.js'
import type { AuthSettings, ServerSettings } from './env.js'

type Settings = Pick<ServerSettings, 'auth' | 'databaseUrl' | 'redisUrl' | 'legacyDatabaseUrl'>

/** The old service knew no other place. */
const redisOfBefore = 'redis://localhost:6379'

/** The settings of createAuth, with the place where the service of before kept its refresh tokens. Nobody is asked yet. */
export const withLegacyTokens = (settings: Settings): AuthSettings => {
  const { auth } = settings
  const { legacy } = auth
  if (legacy === undefined) return auth
  const tokens = places[legacy.profile ?? auth.profile ?? 'native']?.(settings)
  return { ...auth, legacy: { ...legacy, ...(tokens && { tokens }) } }
}

const places: Readonly<Record<string, (settings: Settings) => LegacyTokenStore>> = {
  cookie: ({ legacyDatabaseUrl, redisUrl }) =>
    redisLegacyTokens(legacyDatabaseUrl ?? redisUrl ?? redisOfBefore),
  flat: ({ legacyDatabaseUrl, databaseUrl }) => mongoLegacyTokens(legacyDatabaseUrl ?? databaseUrl),
  envelope: ({ legacyDatabaseUrl, databaseUrl }) =>
    sqlLegacyTokens(legacyDatabaseUrl ?? databaseUrl),
}
