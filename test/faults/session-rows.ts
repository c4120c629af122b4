import pg from 'pg'
import { isReachable, openService } from '../services/services.js'
import { changeFile, rowsOf } from './database.js'

/** The sessions of a server, looked at and put there from outside, wherever they are kept. */
export type SessionRows = {
  /** Settings of the server that keeps them here. */
  env: Record<string, string>
  rows(folder: string, sql: string): Promise<object[]>
  change(folder: string, sql: string): Promise<void>
  close(): Promise<void>
}

const inSqlite: SessionRows = {
  env: {},
  rows: async (folder, sql) => rowsOf(folder, sql),
  change: async (folder, sql) => changeFile(folder, sql),
  close: async () => {},
}

const inPostgres = async (): Promise<SessionRows> => {
  const url = await (await openService('postgres')).fresh()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return {
    env: { DATABASE_URL: url },
    rows: async (_, sql) => (await client.query(sql)).rows,
    change: async (_, sql) => {
      await client.query(sql)
    },
    close: () => client.end(),
  }
}

/** Where sessions can be kept, whether that can be had here, and how to get an empty place there. */
export const sessionPlaces: readonly {
  place: string
  isHere: boolean
  open(): Promise<SessionRows>
}[] = [
  { place: 'SQLite', isHere: true, open: async () => inSqlite },
  { place: 'PostgreSQL', isHere: isReachable('postgres'), open: inPostgres },
]

/** Many at once, each expiring a millisecond later, in SQL that both understand; ids of different `first` do not meet. */
export const manySessions = ({
  first,
  count,
  userId,
  expiresAt,
}: {
  first: number
  count: number
  userId: string
  expiresAt: number
}): string => `
  WITH RECURSIVE numbers(n) AS
    (SELECT ${first} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${first + count - 1})
  INSERT INTO latchkey_sessions
    (id, user_id, nonce, generation, created_at, last_used_at, expires_at, method)
  SELECT '01890a5d-ac96-7000-8000-' || CAST(100000000000 + n AS text), '${userId}', 'bm9uY2U', 0,
    ${expiresAt} - 604800000, ${expiresAt} - 604800000, ${expiresAt} + n - ${first}, 'pwd'
  FROM numbers`
