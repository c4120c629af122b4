import { ConfigurationError } from '../../errors.js'
import type { SqlDialect } from './dialect.js'
import { mysqlDialect } from './mysql/mysql.js'
import { postgresDialect, postgresUrl } from './postgres/postgres.js'
import { openSqliteFile } from './sqlite/open.js'
import { sqlserverDialect } from './sqlserver/sqlserver.js'

/**
 * Opens a database by the scheme of its URL; what SQLAlchemy puts behind a + is left out.
 *
 * @throws ConfigurationError
 */
export const openDialect = (url: string): SqlDialect => {
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
