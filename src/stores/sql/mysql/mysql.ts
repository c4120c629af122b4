import { isIP } from 'node:net'
import type { KyselyPlugin } from 'kysely'
import { AuthError } from '../../../errors.js'
import type { Connection, SqlDialect } from '../dialect.js'
import { builders, sql } from '../kysely.js'
import { explainTls } from '../tls-faults.js'
import { readSqlUrl, type SqlAddress, unencryptedWay } from '../url.js'
import { mysqlDriver } from './driver.js'
import { isDoneAlready, isMissingTable } from './faults.js'
import { mysqlSchema } from './schema-questions.js'
import { refusal, sentenceFor } from './sentences.js'
import { typesFor } from './types.js'

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
    atOnce: address.pool,
    schema: mysqlSchema,
    builder: builders.mysql().withPlugin(onInnoDb),
    first: (query, limit) => query.limit(limit),
    nth: (query, place) => query.limit(1).offset(place - 1),
    columnTypes: async () => {
      const query = { sql: 'select version() as version', parameters: [] }
      const [server] = await driver.reader.rows<{ version: string }>(query)
      return typesFor(server?.version ?? '')
    },
    migration: (work) =>
      driver.patiently(async (connection) => {
        await claimMigrations(connection)
        return work(repeatable(connection))
      }),
    explain: (error) => explainTls(error) ?? sentenceFor(error, address),
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
