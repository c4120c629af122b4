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

const withFile = <Result>(folder: string, run: (handle: SqliteHandle) => Result): Result => {
  const handle = openHandle(databaseFile(folder), { readOnly: false })
  try {
    return run(handle)
  } finally {
    handle.drop()
  }
}
