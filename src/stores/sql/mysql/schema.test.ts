import { describe, expect, onTestFinished, test } from 'vitest'
import {
  isOwnable,
  isReachable,
  openService,
  type Service,
} from '../../../../test/services/services.js'
import { openStore } from '../../../../test/stores/refusals.js'
import { asOwner } from '../../../../test/stores/sql-admin.js'
import { startingTogether } from '../../../../test/stores/starting-together.js'
import { longestEvent, longestUser, sampleUser, withUsername } from '../../../testing/samples.js'
import { migrations } from '../migrations/migrations.js'
import { sqlStore } from '../sql.js'

const ours = "table_schema = database() and table_name like 'latchkey%'"

describe.skipIf(!isReachable('mysql'))('the schema on MySQL', () => {
  test('A-211 A-213: every text is compared by its bytes, in tables that know transactions', async () => {
    const { server, url } = await emptyPlace()
    await openStore(url).migrate()
    const columns = await asOwner.mysql(
      server.adminUrl,
      url,
      `select distinct character_set_name as charset, collation_name as collation
       from information_schema.columns where ${ours} and character_set_name is not null`,
    )
    const tables = await asOwner.mysql(
      server.adminUrl,
      url,
      `select distinct engine, row_format as format from information_schema.tables where ${ours}`,
    )

    const collation = /MariaDB/.test(server.version) ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin'
    expect(columns).toEqual([{ charset: 'utf8mb4', collation }])
    expect(tables).toEqual([{ engine: 'InnoDB', format: 'Dynamic' }])
  })

  test('every lookup has an index, and compares nothing under another collation', async () => {
    const { server, url } = await emptyPlace()
    const store = openStore(url)
    await store.migrate()
    for (let count = 0; count < 20; count += 1)
      await store.users.createIfAbsent(sampleUser(withUsername(`user-${count}`)))
    const explain = (sql: string) => asOwner.mysql(server.adminUrl, url, `explain ${sql}`)

    // as the driver sends it: text in the character set of its connection
    expect(
      await explain("select * from latchkey_users where canonical_username = _utf8mb4'user-7'"),
    ).toMatchObject([{ type: 'const', key: 'canonical_username' }])
    expect(
      await explain(
        "select * from latchkey_sessions where user_id = 'x' and revoked_at is null order by id",
      ),
    ).toMatchObject([{ possible_keys: expect.stringContaining('latchkey_sessions_standing') }])
  })

  startingTogether(async () => (await emptyPlace()).url, sqlStore)

  test('R-21: wherever a migration was cut short, the next start finishes it', async () => {
    const { server, url: whole } = await emptyPlace()
    const script = await openStore(whole).migrationScript()
    const statements = script.split(/;\n/).filter((each) => each.trim() !== '')
    await openStore(whole).migrate()
    const shape = await shapeOf(server, whole)

    expect(statements.length).toBeGreaterThan(8)
    for (let done = 0; done <= statements.length; done += 1) {
      const url = await server.fresh()
      if (done > 0) await asOwner.mysql(server.adminUrl, url, statements.slice(0, done).join(';'))
      const store = openStore(url)
      await store.migrate()
      expect(await shapeOf(server, url), `after ${done} statements`).toEqual(shape)
      expect(await store.pendingMigrations()).toEqual([])
      expect(await store.migrate()).toEqual([])
      expect(await store.users.createIfAbsent(longestUser())).toBe('created')
      await store.close()
    }
  })

  test('a table that changes its form under a running instance does not disturb it', async () => {
    const { server, url } = await emptyPlace()
    const store = openStore(url)
    await store.migrate()
    const user = sampleUser()
    await store.users.createIfAbsent(user)
    await Promise.all(Array.from({ length: 20 }, () => store.users.find(user.id)))
    const sql = 'alter table latchkey_users add column shoe_size integer first'
    await asOwner.mysql(server.adminUrl, url, sql)

    await expect(
      Promise.all(Array.from({ length: 20 }, () => store.users.find(user.id))),
    ).resolves.toEqual(Array(20).fill(user))
    await expect(
      store.transaction(({ users }) => users.setActive(user.id, true, user.updatedAt)),
    ).resolves.toBe(true)
  })
})

