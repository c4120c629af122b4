import { localSecret } from '../stores/local-secret.js'
import { memoryStore } from '../stores/memory/memory.js'
import { isMongoUrl } from '../stores/mongo/driver.js'
import { mongoStore } from '../stores/mongo/mongo.js'
import { redisLimits, redisPorts } from '../stores/redis/redis.js'
import { sqlStore } from '../stores/sql/sql.js'
import { sqliteFile } from '../stores/sql/sqlite/files.js'
import type { Store } from '../stores/store.js'
import { withPorts } from '../stores/with-ports.js'
import type { ServerSettings } from './env.js'
import { keyFileOfServers } from './root-secret-file.js'

type DatabaseSettings = Pick<ServerSettings, 'databaseUrl' | 'environment'>
type RedisSettings = Pick<ServerSettings, 'sessionStore' | 'redisUrl' | 'redisAllowVolatile'>

/** The store that the settings name. A server is not asked for anything yet. @throws ConfigurationError */
export const openStore = (settings: DatabaseSettings & Partial<RedisSettings>): Store => {
  const { sessionStore, redisUrl = '', redisAllowVolatile = false } = settings
  if (sessionStore !== 'redis' && redisUrl === '') return openDatabase(settings)
  const annex =
    sessionStore === 'redis'
      ? redisPorts(redisUrl, { allowVolatile: redisAllowVolatile })
      : redisLimits(redisUrl)
  return withPorts(openDatabase(settings), annex)
}

const openDatabase = ({ databaseUrl, environment }: DatabaseSettings): Store => {
  if (databaseUrl === 'memory') return memoryStore()
  const store = isMongoUrl(databaseUrl) ? mongoStore(databaseUrl) : sqlStore(databaseUrl)
  if (sqliteFile(databaseUrl) !== undefined || environment === 'production') return store
  return { ...store, localSecret: () => localSecret(keyFileOfServers) }
}
