import { RequestError } from 'tedious'
import type { Query } from '../../src/stores/sql/dialect.js'
import {
  openSqlite,
  type SqliteDatabase,
  type SqliteStatement,
} from '../../src/stores/sql/sqlite/driver.js'
import type { OpenSession, Session } from '../../src/stores/sql/sqlserver/session.js'
import { checkWidths } from './widths.js'

/**
 * Stands in for SQL Server where there is none: the T-SQL of our driver, run by SQLite. What it has in common with the
 * real one is what the driver relies on: texts are compared as if filled up with blanks, they are bounded in UTF-16
 * units, readers see what is committed, a lock that takes too long is error 1222, and errors carry SQL Server's numbers.
 */
export type StandIn = {
  open: OpenSession
  /** Every text that was sent, once. */
  texts: Set<string>
  /** What the server says about itself; a test may change it. */
  server: { version: number; edition: number; snapshots: number }
  /** What sp_getapplock answers; below 0 there is no lock. */
  lock: number
  /** Throws what the test wants to see thrown, before the statement runs. */
  onAsk: (sql: string) => void
}

export const standIn = (file: string): StandIn => {
  const self: StandIn = {
    texts: new Set(),
    server: { version: 15, edition: 3, snapshots: 1 },
    lock: 0,
    onAsk: () => {},
    open: async () => sessionOn(file, self),
  }
  return self
}

export const serverError = (number: number, severity = 14): RequestError =>
  Object.assign(new RequestError(`Error ${number}`, 'EREQUEST'), { number, class: severity })

const numberOf = (error: unknown): unknown =>
  error instanceof RequestError ? error.number : undefined

const sessionOn = (file: string, self: StandIn): Session => {
  const database = openSqlite(file)
  database.exec('PRAGMA journal_mode = WAL')
  let isOpen = true
  const state: State = { database, self, statements: new Map(), lockMilliseconds: 0 }
  return {
    ask: async <Row>({ sql, parameters }: Query<Row>) => {
      self.texts.add(sql)
      try {
        self.onAsk(sql)
      } catch (error) {
        // whoever is chosen in a deadlock has lost everything
        if (numberOf(error) === 1205 && state.isInTransaction) end(state, 'ROLLBACK')
        throw error
      }
      const answers: unknown[] = []
      for (const piece of sql.split('; ')) answers.push(await run(state, piece, parameters))
      return answers.at(-1) as Row[]
    },
    isOpen: () => isOpen,
    close: () => {
      if (isOpen && state.isAlone) database.exec('ROLLBACK')
      if (isOpen) database.close()
      isOpen = false
    },
  }
}

type State = {
  database: SqliteDatabase
  self: StandIn
  statements: Map<string, SqliteStatement>
  lockMilliseconds: number
  changed?: number
  isInTransaction?: boolean
  isAlone?: boolean
}

const run = async (
  state: State,
  sql: string,
  parameters: readonly unknown[],
): Promise<readonly unknown[]> => {
  const words = own.find(([beginning]) => sql.startsWith(beginning))?.[1]
  if (words !== undefined) return words(state, sql)
  if (!sql.startsWith('select')) await beAlone(state)
  if (/^(?:create|drop|alter)/.test(sql)) {
    refuseUniqueNull(state.database, sql)
    numbered(() => state.database.exec(toSqliteDefinition(sql)))
    return []
  }
  checkWidths(state.database, sql, parameters, () => {
    throw serverError(2628, 16)
  })
  const statement = numbered(() => prepared(state, sql))
  const values = Object.fromEntries(parameters.map((value, index) => [`@${index + 1}`, value]))
  const given = parameters.length === 0 ? [] : [values]
  if (sql.startsWith('select'))
    return numbered(() => statement.all(...given)).map((row) => ({ ...(row as object) }))
  state.changed = Number(numbered(() => statement.run(...given)).changes)
  return []
}

type Words = (state: State, sql: string) => readonly unknown[] | Promise<readonly unknown[]>

