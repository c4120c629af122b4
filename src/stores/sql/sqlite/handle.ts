import { createBoundedMap } from '../../../lib/bounded-map.js'
import { openSqlite, type SqliteDatabase, type SqliteStatement } from './driver.js'

/** A handle on the file with its prepared statements. It can be opened anew: what was opened read-only stays so. */
export type SqliteHandle = {
  prepare(sql: string): SqliteStatement
  /** Whether whoever writes has to put the log on the disk after each COMMIT: SQLite leaves that to them. */
  leavesLog(): boolean
  /** The next statement opens the file again. */
  drop(): void
}

/** FULL: what was committed survives a power cut; WAL: readers never wait for the writer. */
const opening = ['busy_timeout = 5000', 'journal_mode = WAL', 'synchronous = FULL']

/** SQLite itself syncs the log before it merges it into the file, and the file before it forgets the log. */
const leavingLog = 'PRAGMA synchronous = NORMAL'

/** From then on waiting for other processes would keep every request of this one waiting. */
const opened = ['busy_timeout = 0']

/** Prepared ones that are kept; hosts bring statements of their own. */
const mostStatements = 500

type Opening = {
  readOnly: boolean
  /** The log is synced elsewhere. Not where the file system has no shared memory, for there is no log then. */
  leavesLog?: boolean
}

/** @throws the error of SQLite when the file cannot be opened */
export const openHandle = (file: string, { readOnly, ...asked }: Opening): SqliteHandle => {
  let leavesLog = false
  const open = (): SqliteDatabase => {
    const database = openSqlite(file)
    const pragmas = [...opening, ...(readOnly ? ['query_only = ON'] : []), ...opened]
    for (const pragma of pragmas) database.exec(`PRAGMA ${pragma}`)
    leavesLog = asked.leavesLog === true && hasLog(database)
    if (leavesLog) database.exec(leavingLog)
    return database
  }
  let database: SqliteDatabase | undefined = open()
  const statements = createBoundedMap<SqliteStatement>(mostStatements)

  return {
    leavesLog: () => leavesLog,
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

const hasLog = (database: SqliteDatabase): boolean => {
  const [row] = database.prepare('PRAGMA journal_mode').all()
  return Object.values(row ?? {}).includes('wal')
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
