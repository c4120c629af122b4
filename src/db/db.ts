import { AsyncLocalStorage } from 'node:async_hooks'
import { AuthError, ConfigurationError } from '../errors.js'
import type { Connection, SqlDialect } from '../stores/sql/dialect.js'
import { openDialect } from '../stores/sql/open.js'
import { retrying } from '../stores/sql/retrying.js'
import { DatabaseError, refuse } from './database-error.js'
import { driverErrorOf, toDatabaseError } from './faults.js'
import { createQueries, languageOf, type Outcome, type Queries, type Run } from './queries.js'
import { syntaxes } from './syntax.js'
import { encodings } from './values.js'

export { DatabaseError, type DatabaseErrorCode } from './database-error.js'
export type { Fetch, Prepared, Queries, Row, SafeQuery, Sql } from './queries.js'
export type { RowSchema } from './row-schema.js'
export { type List, list } from './template.js'
export type { Value, Values } from './values.js'

/** Queries on a database of the host's. */
export type Db = Queries & {
  /**
   * Runs the work; its changes all happen or none does. Whatever it throws undoes it and is thrown on, and so does a
   * statement that failed. Nothing but statements of the given `db` may be awaited inside. When others were in the way the
   * work runs again, so it must begin afresh each time.
   *
   * @throws DatabaseError
   */
  transaction<Result>(work: (db: Queries) => Promise<Result>): Promise<Result>
  /** Ends all connections. */
  close(): Promise<void>
}

/**
 * Safe queries on an SQL database, over a bounded pool. Nothing is opened before it is asked for, but an SQLite file.
 *
 * @param url as for `sqlStore`: `sqlite:./app.db`, `postgres://user:password@host/database?pool=10&timeout=30`
 * @throws ConfigurationError when the URL cannot be used, or a driver is missing
 * @example const { safeQuery, sql } = createDb(url)
 */
export const createDb = (url: string): Db => {
  const driver = open(url)
  const [syntax, encoding] = [syntaxes[driver.name], encodings[driver.name]]
  if (!syntax || !encoding) throw mistaken(`does not know the language of ${driver.name}`)
  const language = languageOf(syntax, encoding)
  const works = new AsyncLocalStorage<true>()
  let isClosed = false

  const explained = (error: unknown, text?: string): DatabaseError =>
    toDatabaseError(error, text, driver.explain(error instanceof AuthError ? error.cause : error))

  const directly: Run = async (statement, fetch) => {
    if (isClosed) refuse('The database is closed', statement.text)
    if (works.getStore())
      refuse('Inside of a transaction, use the db that it gives', statement.text)
    const work = (connection: Connection) =>
      runOn({ connection, driver: driver.name }, statement, fetch)
    const mayWrite = !['select', 'values'].includes(statement.verb)
    // SQLite's reader cannot write; the readers of servers are ordinary connections
    const needsWriter = driver.name === 'sqlite' && mayWrite
    const once = async () => {
      try {
        return await (needsWriter ? driver.transaction(work) : work(driver.reader))
      } catch (error) {
        throw explained(error, statement.text)
      }
    }
    try {
      return await retrying(once, isConflict)
    } catch (error) {
      throw toDatabaseError(error)
    }
  }

  const transaction: Db['transaction'] = async (work) => {
    if (isClosed) refuse('The database is closed')
    if (works.getStore()) refuse('Inside of a transaction there is no other')
    let thrown: { error: unknown } | undefined
    try {
      return await driver.transaction(async (connection) => {
        thrown = undefined
        const inside = createInside({ connection, driver: driver.name })
        try {
          const result = await works.run(true, () => work(createQueries(inside.run, language)))
          inside.requireSuccess()
          return result
        } catch (error) {
          const ofDriver = driverErrorOf(error) // by which the driver knows whether to try again
          if (ofDriver === undefined) thrown = { error }
          throw ofDriver ?? error
        } finally {
          inside.end()
        }
      })
    } catch (error) {
      throw thrown === undefined ? explained(error) : thrown.error
    }
  }

  return {
    ...createQueries(directly, language),
    transaction,
    close: async () => {
      isClosed = true
      await driver.close()
    },
  }
}

const isConflict = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code === 'conflict'

const open = (url: string): SqlDialect => {
  try {
    return openDialect(url)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw mistaken(error.mistakes.map(({ detail }) => detail).join(' '))
  }
}

const mistaken = (detail: string): ConfigurationError =>
  new ConfigurationError([{ option: 'createDb', detail }])

/** What counts rows; elsewhere SQLite repeats the last count, and PostgreSQL counts what it has read. */
const changing = ['insert', 'update', 'delete', 'merge', 'replace']

type Place = { connection: Connection; driver: string }

const runOn = async (
  { connection, driver }: Place,
  { sql, parameters, verb }: Parameters<Run>[0],
  fetch: Parameters<Run>[1],
): Promise<Outcome> => {
  // mysql2 puts the values of what has no name into its text; it remembers statements by their text, whatever their name
  const isPrepared = driver === 'mysql' && parameters.length > 0
  const query = { sql, parameters, asIs: true, ...(isPrepared && { name: 'of the host' }) }
  if (fetch !== 'none') return { rows: await connection.rows<object>(query), count: 0 }
  const count = await connection.execute(query)
  return { rows: [], count: changing.includes(verb) ? count : 0 }
}

/** Statements of one transaction, until it ends. */
const createInside = (place: Place) => {
  let hasEnded = false
  let failure: { error: unknown } | undefined
  const run: Run = async (statement, fetch) => {
    if (hasEnded) refuse('The transaction has ended: await each statement in it', statement.text)
    try {
      return await runOn(place, statement, fetch)
    } catch (error) {
      failure ??= { error: toDatabaseError(error, statement.text) }
      throw failure.error
    }
  }
  return {
    run,
    /** PostgreSQL undoes everything where a statement failed; the others do as it does. @throws DatabaseError */
    requireSuccess: (): void => {
      if (failure) throw failure.error
    },
    end: (): void => {
      hasEnded = true
    },
  }
}
