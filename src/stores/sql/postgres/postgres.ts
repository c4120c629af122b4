import { ConfigurationError } from '../../../errors.js'
import { type ColumnTypes, commonTypes } from '../column-types.js'
import type { SqlDialect } from '../dialect.js'
import { builders, sql } from '../kysely.js'
import { explainTls } from '../tls-faults.js'
import { readSqlUrl, type SqlAddress, unencryptedWay } from '../url.js'
import { type PostgresDriver, postgresDriver } from './driver.js'
import { isMissingTable, sqlState } from './faults.js'
import { postgresSchema } from './schema-questions.js'

export const postgresUrl = {
  example: 'postgres://user:password@host:5432/database',
  port: 5432,
  tls: 'disable',
} as const

/** PostgreSQL 13 and later. */
export const postgresDialect = (url: string): SqlDialect => {
  const address = readSqlUrl(url, postgresUrl)
  const driver = postgresDriver(address)
  return {
    ...driver,
    atOnce: address.pool,
    schema: postgresSchema,
    builder: builders.postgres(),
    first: (query, limit) => query.limit(limit),
    nth: (query, place) => query.limit(1).offset(place - 1),
    holdsRows: true,
    columnTypes: () => typesOf(driver),
    migration: (work) =>
      driver.patiently(async (connection) => {
        await connection.rows({ sql: 'select pg_advisory_xact_lock(7163482)', parameters: [] })
        return work(connection)
      }),
    explain: (error) => explainTls(error) ?? sentences(address)[sqlState(error) ?? ''],
    isMissingTable,
    concerns: async () => unencryptedWay(address, 'PostgreSQL'),
  }
}

const types: ColumnTypes = {
  ...commonTypes,
  // an ICU or glibc collation sorts and, where it is not deterministic, compares otherwise
  text: (most) => sql`varchar(${sql.lit(most)}) collate "C"`,
  longText: sql`text collate "C"`,
  counter: {
    type: 'bigint',
    modify: (column) => column.generatedAlwaysAsIdentity().primaryKey(),
  },
}

const typesOf = async ({ reader }: PostgresDriver): Promise<ColumnTypes> => {
  const query = {
    sql: "select current_setting('server_version_num')::int as version, getdatabaseencoding() as encoding",
    parameters: [],
  }
  const [server] = await reader.rows<{ version: number; encoding: string }>(query)
  if (server !== undefined && server.version < 130_000)
    throw refusal('is on a PostgreSQL older than 13. Upgrade the server')
  if (server?.encoding !== 'UTF8') {
    throw refusal(
      `is a database in ${server?.encoding}. Make one in UTF-8: create database <name> encoding 'UTF8' template template0`,
    )
  }
  return types
}

const refusal = (detail: string): ConfigurationError =>
  new ConfigurationError([{ option: 'store', detail }])

/** What only the operator can mend, in their words. */
const sentences = ({ database }: SqlAddress): Partial<Record<string, string>> => ({
  '28P01': 'has a user or a password that PostgreSQL does not accept. Correct it',
  '28000':
    'names a user whom PostgreSQL does not let in from here, or not without TLS. Check the user, and pg_hba.conf on the server; or add ?sslmode=verify-full',
  '3D000': `names a database that does not exist. Make it: createdb ${database}`,
  '42501':
    'names a user who may not make tables. Let them: grant create, usage on schema public to <user>',
  '3F000': 'leads to no schema in which tables could be made. Check the search_path of the user',
  '25006': 'leads to a server that only reads. Name the primary',
})
