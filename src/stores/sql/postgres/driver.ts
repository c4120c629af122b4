import type { Client, Pool, PoolClient, PoolConfig } from 'pg'
import { AuthError } from '../../../errors.js'
import { trusted } from '../../../lib/trusted.js'
import { loadDriver } from '../../driver.js'
import type { Connection, Query, SqlDriver } from '../dialect.js'
import { retrying } from '../retrying.js'
import type { SqlAddress } from '../url.js'
import { isConflict, isUnavailable, isUniqueViolation, sqlState } from './faults.js'

/** PostgreSQL over `pg`: a bounded pool, statements prepared once a connection, several of them sent at once. */
type Module = typeof import('pg')

export type PostgresDriver = SqlDriver & {
  /** A connection of its own whose statements may take as long as they need. */
  patiently<Result>(run: (connection: Connection) => Promise<Result>): Promise<Result>
}

export const postgresDriver = (address: SqlAddress): PostgresDriver => {
  const pg = loadDriver<Module>('pg')
  const config = configOf(address, pg)
  let opened: Pool | undefined
  const pool = (): Pool => {
    opened ??= withoutNoise(new pg.Pool(config))
    return opened
  }
  const ask = asker(address.prepare)

  const reader = connectionOf((query) => ask(pool(), query).catch(rethrow))

  const once = async <Result>(work: (connection: Connection) => Promise<Result>) => {
    const client = await pool().connect().catch(rethrow)
    let fault: unknown
    try {
      return await inTransaction(client, ask, work)
    } catch (error) {
      fault = error
      return rethrow(error)
    } finally {
      // a connection that may hang, or is in an unknown state, is not used again
      client.release(fault !== undefined && isUnavailable(fault) && !isConflict(fault))
    }
  }

  return {
    name: 'postgres',
    reader,
    transaction: (work) => retrying(() => once(work), isConflict),
    patiently: async (run) => {
      const client = new pg.Client({ ...config, query_timeout: 0, pipeline: false })
      client.on('error', () => {})
      try {
        await client.connect()
        return await inTransaction(client, ask, run, plain('begin'))
      } catch (error) {
        return rethrow(error)
      } finally {
        await client.end().catch(() => {})
      }
    },
    ping: async () => {
      await reader.rows({ sql: 'select 1', parameters: [] })
    },
    close: async () => {
      const closing = opened
      opened = undefined
      await closing?.end()
    },
  }
}

const configOf = (address: SqlAddress, { types }: Module): PoolConfig & { pipeline: boolean } => ({
  host: address.socket ?? address.host,
  port: address.port,
  user: address.user || 'postgres',
  password: address.password,
  database: address.database,
  ssl: address.tls ?? false,
  max: address.pool,
  connectionTimeoutMillis: address.timeoutMilliseconds,
  query_timeout: address.timeoutMilliseconds,
  idleTimeoutMillis: 60_000,
  keepAlive: true,
  application_name: 'latchkey',
  pipeline: true,
  types: {
    // counts and instants are far below 2^53; as text they would be compared as text
    getTypeParser: (oid, format) =>
      oid === 20 && format !== 'binary' ? Number : trusted(types.getTypeParser(oid, format)),
  },
})

/** A lost idle connection is no news: the next one who asks gets another. */
const withoutNoise = (pool: Pool): Pool => {
  pool.on('error', () => {})
  pool.on('connect', (client: PoolClient) => client.on('error', () => {}))
  return pool
}

type Asked = { rows: unknown[]; rowCount: number | null; command: string }
type Ask = (on: Pool | Client | PoolClient, query: Query) => Promise<Asked>

const asker =
  (prepare: boolean): Ask =>
  (on, { sql, parameters, name }) =>
    on.query({
      text: sql,
      ...(parameters.length > 0 && { values: [...parameters] }),
      ...(prepare && name !== undefined && { name }),
    })

const connectionOf = (run: (query: Query) => Promise<Asked>): Connection => {
  const execute: Connection['execute'] = async (query) => (await run(query)).rowCount ?? 0
  return {
    rows: async <Row>(query: Query<Row>) => trusted<Row[]>((await run(query)).rows),
    execute,
    executeUnlessTaken: execute,
  }
}

const plain = (sql: string): Query => ({ sql, parameters: [] })

/** Whoever waits longer for a row is in a deadlock or behind a stopped instance: it begins anew, or lets others go on. */
const briefly = plain(
  `begin isolation level read committed;
  set local lock_timeout = 250; set local idle_in_transaction_session_timeout = 10000`,
)

const connections = new WeakMap<object, Connection>()

/** Sends BEGIN together with the first statement, and a savepoint together with what it guards. */
const inTransaction = async <Result>(
  client: Client | PoolClient,
  ask: Ask,
  work: (connection: Connection) => Promise<Result>,
  begin = briefly,
): Promise<Result> => {
  const connection = connections.get(client) ?? transactionalConnection(client, ask)
  connections.set(client, connection)
  const begun = ask(client, begin)
  begun.catch(() => {})
  try {
    const result = await work(connection)
    await begun
    const { command } = await ask(client, plain('commit'))
    // a statement failed, somebody caught its error, and the server has undone everything
    if (command !== 'COMMIT') throw new AuthError('store_unavailable')
    return result
  } catch (error) {
    if (!isUnavailable(error)) await ask(client, plain('rollback'))
    else await ask(client, plain('rollback')).catch(() => {})
    throw error
  }
}

const transactionalConnection = (client: Client | PoolClient, ask: Ask): Connection => ({
  ...connectionOf((query) => ask(client, query)),
  executeUnlessTaken: async (query) => {
    const guarded = [ask(client, plain('savepoint work')), ask(client, query)] as const
    const [, outcome] = await Promise.allSettled(guarded)
    if (outcome.status === 'fulfilled') {
      await ask(client, plain('release work'))
      return outcome.value.rowCount ?? 0
    }
    if (!isUniqueViolation(outcome.reason)) throw outcome.reason
    await ask(client, plain('rollback to work'))
    await ask(client, plain('release work'))
    return undefined
  },
})

const rethrow = (error: unknown): never => {
  if (isConflict(error) && sqlState(error) !== undefined) throw error // is tried again
  throw isUnavailable(error) ? new AuthError('store_unavailable', { cause: error }) : error
}
