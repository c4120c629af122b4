import { join } from 'node:path'
import pg from 'pg'
import { openHandle } from '../src/stores/sql/sqlite/handle.js'
import { openService } from '../test/services/services.js'

/** Databases with many rows in them, written in the database's own words: through the front door it would take hours. */
export type Filled = {
  version: string
  /** Settings of a latchkey on the place of this name. */
  place(name: string): Promise<Record<string, string>>
  /** Writes into the place of this name, once latchkey has made its tables there. */
  fill(name: string, write: (words: Words) => readonly Statement[]): Promise<void>
  stop(): Promise<void>
}

/** Run once, or for each number from 1 to `count`, which it calls `i`. */
export type Statement = { insert: string; select: string; count: number } | { update: string }

/** What each database says its own way. */
type Words = { padded(number: string): string }

export const openFilled = (store: 'sqlite' | 'postgres', folder: string): Promise<Filled> =>
  store === 'sqlite' ? onSqlite(folder) : onPostgres()

const onSqlite = async (folder: string): Promise<Filled> => ({
  version: 'SQLite',
  place: async () => ({}),
  fill: async (name, write) => {
    const { prepare, drop } = openHandle(join(folder, name, 'data/latchkey.db'), {
      readOnly: false,
    })
    const upTo = (count: number) =>
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})`
    // one transaction each would make the log as large as the table
    for (const statement of write({ padded: (number) => `printf('%012d', ${number})` })) {
      const { insert, count, select } =
        'update' in statement ? { insert: statement.update, count: 0, select: '' } : statement
      prepare(count === 0 ? insert : `${insert} ${upTo(count)} ${select}`).run()
      prepare('PRAGMA wal_checkpoint(TRUNCATE)').all()
    }
    prepare('ANALYZE').run()
    drop()
  },
  stop: async () => {},
})

const onPostgres = async (): Promise<Filled> => {
  const service = await openService('postgres', { own: true })
  const urls = new Map<string, string>()
  return {
    version: `PostgreSQL ${service.version}`,
    place: async (name) => {
      const url = await service.fresh({ keep: true })
      urls.set(name, url)
      return { DATABASE_URL: url }
    },
    fill: async (name, write) => {
      const client = new pg.Client(urls.get(name))
      await client.connect()
      for (const statement of write({ padded: (number) => `lpad((${number})::text, 12, '0')` }))
        await client.query(
          'update' in statement
            ? statement.update
            : `${statement.insert} with n(i) as (select generate_series(1, ${statement.count})) ${statement.select}`,
        )
      await client.query('vacuum analyze')
      await client.end()
    },
    stop: () => service.stop(),
  }
}

const day = 86_400_000
const insertSessions = `insert into latchkey_sessions (id, user_id, nonce, generation, created_at,
  last_used_at, expires_at, revoked_at, address, user_agent, method)`
const client = `'192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'pwd'`

/** So many strangers with five sessions each: every tenth is over, every twentieth was ended, the others live. */
export const strangers =
  (users: number) =>
  ({ padded }: Words): Statement[] => {
    const now = Date.now()
    const id = (number: string) => `'0190aaaa-0000-7000-8000-' || ${padded(number)}`
    return [
      {
        count: users,
        insert: `insert into latchkey_users (id, email, canonical_email, email_verified, is_active,
          roles, password_hash, created_at, updated_at)`,
        select: `select ${id('i')}, 'filler-' || i || '@example.com', 'filler-' || i || '@example.com',
          1, 1, '[]', '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$' || ${id('i')}, ${now}, ${now} from n`,
      },
      {
        count: users * 5,
        insert: insertSessions,
        select: `select ${id('i')}, ${id(`1 + i % ${users}`)}, 'bm9uY2Vub25jZW5vbmNlbg', i % 50, ${now - day},
          ${now - day}, ${now} + case when i % 10 = 0 then ${-day} else ${7 * day} end,
          case when i % 20 = 1 then ${now} else null end, ${client} from n`,
      },
    ]
  }

/** So many older sessions for each person of the benchmark. No more live than latchkey lets live; the others were ended. */
export const olderSessions =
  (count: number) =>
  ({ padded }: Words): Statement[] => {
    const now = Date.now()
    return [
      {
        count,
        insert: insertSessions,
        select: `select substr(u.id, 1, 24) || ${padded('i')}, u.id, 'bm9uY2Vub25jZW5vbmNlbg', 1, ${now - day},
          ${now - day}, ${now + 7 * day}, case when i > ${liveAtMost} then ${now} else null end, ${client}
          from n cross join latchkey_users u where u.email like 'bench-%'`,
      },
    ]
  }

/** SESSIONS_PER_USER is 100, and those who sign in have to find room. */
const liveAtMost = 90

export const manyRoles = (count: number) => (): Statement[] => {
  const roles = Array.from({ length: count }, (_, number) => `department-${number}`)
  return [
    {
      update: `update latchkey_users set roles = '${JSON.stringify(roles)}' where email like 'bench-%'`,
    },
  ]
}
