import { AuthError, ConfigurationError } from '../../../errors.js'
import type { Concern } from '../../store.js'
import { type ColumnTypes, commonTypes } from '../column-types.js'
import type { SqlDialect } from '../dialect.js'
import { builders, sql } from '../kysely.js'
import { isLocal, readSqlUrl, type SqlAddress } from '../url.js'
import { type SqlServerDriver, sqlserverDriver } from './driver.js'
import { isMissingTable } from './faults.js'
import { sqlserverSchema } from './schema-questions.js'
import { sentenceFor } from './sentences.js'
import { type OpenSession, tediousSessions } from './session.js'

export const sqlserverUrl = {
  example: 'sqlserver://user:password@host:1433/database',
  port: 1433,
  tls: 'verify-full',
} as const

/** SQL Server 2019 and later, and Azure SQL. */
export const sqlserverDialect = (url: string): SqlDialect => {
  const address = readSqlUrl(url, sqlserverUrl)
  const { searchParams } = new URL(url)
  if (address.socket !== undefined)
    throw refusal('has the parameter host. Name the host before the database')
  if (searchParams.get('sslmode') === 'verify-ca') {
    throw refusal(
      'has sslmode=verify-ca, which the driver of SQL Server does not know. Use verify-full',
    )
  }
  return sqlserverDialectOn(address, tediousSessions(address))
}

export const sqlserverDialectOn = (address: SqlAddress, open: OpenSession): SqlDialect => {
  const driver = sqlserverDriver(address, open)
  return {
    ...driver,
    atOnce: address.pool,
    schema: sqlserverSchema,
    builder: builders.sqlserver(),
    first: (query, limit) => query.top(limit),
    nth: (query, place) => query.offset(place - 1).fetch(1),
    columnTypes: () => typesOf(address, driver),
    // the tables that another instance is making are locked until it is done
    migrationReader: {
      ...driver.reader,
      rows: (query) => driver.patiently((connection) => connection.rows(query)),
    },
    migration: (work) =>
      driver.patiently(async (connection) => {
        const [lock] = await connection.rows<{ result: number }>({ sql: takeLock, parameters: [] })
        if ((lock?.result ?? -1) < 0) throw new AuthError('store_unavailable')
        return work(connection)
      }),
    // sqlcmd begins with quoted identifiers off, with which there are neither our names nor our indexes
    script: (statements) =>
      `set quoted_identifier on;\nset xact_abort on;\nbegin transaction;\n\n${statements}commit transaction;\n`,
    explain: (error) => sentenceFor(error, address),
    isMissingTable,
    concerns: () => concernsOf(address, driver),
  }
}

const takeLock = [
  'declare @result int;',
  "exec @result = sp_getapplock @Resource = N'latchkey migration', @LockMode = N'Exclusive',",
  "@LockOwner = N'Transaction', @LockTimeout = 120000;",
  'select @result as result',
].join(' ')

const types: ColumnTypes = {
  ...commonTypes,
  // SQL Server counts UTF-16 units: twice as many hold every sign, and the mark behind a blank at the end
  text: (most) => sql`nvarchar(${sql.lit(most * 2)}) collate Latin1_General_100_BIN2`,
  longText: sql`nvarchar(max) collate Latin1_General_100_BIN2`,
  counter: { type: 'bigint', modify: (column) => column.identity().primaryKey() },
  unique: {
    // a constraint would let null stand once
    modify: (column) => column,
    after: (db, table, column) => [
      db.schema
        .createIndex(`${table}_${column}`)
        .unique()
        .on(table)
        .column(column)
        .where(sql.ref(column), 'is not', null),
    ],
  },
  dropIndex: (db, table, name) => db.schema.dropIndex(name).on(table),
}

type Server = { version: number | null; edition: number | null; snapshots: number | null }

const serverOf = async ({ reader }: SqlServerDriver): Promise<Server | undefined> => {
  const query = {
    sql: [
      "select cast(serverproperty('ProductMajorVersion') as int) as version,",
      "cast(serverproperty('EngineEdition') as int) as edition,",
      '(select cast(is_read_committed_snapshot_on as int) from sys.databases',
      'where name = db_name()) as snapshots',
    ].join(' '),
    parameters: [],
  }
  const [server] = await reader.rows<Server>(query)
  return server
}

/** 2019 */
const oldest = 15

/** Editions that run on their own machines; those of Azure have other version numbers, and are always new. */
const ownEditions = [1, 2, 3, 4]

const typesOf = async (address: SqlAddress, driver: SqlServerDriver): Promise<ColumnTypes> => {
  const server = await serverOf(driver)
  const isOwn = ownEditions.includes(server?.edition ?? 0)
  if (isOwn && (server?.version ?? oldest) < oldest) {
    throw refusal('is on a SQL Server older than 2019. Upgrade the server')
  }
  if (server?.snapshots === 0) {
    throw refusal(`is a database in which readers wait for writers. ${remedyOf(address)}`)
  }
  return types
}

const remedyOf = ({ database }: SqlAddress): string =>
  `Run: ALTER DATABASE [${database.replaceAll(']', ']]')}] SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE`

const concernsOf = async (address: SqlAddress, driver: SqlServerDriver): Promise<Concern[]> => {
  const server = await serverOf(driver)
  const isSafe = isLocal(address) || address.tls?.rejectUnauthorized
  const remedy =
    'Remove sslmode from DATABASE_URL, and add &sslrootcert=<file> for a CA of your own'
  return [
    ...(isSafe
      ? []
      : address.tls === undefined
        ? [{ concern: 'the way to SQL Server is not encrypted', remedy }]
        : [{ concern: 'the certificate of SQL Server is not checked', remedy }]),
    ...(server?.snapshots === 0
      ? [{ concern: 'readers wait for writers in this database', remedy: remedyOf(address) }]
      : []),
  ]
}

const refusal = (detail: string): ConfigurationError =>
  new ConfigurationError([{ option: 'store', detail }])
