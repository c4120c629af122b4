import { randomInt } from 'node:crypto'
import type { Client, Pool, PoolClient, PoolConfig } from 'pg'
import { AuthError } from '../../../errors.js'
import { trusted } from '../../../lib/trusted.js'
import { loadDriver } from '../../driver.js'
import type { Connection, Query, SqlDriver } from '../dialect.js'
import { retrying } from '../retrying.js'
import { serverTime } from '../server-time.js'
import { isUnknowable } from '../unknowable.js'
import type { SqlAddress } from '../url.js'
import { isConflict, isUnavailable, isUniqueViolation } from './faults.js'
import { typesOf } from './types.js'

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
    opened ??= prepared(new pg.Pool(config), address.prepare)
    return opened
  }
  const ask = asker(address.prepare)

  const reader = connectionOf((query) => ask(pool(), query))

  const once = async <Result>(work: (connection: Connection) => Promise<Result>) => {
    const client = await pool().connect().catch(rethrow)
    let isBroken = false
    try {
      return await inTransaction({ client, ask, begin: beginOf(address) }, work)
    } catch (error) {
      isBroken = isAway(error)
      throw error
    } finally {
      client.release(isBroken) // one that may hang, or is in an unknown state, is not used again
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
        await client.connect().catch(rethrow)
        return await inTransaction({ client, ask, begin: plain('begin') }, run)
      } finally {
        await client.end().catch(() => {})
      }
    },
    ping: async () => {
      await reader.rows({ sql: 'select 1', parameters: [] })
    },
    now: () =>
      serverTime(reader, 'select (extract(epoch from clock_timestamp()) * 1000)::bigint as now'),
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
  types: typesOf(types),
})

/** Says what holds for the connection once. A lost idle one is no news: the next one who asks gets another. */
const prepared = (pool: Pool, greet: boolean): Pool => {
  pool.on('error', () => {})
  pool.on('connect', (client: PoolClient) => {
    client.on('error', () => {})
    if (greet) client.query(greeting().sql).catch(() => {}) // a lost connection is noticed by its first caller
  })
  return pool
}

type Asked = { rows: unknown[]; rowCount: number | null; command: string }
type Ask = (on: Pool | Client | PoolClient, query: Query) => Promise<Asked>

const asker =
  (prepare: boolean): Ask =>
  (on, { sql, parameters, name }) =>
    on
      .query({
        text: sql,
        ...(parameters.length > 0 && { values: [...parameters] }),
        ...(prepare && name !== undefined && { name }),
      })
      .catch(rethrow)

const connectionOf = (run: (query: Query) => Promise<Asked>): Connection => {
  const execute: Connection['execute'] = async (query) => (await run(query)).rowCount ?? 0
  return {
    rows: async <Row>(query: Query<Row>) =>
      trusted<Row[]>(query.parameters.some(isUnknowable) ? [] : (await run(query)).rows),
    execute,
    send: async (query) => {
      await run(query)
    },
    executeUnlessTaken: execute,
  }
}

const plain = (sql: string): Query => ({ sql, parameters: [] })

/**
 * Whoever waits longer for a row is in a deadlock or behind a stopped instance: it begins anew, or lets others go on. No two
 * wait equally long: of those who wait for each other one goes first, and the other gets through.
 */
const limits = (): string[] => [
  `lock_timeout = ${randomInt(100, 400)}`,
  'idle_in_transaction_session_timeout = 10000',
]

/** Where connections are shared between transactions, nothing can be said once for all of them. */
const beginOf = ({ prepare }: SqlAddress): Query =>
  plain(prepare ? 'begin' : ['begin', ...limits().map((limit) => `set local ${limit}`)].join('; '))

const greeting = (): Query =>
  plain(
    [
      'set session characteristics as transaction isolation level read committed',
      ...limits().map((limit) => `set ${limit}`),
    ].join('; '),
  )

type Conversation = { client: Client | PoolClient; ask: Ask; begin: Query }

/** Sends BEGIN together with the first statement, and what nobody waits for together with COMMIT. */
const inTransaction = async <Result>(
  { client, ask, begin }: Conversation,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> => {
  const sent: Promise<unknown>[] = [ask(client, begin)]
  sent[0]?.catch(() => {})
  const send: Connection['send'] = async (query) => {
    const answer = ask(client, query)
    answer.catch(() => {})
    sent.push(answer)
  }
  try {
    const result = await work({ ...transactionalConnection(client, ask), send })
    const committed = ask(client, plain('commit'))
    committed.catch(() => {})
    await Promise.all(sent)
    // a statement failed, somebody caught its error, and the server has undone everything
    if ((await committed).command !== 'COMMIT') throw new AuthError('store_unavailable')
    return result
  } catch (error) {
    await ask(client, plain('rollback')).catch(() => {})
    await Promise.all(sent) // the first fault explains those that followed it
    throw error
  }
}

const transactionalConnection = (client: Client | PoolClient, ask: Ask): Connection => ({
  ...connectionOf((query) => ask(client, query)),
  executeUnlessTaken: async (query) => {
    if (isOwnInsert(query)) {
      const { rowCount } = await ask(client, unlessTaken(query))
      return rowCount === 0 ? undefined : (rowCount ?? 0)
    }
    const guarded = [ask(client, plain('savepoint work')), ask(client, query)] as const
    const [, outcome] = await Promise.allSettled(guarded)
    if (outcome.status === 'fulfilled') {
      await ask(client, plain('release work'))
      return outcome.value.rowCount ?? 0
    }
    if (!isUniqueViolation(outcome.reason)) throw outcome.reason
    await ask(client, plain('rollback to work; release work'))
    return undefined
  },
})

/** One row into one of our tables: of several some would be kept, and for a table of others a view or a rule may answer. */
const isOwnInsert = ({ sql, name }: Query): boolean =>
  name !== undefined && /^insert into "latchkey_\w+" \([^()]*\) values \([^()]*\)$/.test(sql)

/** Tells that a value is taken without failing: no savepoint is needed, and no further way there. */
const unlessTaken = ({ sql, parameters, name }: Query): Query => ({
  sql: `${sql} on conflict do nothing`,
  parameters,
  name: `${name}_unless_taken`,
})

/** What the driver throws, in the words of the store. */
const rethrow = (error: unknown): never => {
  if (isConflict(error) || !isUnavailable(error)) throw error
  throw new AuthError('store_unavailable', { cause: error })
}

const isAway = (error: unknown): boolean =>
  error instanceof AuthError && error.code === 'store_unavailable'
