import { AuthError, ConfigurationError } from '../../errors.js'
import { withOwnTransactions } from '../own-transactions.js'
import type { Ports, Store } from '../store.js'
import type { Connection, SqlDialect } from './dialect.js'
import { sqlEvents } from './events.js'
import { sqlKeys } from './keys.js'
import { migrate, migrationScript, pendingMigrations } from './migrate.js'
import { mysqlDialect } from './mysql/mysql.js'
import { postgresDialect, postgresUrl } from './postgres/postgres.js'
import { findSessionAndUser } from './session-and-user.js'
import { sqlSessions } from './sessions.js'
import { openSqliteFile } from './sqlite/open.js'
import { sqlserverDialect } from './sqlserver/sqlserver.js'
import { sqlUsers } from './users.js'

/**
 * A store in an SQL database. Nothing is opened before it is asked for, but an SQLite file.
 *
 * @param url `sqlite:` and a path (as SQLAlchemy writes it: `sqlite:///file.db` is relative, `sqlite:////file.db`
 *   absolute), `postgres://user:password@host:5432/database`, or the same with `mysql:`, `mariadb:`,
 *   `sqlserver:` or `mssql:`
 * @throws ConfigurationError when the URL or the place cannot be used, or a driver is missing
 */
export const sqlStore = (url: string): Store => storeOn(openDialect(url))

/** Opens a database by the scheme of its URL; what SQLAlchemy puts behind a + is left out. */
const openDialect = (url: string): SqlDialect => {
  const [, scheme = ''] = /^([a-z0-9]+)(?:\+[a-z0-9]+)?:/.exec(url) ?? []
  const open = dialects[scheme]
  if (open === undefined) {
    throw new ConfigurationError([
      {
        option: 'store',
        detail: `must be a database URL: sqlite: and a path, or one like ${postgresUrl.example}, or with mysql:, mariadb:, sqlserver: or mongodb:`,
      },
    ])
  }
  return open(url.replace(/^([a-z0-9]+)\+[a-z0-9]+:/, '$1:'))
}

const dialects: Readonly<Record<string, (url: string) => SqlDialect>> = {
  sqlite: openSqliteFile,
  file: openSqliteFile,
  postgres: postgresDialect,
  postgresql: postgresDialect,
  mysql: mysqlDialect,
  mariadb: mysqlDialect,
  sqlserver: sqlserverDialect,
  mssql: sqlserverDialect,
}

/** The store that stands on a dialect. */
export const storeOn = (dialect: SqlDialect): Store => {
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

  return {
    name: dialect.name,
    ...withOwnTransactions(portsOn(dialect.reader), transaction),
    places: [{ name: dialect.name, ping: dialect.ping }],
    transaction,
    findSessionAndUser: findSessionAndUser(dialect),
    migrate: () => explained(dialect, migrate),
    pendingMigrations: () => explained(dialect, pendingMigrations),
    migrationScript: () => explained(dialect, migrationScript),
    concerns: () => dialect.concerns(),
    close: () => dialect.close(),
    ...(dialect.localSecret && { localSecret: dialect.localSecret }),
  }
}

/** Says in the operator's words what only they can mend. */
const explained = async <Result>(
  dialect: SqlDialect,
  run: (dialect: SqlDialect) => Promise<Result>,
): Promise<Result> => {
  try {
    return await run(dialect)
  } catch (error) {
    const detail = dialect.explain(error instanceof AuthError ? error.cause : error)
    throw detail === undefined ? error : new ConfigurationError([{ option: 'store', detail }])
  }
}
