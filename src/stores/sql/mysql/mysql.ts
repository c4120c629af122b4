import { isIP } from 'node:net'
import type { KyselyPlugin } from 'kysely'
import { AuthError, ConfigurationError } from '../../../errors.js'
import { type ColumnTypes, commonTypes } from '../column-types.js'
import type { Connection, SqlDialect } from '../dialect.js'
import { builders, sql } from '../kysely.js'
import { explainTls } from '../tls-faults.js'
import { readSqlUrl, type SqlAddress, unencryptedWay } from '../url.js'
import { type MysqlDriver, mysqlDriver } from './driver.js'
import { isDoneAlready, isMissingTable } from './faults.js'
import { sentenceFor } from './sentences.js'

const form = {
  example: 'mysql://user:password@host:3306/database',
  port: 3306,
  tls: 'disable',
  implied: { charset: ['utf8mb4', 'utf8'] },
} as const

/** MySQL 8 and MariaDB 10.11, and later ones of both. */
export const mysqlDialect = (url: string): SqlDialect => {
  const address = readSqlUrl(url, form)
  refuseUncheckedNames(address)
  const driver = mysqlDriver(address)
  return {
    ...driver,
    builder: builders.mysql().withPlugin(onInnoDb),
    first: (query, limit) => query.limit(limit),
    columnTypes: () => typesOf(driver),
    migration: (work) =>
      driver.patiently(async (connection) => {
        await claimMigrations(connection)
        return work(repeatable(connection))
      }),
    explain: (error) => explainTls(error) ?? sentenceFor(error, address.database),
    isMissingTable,
    concerns: async () => unencryptedWay(address, 'MySQL'),
  }
}

/** The driver checks the certificate of a server it knows by its number as if it were called localhost. */
const refuseUncheckedNames = ({ host, socket, tls }: SqlAddress): void => {
  const checksName = tls?.rejectUnauthorized === true && tls.checkServerIdentity === undefined
  if (checksName && (socket !== undefined || isIP(host) !== 0)) {
    throw refusal(
      'must name the server by its name, not by a number or a socket, to be used with sslmode=verify-full. With sslmode=verify-ca only who signed its certificate is checked',
    )
  }
}

/** Whatever the server makes tables with by default: other engines know no transactions, other formats no long indexes. */
const onInnoDb: KyselyPlugin = {
  transformQuery: ({ node }) =>
    node.kind === 'CreateTableNode'
      ? {
          ...node,
          endModifiers: [
            ...(node.endModifiers ?? []),
            sql`engine = InnoDB row_format = dynamic`.toOperationNode(),
          ],
        }
      : node,
  transformResult: async ({ result }) => result,
}

const typesOf = async ({ reader }: MysqlDriver): Promise<ColumnTypes> => {
  const query = { sql: 'select version() as version', parameters: [] }
  const [server] = await reader.rows<{ version: string }>(query)
  return typesFor(server?.version ?? '')
}

const refusal = (detail: string): ConfigurationError =>
  new ConfigurationError([{ option: 'store', detail }])

/** Collations that compare bytes, blanks at the end among them. */
const typesFor = (version: string): ColumnTypes => {
  const isMariaDb = /mariadb/i.test(version)
  const [oldest, collation] = isMariaDb
    ? (['10.11.0', 'utf8mb4_nopad_bin'] as const)
    : (['8.0.17', 'utf8mb4_0900_bin'] as const)
  if (isOlder(version, oldest)) {
    throw refusal(
      `is on a ${isMariaDb ? 'MariaDB' : 'MySQL'} older than ${oldest.replace(/\.0$/, '')}. Upgrade the server`,
    )
  }
  const bytewise = sql.raw(`character set utf8mb4 collate ${collation}`)
  return {
    ...commonTypes,
    text: (most) => sql`varchar(${sql.lit(most)}) ${bytewise}`,
    longText: sql`mediumtext ${bytewise}`,
    counter: { type: 'bigint', modify: (column) => column.primaryKey().autoIncrement() },
    dropIndex: (db, table, name) => db.schema.dropIndex(name).on(table),
  }
}

const isOlder = (version: string, oldest: string): boolean => {
  const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number)
  const [mine, least] = [numbers(version), numbers(oldest)]
  const at = least.findIndex((number, index) => number !== mine[index])
  return at !== -1 && (mine[at] ?? 0) < (least[at] ?? 0)
}

/** One at a time for each database of the server. The lock ends with the connection, however that ends. */
const claimMigrations = async (connection: Connection): Promise<void> => {
  const [lock] = await connection.rows<{ taken: number | null }>({
    sql: "select get_lock(concat('latchkey:', sha1(lower(database()))), 30) as taken",
    parameters: [],
  })
  if (lock?.taken !== 1) {
    const cause = new Error('Another instance has been changing the schema for half a minute')
    throw new AuthError('store_unavailable', { cause })
  }
}

/** Each step is done for good at once; what a migration that was cut short has done is not done again. */
const repeatable = (connection: Connection): Connection => ({
  ...connection,
  execute: async (query) => {
    try {
      return await connection.execute(query)
    } catch (error) {
      if (isDoneAlready(error)) return 0
      throw error
    }
  },
})
