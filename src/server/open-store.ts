import { localSecret } from '../stores/local-secret.js'
import { memoryStore } from '../stores/memory/memory.js'
import { sqlStore } from '../stores/sql/sql.js'
import { sqliteFile } from '../stores/sql/sqlite/files.js'
import type { Store } from '../stores/store.js'
import { keyFileOfServers } from './boot-warnings.js'
import type { ServerSettings } from './env.js'

type Settings = Pick<ServerSettings, 'databaseUrl' | 'environment'>

/** The store that the settings name. A database server is not asked for anything yet. @throws ConfigurationError */
export const openStore = ({ databaseUrl, environment }: Settings): Store => {
  if (databaseUrl === 'memory') return memoryStore()
  const store = sqlStore(databaseUrl)
  if (sqliteFile(databaseUrl) !== undefined || environment === 'production') return store
  return { ...store, localSecret: () => localSecret(keyFileOfServers) }
}
