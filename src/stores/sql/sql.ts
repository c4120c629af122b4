import { ConfigurationError } from '../../errors.js'
import { withOwnTransactions } from '../own-transactions.js'
import type { Ports, Store } from '../store.js'
import { oneByOne } from '../with-ports.js'
import type { Connection, SqlDialect } from './dialect.js'
import { sqlEvents } from './events.js'
import { sqlKeys } from './keys.js'
import { migrate, pendingMigrations } from './migrate.js'
import { sqlSessions } from './sessions.js'
import { sqliteDialect } from './sqlite.js'
import { sqliteFile } from './sqlite-files.js'
import { sqlUsers } from './users.js'

/**
 * A store in an SQL database.
 *
 * @param url `sqlite:` and a path. As SQLAlchemy writes it: `sqlite:///file.db` is relative, `sqlite:////file.db` absolute
 * @throws ConfigurationError when the URL or the place cannot be used
 */
export const sqlStore = (url: string): Store => storeOn(openDialect(url))

const openDialect = (url: string): SqlDialect => {
  const file = sqliteFile(url)
  if (file === undefined) {
    throw new ConfigurationError([
      { option: 'store', detail: 'must be a database URL such as sqlite:./data/latchkey.db' },
    ])
  }
  try {
    return sqliteDialect(file)
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    const reason = error instanceof Error ? error.message : 'unknown reason'
    throw new ConfigurationError([
      {
        option: 'store',
        detail: `the SQLite file cannot be opened (${reason}). Check that its folder exists, that this user may write there, and that the disk has space.`,
      },
    ])
  }
}

const storeOn = (dialect: SqlDialect): Store => {
  const [users, sessions, keys, events] = [
    sqlUsers(dialect),
    sqlSessions(dialect),
    sqlKeys(dialect),
    sqlEvents(dialect),
  ]
  const portsOn = (connection: Connection): Ports => ({
    users: users(connection),
    sessions: sessions(connection),
    keys: keys(connection),
    events: events(connection),
  })
  const ports = new WeakMap<Connection, Ports>()
  const transaction: Store['transaction'] = (work) =>
    dialect.transaction((connection) => {
      const inside = ports.get(connection) ?? portsOn(connection)
      ports.set(connection, inside)
      return work(inside)
    })

  // 'select 1' alone would not look into the file
  const ping = async (): Promise<void> => {
    await dialect.reader.rows({ sql: 'select count(*) from sqlite_schema', parameters: [] })
  }
  const ownPorts = withOwnTransactions(portsOn(dialect.reader), transaction)
  return {
    name: dialect.name,
    ...ownPorts,
    places: [{ name: dialect.name, ping }],
    transaction,
    findSessionAndUser: oneByOne(ownPorts),
    migrate: () => migrate(dialect),
    pendingMigrations: () => pendingMigrations(dialect),
    migrationScript: async () => '',
    concerns: async () => [],
    close: () => dialect.close(),
    ...(dialect.localSecret && { localSecret: dialect.localSecret }),
  }
}
