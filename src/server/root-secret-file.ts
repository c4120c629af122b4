import { secretFileOf, sqliteFile } from '../stores/sql/sqlite/files.js'
import type { ServerSettings } from './env.js'

/** Where the root secret lies in development when the database is on a server, which must not hold it. */
export const keyFileOfServers = './data/latchkey.key'

/** The file that holds the root secret, where there is one. */
export const secretFileIn = (settings: ServerSettings): string | undefined => {
  const { auth, databaseUrl } = settings
  if (auth.secret !== undefined || databaseUrl === 'memory') return undefined
  const file = sqliteFile(databaseUrl)
  if (file !== undefined) return secretFileOf(file)
  return isProduction(settings) ? undefined : keyFileOfServers
}

export const isOnServer = ({ databaseUrl }: Pick<ServerSettings, 'databaseUrl'>): boolean =>
  databaseUrl !== 'memory' && sqliteFile(databaseUrl) === undefined

export const isProduction = ({ environment }: Pick<ServerSettings, 'environment'>): boolean =>
  environment === 'production'
