import { randomInt } from 'node:crypto'
import type { Pool } from 'tarn'
import { AuthError } from '../../../errors.js'
import { trusted } from '../../../lib/trusted.js'
import { loadDriver } from '../../driver.js'
import type { Connection, Query, SqlDriver } from '../dialect.js'
import { retrying } from '../retrying.js'
import { serverTime } from '../server-time.js'
import type { SqlAddress } from '../url.js'
import { isConflict, isUnavailable, isUniqueViolation } from './faults.js'
import type { OpenSession, Session } from './session.js'
import { fromKeptRow, toKept } from './trailing-blanks.js'

/** SQL Server over sessions: a bounded pool of them, and transactions that go on when a unique value was taken. */
export type SqlServerDriver = SqlDriver & {
  /** A connection of its own, in a transaction, whose statements may take as long as they need. */
  patiently<Result>(run: (connection: Connection) => Promise<Result>): Promise<Result>
}

type Module = typeof import('tarn')

export const sqlserverDriver = (address: SqlAddress, open: OpenSession): SqlServerDriver => {
  const sessions = poolOf(address, () => openWith(open, briefly()))
  const reader = connectionOf((query) =>
    retrying(() => sessions.use((session) => ask(session, query)), isConflict),
  )

  return {
    name: 'sqlserver',
    reader: { ...reader, rows: (query) => reader.rows(query).catch(rethrow) },
    transaction: (work) =>
      retrying(() => sessions.use((session) => inTransaction(session, work)), isConflict).catch(
        rethrow,
      ),
    patiently: async (run) => {
      const session = await openWith(open, patiently).catch(rethrow)
      try {
        return await inTransaction(session, run)
      } catch (error) {
        return rethrow(error)
      } finally {
        session.close()
      }
    },
    ping: async () => {
      await reader.rows(plain('select 1 as answer')).catch(rethrow)
    },
    now: () =>
      serverTime(
        reader,
        "select datediff_big(millisecond, '1970-01-01', sysutcdatetime()) as now",
      ).catch(rethrow),
    close: sessions.close,
  }
}

type Manner = { isPatient: boolean; lockMilliseconds: number }

/**
 * Whoever waits longer for a row is in a deadlock or behind a stopped instance: it begins anew, or lets others go on. No two
 * wait equally long: of those who wait for each other one goes first, and the other gets through.
 */
const briefly = (): Manner => ({ isPatient: false, lockMilliseconds: randomInt(100, 400) })
const patiently: Manner = { isPatient: true, lockMilliseconds: 120_000 }

const openWith = async (
  open: OpenSession,
  { isPatient, lockMilliseconds }: Manner,
): Promise<Session> => {
  const session = await open({ isPatient })
  await session.ask(plain(`set lock_timeout ${lockMilliseconds}`)).catch((error: unknown) => {
    session.close()
    throw error
  })
  return session
}

/** Opened when it is asked for, and after it was closed again. */
const poolOf = ({ pool: most, timeoutMilliseconds }: SqlAddress, open: () => Promise<Session>) => {
  const { Pool } = loadDriver<Module>('tarn')
  let opened: Pool<Session> | undefined
  const openPool = () =>
    new Pool<Session>({
      create: open,
      destroy: (session) => session.close(),
      validate: (session) => session.isOpen(),
      min: 0,
      max: most,
      // a little later than the driver, which can say why
      acquireTimeoutMillis: timeoutMilliseconds + 100,
      createTimeoutMillis: timeoutMilliseconds * 2 + 100,
      idleTimeoutMillis: 60_000,
      propagateCreateError: true,
    })
  return {
    use: async <Result>(run: (session: Session) => Promise<Result>): Promise<Result> => {
      opened ??= openPool()
      const pool = opened
      const session = await pool.acquire().promise.catch((cause: unknown) => {
        throw new AuthError('store_unavailable', { cause })
      })
      try {
        return await run(session)
      } catch (error) {
        // a session that may hang, or is in an unknown state, is not used again
        if (isUnavailable(error)) session.close()
        throw error
      } finally {
        pool.release(session)
      }
    },
    close: async () => {
      const closing = opened
      opened = undefined
      await closing?.destroy()
    },
  }
}

const plain = (sql: string): Query => ({ sql, parameters: [] })

type Ask = <Row>(query: Query<Row>) => Promise<Row[]>

const ask = async <Row>(session: Session, query: Query<Row>): Promise<Row[]> => {
  if (query.asIs) return session.ask(query)
  const rows = await session.ask({ ...query, parameters: query.parameters.map(toKept) })
  return rows.map(fromKeptRow)
}

/**
 * Rows are counted by the server's own variable: what the protocol says besides is silenced by a server-wide NOCOUNT and
 * raised by triggers.
 */
const connectionOf = (askOn: Ask): Connection => {
  const execute: Connection['execute'] = async (query) => {
    const counting = { ...query, sql: `${query.sql}; select @@rowcount as changed` }
    const rows = await askOn(trusted<Query<{ changed: number }>>(counting))
    return rows.at(-1)?.changed ?? 0
  }
  return {
    rows: askOn,
    execute,
    send: async (query) => {
      await askOn(query)
    },
    executeUnlessTaken: execute,
  }
}

/** The server undoes a statement whose unique value was taken alone; after any other error the work cannot go on. */
const inTransaction = async <Result>(
  session: Session,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> => {
  await ask(session, plain('begin transaction'))
  let fault: { error: unknown } | undefined
  let last: Promise<unknown> = Promise.resolve()
  const send: Ask = async (query) => {
    // a deadlock has ended the transaction: what is asked now would be done outside of it, and stay
    if (fault !== undefined) throw fault.error
    try {
      return await ask(session, query)
    } catch (error) {
      if (!isUniqueViolation(error)) fault = { error }
      throw error
    }
  }
  const connection = connectionOf((query) => {
    const answer = last.then(() => send(query))
    last = answer.catch(() => {})
    return answer
  })
  try {
    const result = await work({
      ...connection,
      executeUnlessTaken: (query) => connection.execute(query).catch(undefinedIfTaken),
    })
    if (fault !== undefined) throw fault.error
    await ask(session, plain('commit transaction'))
    return result
  } catch (error) {
    if (!isUnavailable(error)) {
      await ask(session, plain('if @@trancount > 0 rollback transaction')).catch(session.close)
    }
    throw error
  }
}

const undefinedIfTaken = (error: unknown): undefined => {
  if (!isUniqueViolation(error)) throw error
}

const rethrow = (error: unknown): never => {
  const isPassing = isUnavailable(error) || isConflict(error)
  throw isPassing ? new AuthError('store_unavailable', { cause: error }) : error
}
