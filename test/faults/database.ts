import { join } from 'node:path'
import { openHandle, type SqliteHandle } from '../../src/stores/sql/sqlite/handle.js'

/** A look into the file of a server, from outside. */
type Row = Record<string, string | number | null>

export const databaseFile = (folder: string): string => join(folder, 'data', 'latchkey.db')

export const rowsOf = (folder: string, sql: string): Row[] =>
  withFile(folder, ({ prepare }) => prepare(sql).all() as Row[])

export const numberOf = (folder: string, sql: string): number =>
  Number(Object.values(rowsOf(folder, sql)[0] ?? {})[0])

/** SQLite's own opinion of the file: 'ok', or what is wrong with it. */
export const integrityOf = (folder: string): unknown =>
  rowsOf(folder, 'PRAGMA integrity_check')[0]?.integrity_check

export const changeFile = (folder: string, sql: string): void =>
  withFile(folder, ({ prepare }) => {
    prepare(sql).run()
  })

/** Keeps the file to itself, as another process that is writing does. */
export const holdFile = (folder: string): { release(): void } => {
  const { prepare, drop } = openHandle(databaseFile(folder), { readOnly: false })
  prepare('BEGIN IMMEDIATE').run()
  return {
    release: () => {
      prepare('ROLLBACK').run()
      drop()
    },
  }
}

const withFile = <Result>(folder: string, run: (handle: SqliteHandle) => Result): Result => {
  const handle = openHandle(databaseFile(folder), { readOnly: false })
  try {
    return run(handle)
  } finally {
    handle.drop()
  }
}
