import { createBoundedMap } from '../../../lib/bounded-map.js'
import { openSqlite, type SqliteDatabase, type SqliteStatement } from './driver.js'

/** A handle on the file with its prepared statements. It can be opened anew: what was opened read-only stays so. */
export type SqliteHandle = {
  prepare(sql: string): SqliteStatement
  /** The next statement opens the file again. */
  drop(): void
}

/** FULL: what was answered survives a power cut; WAL: readers never wait for the writer. */
const opening = ['busy_timeout = 5000', 'journal_mode = WAL', 'synchronous = FULL']

/** From then on waiting for other processes would keep every request of this one waiting. */
const opened = ['busy_timeout = 0']

/** Prepared ones that are kept; hosts bring statements of their own. */
const mostStatements = 500

/** @throws the error of SQLite when the file cannot be opened */
export const openHandle = (file: string, { readOnly }: { readOnly: boolean }): SqliteHandle => {
  const open = (): SqliteDatabase => {
    const database = openSqlite(file)
    const pragmas = [...opening, ...(readOnly ? ['query_only = ON'] : []), ...opened]
    for (const pragma of pragmas) database.exec(`PRAGMA ${pragma}`)
    return database
  }
  let database: SqliteDatabase | undefined = open()
  const statements = createBoundedMap<SqliteStatement>(mostStatements)

  return {
    prepare: (sql) => {
      const known = statements.get(sql)
      if (known !== undefined) return known
      database ??= open()
      const made = database.prepare(sql)
      statements.set(sql, made)
      return made
    },
    drop: () => {
      statements.clear()
      if (database !== undefined && !readOnly) mergeLog(database)
      database?.close()
      database = undefined
    },
  }
}

/**
 * SQLite merges its log into the file when the last handle closes, but @photostructure/sqlite lets go of a handle only
 * when its statements are collected. Whoever copies the file of a stopped server must find everything in it.
 */
const mergeLog = (database: SqliteDatabase): void => {
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch {
    // a full disk, or others at work: the log stays beside the file, and nothing is lost
  }
}