/** What SQLite has other words for, or none. */
const own: readonly (readonly [string, Words])[] = [
  ['select @@rowcount', (state) => [{ changed: state.changed ?? 0 }]],
  ['select cast(serverproperty(', ({ self }) => [self.server]],
  ['declare @result', () => []],
  ['exec @result = sp_getapplock', (state) => beAlone(state)],
  ['select @result', ({ self }) => [{ result: self.lock }]],
  [
    'set lock_timeout ',
    (state, sql) => {
      state.lockMilliseconds = Number(sql.split(' ').at(-1))
      return []
    },
  ],
  [
    'begin transaction',
    (state) => {
      state.isInTransaction = true
      return []
    },
  ],
  ['commit transaction', (state) => end(state, 'COMMIT')],
  [
    'if @@trancount > 0 rollback transaction',
    (state) => (state.isInTransaction ? end(state, 'ROLLBACK') : []),
  ],
]

/** One writer at a time, where the real one would lock rows. */
const beAlone = async (state: State): Promise<readonly unknown[]> => {
  const until = performance.now() + state.lockMilliseconds
  while (state.isInTransaction && !state.isAlone) {
    try {
      state.database.exec('BEGIN IMMEDIATE')
      state.isAlone = true
    } catch (error) {
      if (!/locked/.test(String(error))) throw error
      if (performance.now() > until) throw serverError(1222, 16)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  return []
}

const end = (state: State, how: 'COMMIT' | 'ROLLBACK'): readonly unknown[] => {
  if (!state.isInTransaction) throw serverError(3902, 16)
  if (state.isAlone) state.database.exec(how)
  state.isInTransaction = false
  state.isAlone = false
  return []
}

const prepared = ({ database, statements }: State, sql: string): SqliteStatement => {
  const known = statements.get(sql)
  if (known !== undefined) return known
  const made = database.prepare(toSqliteQuery(sql))
  statements.set(sql, made)
  return made
}

const toSqliteQuery = (sql: string): string =>
  sql
    .replace(/^select top\((\d+)\) (.*)$/s, 'select $2 limit $1')
    .replace(/ offset (\S+) rows fetch next (\S+) rows only$/, ' limit $2 offset $1')

/** SQLite lets null stand in a unique column as often as it likes, SQL Server once. */
const refuseUniqueNull = (database: SqliteDatabase, sql: string): void => {
  const [, table, columns] = /^create unique index \S+ on "(\w+)" \(([^)]*)\)$/.exec(sql) ?? []
  const wrong =
    table === undefined
      ? sql.split(', "').find((column) => / unique\b/.test(column) && !/ not null\b/.test(column))
      : nullableOf(database, table).find((name) => columns?.includes(`"${name}"`))
  if (wrong !== undefined) throw new Error(`null could stand once only: ${wrong}`)
}

const nullableOf = (database: SqliteDatabase, table: string): string[] => {
  const columns = database.prepare(`pragma table_info("${table}")`).all() as {
    name: string
    notnull: number
  }[]
  return columns.filter(({ notnull }) => notnull === 0).map(({ name }) => name)
}

const toSqliteDefinition = (sql: string): string =>
  sql
    .replaceAll('collate Latin1_General_100_BIN2', 'collate rtrim')
    .replaceAll('nvarchar(max)', 'text')
    .replaceAll('bigint identity primary key', 'integer primary key autoincrement')
    .replace(/^(drop index "\w+") on "\w+"$/, '$1')

/** Runs it; errors are those of SQL Server. */
const numbered = <Result>(statement: () => Result): Result => {
  try {
    return statement()
  } catch (error) {
    const code = error instanceof Error && 'errcode' in error ? error.errcode : 0
    if (code === 1555) throw serverError(2627)
    if (code === 2067) throw serverError(2601)
    if (/no such table/.test(String(error))) throw serverError(208, 16)
    throw error
  }
}
