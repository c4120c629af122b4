import { createRequire } from 'node:module'
import { ConfigurationError } from '../../../errors.js'
import { trusted } from '../../../lib/trusted.js'

/** The part of node:sqlite that is used. @photostructure/sqlite is the same for Node below 22.13. */
export type SqliteDatabase = {
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  close(): void
}

export type SqliteStatement = {
  all(...parameters: readonly unknown[]): unknown[]
  iterate(...parameters: readonly unknown[]): IterableIterator<unknown>
  run(...parameters: readonly unknown[]): { changes: number | bigint }
}

type SqliteModule = {
  DatabaseSync: new (file: string, options?: { readOnly: boolean }) => SqliteDatabase
}

const require = createRequire(import.meta.url)
let loaded: SqliteModule | undefined

export const openSqlite = (file: string): SqliteDatabase => {
  loaded ??= load()
  return new loaded.DatabaseSync(file)
}

/** Nothing of the file is changed, and none is made. */
export const openSqliteReadOnly = (file: string): SqliteDatabase => {
  loaded ??= load()
  return new loaded.DatabaseSync(file, { readOnly: true })
}

const load = (): SqliteModule => {
  for (const name of ['node:sqlite', '@photostructure/sqlite']) {
    try {
      return withoutWarning(() => trusted<SqliteModule>(require(name)))
    } catch {
      // the next one
    }
  }
  throw new ConfigurationError([
    {
      option: 'store',
      detail:
        'needs SQLite. Use Node 22.13 or later, or run: npm install @photostructure/sqlite@1.2.1',
    },
  ])
}

/** Node 22 warns that its SQLite is experimental. latchkey pins what it uses of it with its tests. */
const withoutWarning = <Result>(run: () => Result): Result => {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return run()
  } finally {
    process.emitWarning = emitWarning
  }
}
