import { join } from 'node:path'
import { openSqlite, type SqliteDatabase } from '../../src/stores/sql/sqlite-driver.js'

/** A look into the file of a server, from outside. */
type Row = Record<string, string | number | null>

export const databaseFile = (folder: string): string => join(folder, 'data', 'latchkey.db')

export const rowsOf = (folder: string, sql: string): Row[] =>
  withDatabase(databaseFile(folder), (database) => database.prepare(sql).all() as Row[])

export const numberOf = (folder: string, sql: string): number =>
  Number(Object.values(rowsOf(folder, sql)[0] ?? {})[0])

/** SQLite's own opinion of the file: 'ok', or what is wrong with it. */
export const integrityOf = (folder: string): unknown =>
  rowsOf(folder, 'PRAGMA integrity_check')[0]?.integrity_check

export const changeFile = (folder: string, sql: string): void =>
  withDatabase(databaseFile(folder), (database) => database.exec(sql))

/** Keeps the file to itself, as another process that is writing does. */
export const holdFile = (folder: string): { release(): void } => {
  const database = openSqlite(databaseFile(folder))
  database.exec('PRAGMA busy_timeout = 5000')
  database.exec('BEGIN IMMEDIATE')
  return {
    release: () => {
      database.exec('ROLLBACK')
      database.close()
    },
  }
}

/** Changes without the event that belongs to them, and sessions without a user: each count must be 0. */
export const halves = (folder: string): Record<string, number> => ({
  sessionsWithoutUser: numberOf(
    folder,
    'select count(*) from latchkey_sessions where user_id not in (select id from latchkey_users)',
  ),
  usersWithoutEvent: numberOf(
    folder,
    `select count(*) from latchkey_users u where (select count(*) from latchkey_events e
     where e.subject_id = u.id and e.type = 'account.registered') <> 1`,
  ),
  sessionsWithoutEvent: numberOf(
    folder,
    `select count(*) from latchkey_sessions s where (select count(*) from latchkey_events e
     where e.session_id = s.id and e.type = 'login.succeeded') <> 1`,
  ),
  rotationsWithoutEvent: numberOf(
    folder,
    `select count(*) from latchkey_sessions s where generation <> (select count(*)
     from latchkey_events e where e.session_id = s.id and e.type = 'session.refreshed')`,
  ),
  endingsWithoutEvent: numberOf(
    folder,
    `select count(*) from latchkey_sessions s where (revoked_at is not null) <> (select count(*)
     from latchkey_events e where e.session_id = s.id and e.type in ('session.ended', 'session.reused'))`,
  ),
})

export const noHalves = {
  sessionsWithoutUser: 0,
  usersWithoutEvent: 0,
  sessionsWithoutEvent: 0,
  rotationsWithoutEvent: 0,
  endingsWithoutEvent: 0,
}

const withDatabase = <Result>(file: string, run: (database: SqliteDatabase) => Result): Result => {
  const database = openSqlite(file)
  try {
    database.exec('PRAGMA busy_timeout = 5000')
    return run(database)
  } finally {
    database.close()
  }
}
