import { AuthError } from '../../../errors.js'
import { trusted } from '../../../lib/trusted.js'
import { loadDriver } from '../../driver.js'
import type { Connection, Query, SqlDriver } from '../dialect.js'
import { retrying } from '../retrying.js'
import { serverTime } from '../server-time.js'
import type { SqlAddress } from '../url.js'
import { isConflict, isUnavailable, isUniqueViolation } from './faults.js'
import { createPool } from './pool.js'
import { type Answer, type Module, openSession, type Session } from './session.js'

/** MySQL and MariaDB over `mysql2`: a bounded pool, statements prepared once a connection. */
export type MysqlDriver = SqlDriver & {
  /** A connection of its own, without a transaction, whose statements may take as long as they need. */
  patiently<Result>(run: (connection: Connection) => Promise<Result>): Promise<Result>
}

export const mysqlDriver = (address: SqlAddress): MysqlDriver => {
  const mysql = loadDriver<Module>('mysql2')
  const pool = createPool<Session>({
    open: () =>
      openSession(mysql, {
        address,
        answerMilliseconds: address.timeoutMilliseconds,
        lockSeconds: 1, // whoever waits longer is behind a stopped instance: it begins anew, or lets others go on
      }),
    most: address.pool,
    waitMilliseconds: address.timeoutMilliseconds,
    restMilliseconds: 30_000,
  })
  const withSession = async <Result>(run: (session: Session) => Promise<Result>) => {
    const session = await pool.take().catch(rethrow)
    try {
      return await run(inWordsOfTheStore(session))
    } finally {
      pool.giveBack(session)
    }
  }
  const reader = connectionOf((query) => withSession(({ ask }) => ask(query)))
  const once = <Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> =>
    withSession((session) => inTransaction(session, work))

  return {
    name: 'mysql',
    reader,
    transaction: (work) => retrying(() => once(work), isConflict),
    patiently: async (run) => {
      const options = { address, answerMilliseconds: 0, lockSeconds: 30 }
      const session = await openSession(mysql, options).catch(rethrow)
      try {
        return await run(connectionOf(inWordsOfTheStore(session).ask))
      } finally {
        await session.end()
      }
    },
    ping: async () => {
      await reader.rows({ sql: 'select 1', parameters: [] })
    },
    now: () =>
      serverTime(reader, 'select cast(unix_timestamp(sysdate(3)) * 1000 as unsigned) as now'),
    close: pool.close,
  }
}

const connectionOf = (ask: (query: Query) => Promise<Answer>): Connection => {
  const execute: Connection['execute'] = async (query) => (await ask(query)).count
  return {
    rows: async <Row>(query: Query<Row>) => trusted<Row[]>((await ask(query)).rows),
    execute,
    send: async (query) => {
      await execute(query)
    },
    executeUnlessTaken: (query) =>
      execute(query).catch((error: unknown) => {
        if (isUniqueViolation(error)) return undefined // the server has undone the statement alone
        throw error
      }),
  }
}

const plain = (sql: string): Query => ({ sql, parameters: [] })

/**
 * A deadlock undoes the whole transaction, and what is asked after it would be written for good, each by itself. So the
 * first failure ends it here, whoever catches the error, and nothing is sent before the answer to what went before.
 */
const inTransaction = async <Result>(
  session: Session,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> => {
  let end: { error: unknown } | undefined
  let last: Promise<unknown> = Promise.resolve()
  const send = async (query: Query): Promise<Answer> => {
    if (end !== undefined) throw end.error
    try {
      return await session.ask(query)
    } catch (error) {
      if (!isUniqueViolation(error)) end ??= { error }
      throw error
    }
  }
  const ask = (query: Query): Promise<Answer> => {
    const answer = last.then(() => send(query))
    last = answer.catch(() => {})
    return answer
  }
  await session.ask(plain('begin'))
  try {
    const result = await work(connectionOf(ask))
    await ask(plain('commit'))
    return result
  } catch (error) {
    end ??= { error }
    // also where nothing is left to undo: the next one must not find a transaction open
    await session.ask(plain('rollback')).catch(session.destroy)
    throw error
  } finally {
    end ??= { error: new Error('The transaction is over') } // for who did not wait for his verb
  }
}

/** What a work throws of its own may look like a fault of the driver, so these are told where they arise. */
const inWordsOfTheStore = (session: Session): Session => ({
  ...session,
  ask: (query) => session.ask(query).catch(rethrow),
})

const rethrow = (error: unknown): never => {
  if (isConflict(error) || !isUnavailable(error)) throw error // a conflict is tried again
  throw new AuthError('store_unavailable', { cause: error })
}
