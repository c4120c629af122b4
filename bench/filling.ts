import { join } from 'node:path'
import pg from 'pg'
import { openHandle } from '../src/stores/sql/sqlite/handle.js'
import { openService } from '../test/services/services.js'

/** Databases with many rows in them, written in the database's own words: through the front door it would take hours. */
export type Filling = { users: number; sessions: number }

export type Filled = {
  version: string
  /** Settings of a latchkey on the place of this name. */
  place(name: string): Promise<Record<string, string>>
  /** Fills the place of this name, once latchkey has made its tables there. */
  fill(name: string, filling: Filling): Promise<void>
  stop(): Promise<void>
}

export const openFilled = (store: 'sqlite' | 'postgres', folder: string): Promise<Filled> =>
  store === 'sqlite' ? onSqlite(folder) : onPostgres()

const onSqlite = async (folder: string): Promise<Filled> => ({
  version: 'SQLite',
  place: async () => ({}),
  fill: async (name, { users, sessions }) => {
    const { prepare, drop } = openHandle(join(folder, name, 'data/latchkey.db'), {
      readOnly: false,
    })
    const id = (number: string) => `printf('0190aaaa-0000-7000-8000-%012d', ${number})`
    const upTo = (count: number) =>
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})`
    // one transaction each would make the log as large as the table
    for (const statement of statementsOf(id, { users, sessions })) {
      prepare(`${statement.insert} ${upTo(statement.count)} ${statement.select} from n`).run()
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
    fill: async (name, filling) => {
      const client = new pg.Client(urls.get(name))
      await client.connect()
      const id = (number: string) =>
        `'0190aaaa-0000-7000-8000-' || lpad((${number})::text, 12, '0')`
      for (const { insert, select, count } of statementsOf(id, filling))
        await client.query(`${insert} ${select} from generate_series(1, ${count}) as n(i)`)
      await client.query('vacuum analyze')
      await client.end()
    },
    stop: () => service.stop(),
  }
}

/** Every tenth session is over, every twentieth was ended; the others live. */
const statementsOf = (id: (number: string) => string, { users, sessions }: Filling) => {
  const now = Date.now()
  const day = 86_400_000
  return [
    {
      count: users,
      insert: `insert into latchkey_users (id, email, canonical_email, email_verified, is_active,
        roles, password_hash, created_at, updated_at)`,
      select: `select ${id('i')}, 'filler-' || i || '@example.com', 'filler-' || i || '@example.com',
        1, 1, '[]', '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$' || ${id('i')}, ${now}, ${now}`,
    },
    {
      count: sessions,
      insert: `insert into latchkey_sessions (id, user_id, nonce, generation, created_at,
        last_used_at, expires_at, revoked_at, address, user_agent, method)`,
      select: `select ${id('i')}, ${id(`1 + i % ${users}`)}, 'bm9uY2Vub25jZW5vbmNlbg', i % 50, ${now - day},
        ${now - day}, ${now} + case when i % 10 = 0 then ${-day} else ${7 * day} end,
        case when i % 20 = 1 then ${now} else null end, '192.0.2.1',
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'pwd'`,
    },
  ]
}