describe.skipIf(!isOwnable('mysql'))('a MySQL with settings of its own', () => {
  test('keeps what it is given all the same', async () => {
    const server = await openService('mysql', {
      own: true,
      settings: {
        'init-connect': 'set autocommit = 0',
        'sql-mode': 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH',
        'default-storage-engine': 'MyISAM',
        'innodb-default-row-format': 'compact',
        'character-set-client-handshake': 'OFF',
        'transaction-isolation': 'SERIALIZABLE',
        'sql-safe-updates': '1',
      },
    })
    onTestFinished(() => server.stop())
    for (const parameters of ['', '?prepare=false']) {
      const url = await server.fresh({ keep: true })
      const [store, other] = [openStore(url + parameters), openStore(url + parameters)]
      await store.migrate()
      const user = { ...longestUser(), firstName: String.raw`\' or 1=1 -- 👩🏽‍🚀` }
      await store.users.createIfAbsent(user)
      await store.events.append(longestEvent())
      await store.users.find('nobody')

      expect(await other.users.find(user.id)).toEqual(user)
      expect(await other.events.list({ limit: 9 })).toMatchObject([
        {
          ...longestEvent(),
          id: expect.any(String),
          subjectId: expect.any(String),
          sessionId: expect.any(String),
        },
      ])
      expect(await other.sessions.removeExpired(new Date(), 9)).toBe(0)
      await expect(
        store.users.updateProfile(user.id, { firstName: 'A'.repeat(101) }, user.updatedAt),
      ).rejects.toThrow(/Data too long/)
      const failure = new Error('The work changed its mind')
      const undone = store.transaction(async ({ users }) => {
        await users.remove(user.id)
        throw failure
      })
      await expect(undone).rejects.toBe(failure)
      expect(await other.users.find(user.id)).toEqual(user)
      // whoever only read holds nothing
      const sql = 'set lock_wait_timeout = 1; alter table latchkey_users add column size integer'
      await expect(asOwner.mysql(server.adminUrl, url, sql)).resolves.toBeDefined()
    }
  })

  test('a migrator that was stopped in the middle by its rights goes on once it has them', async () => {
    const server = await openService('mysql')
    const url = await server.fresh()
    const database = new URL(url).pathname.slice(1)
    const narrow = new URL(url)
    narrow.username = `u${database.slice(-10)}`
    narrow.password = 'narrow'
    const owner = (sql: string) => asOwner.mysql(server.adminUrl, url, sql)
    await owner(`create user ${narrow.username} identified by 'narrow';
      grant create, select, insert on ${database}.* to ${narrow.username}`)
    onTestFinished(async () => {
      await owner(`drop user ${narrow.username}`)
    })

    await expect(openStore(narrow.href).migrate()).rejects.toThrow(`grant all on ${database}.*`)
    await owner(`grant all on ${database}.* to ${narrow.username}`)
    const store = openStore(narrow.href)
    await expect(store.migrate()).resolves.toHaveLength(migrations.length)
    await expect(store.users.createIfAbsent(longestUser())).resolves.toBe('created')
  })
})

const emptyPlace = async (): Promise<{ server: Service; url: string }> => {
  const server = await openService('mysql')
  return { server, url: await server.fresh() }
}

/** Columns and indexes of all tables. */
const shapeOf = async ({ adminUrl }: Service, url: string) => [
  await asOwner.mysql(
    adminUrl,
    url,
    `select table_name, column_name, column_type, is_nullable, collation_name, extra
     from information_schema.columns where ${ours} order by 1, 2`,
  ),
  await asOwner.mysql(
    adminUrl,
    url,
    `select table_name, index_name, seq_in_index, column_name, non_unique
     from information_schema.statistics where ${ours} order by 1, 2, 3`,
  ),
]
