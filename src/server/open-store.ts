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
type QueueSettings = { databaseQueue?: number }
type RedisSettings = Pick<ServerSettings, 'sessionStore' | 'redisUrl' | 'redisAllowVolatile'>

/** The store that the settings name. A server is not asked for anything yet. @throws ConfigurationError */
export const openStore = (
  settings: DatabaseSettings & QueueSettings & Partial<RedisSettings>,
): Store => {
  const { sessionStore, redisUrl = '', redisAllowVolatile = false } = settings
  const queue = queueOf(settings)
  if (sessionStore !== 'redis' && redisUrl === '') return openDatabase(settings)
  const annex =
    sessionStore === 'redis'
      ? redisPorts(redisUrl, { allowVolatile: redisAllowVolatile, ...queue })
      : redisLimits(redisUrl, queue)
  return withPorts(openDatabase(settings), annex)
}

const openDatabase = (settings: DatabaseSettings & QueueSettings): Store => {
  const { databaseUrl, environment } = settings
  const queue = queueOf(settings)
  if (databaseUrl === 'memory') return memoryStore()
  const store = isMongoUrl(databaseUrl)
    ? mongoStore(databaseUrl, queue)
    : sqlStore(databaseUrl, queue)
  if (sqliteFile(databaseUrl) !== undefined || environment === 'production') return store
  return { ...store, localSecret: () => localSecret(keyFileOfServers) }
}

const queueOf = ({ databaseQueue: queue }: QueueSettings): { queue?: number } =>
  queue === undefined ? {} : { queue }
