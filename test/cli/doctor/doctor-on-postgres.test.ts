import { beforeAll, describe, expect, test } from 'vitest'
import { sqlStore } from '../../../src/stores/sql/sql.js'
import { skewed } from '../../faults/skew.js'
import { isReachable, openService, type Service } from '../../services/services.js'
import { asOwner } from '../../stores/sql-admin.js'
import { newFolder } from '../command.js'
import { examine, secret } from './examine.js'

/** What somebody does to a database in the course of the years, and doctor finds. */
describe.skipIf(!isReachable('postgres'))('doctor on PostgreSQL', () => {
  let service: Service
  let url: string
  const settings = () => ({ DATABASE_URL: url, LATCHKEY_SECRET: secret })
  const asAdmin = (sql: string) => asOwner.postgres(service.adminUrl, url, sql)
  beforeAll(async () => {
    service = await openService('postgres')
    url = await service.fresh({ keep: true })
    const store = sqlStore(url)
    await store.migrate()
    await store.close()
    return () => service.stop()
  })

  test('a sound database has nothing against it', async () => {
    const { code, problems, warnings } = await examine(newFolder(), settings())

    expect({ code, problems, warnings }).toEqual({ code: 0, problems: [], warnings: [] })
  })

  test.each([
    [
      'a unique index that is gone',
      'alter table latchkey_users drop constraint latchkey_users_canonical_email_key',
      ['concerns', 'problem'],
      /create unique index "latchkey_users_canonical_email" on "latchkey_users" \("canonical_email"\)$/,
    ],
    [
      'an index that is gone',
      'drop index latchkey_sessions_standing',
      ['concerns', 'warning'],
      /create index "latchkey_sessions_standing" on "latchkey_sessions" \("user_id", "revoked_at", "id"\)$/,
    ],
    [
      'a column that is compared by the rules of a language',
      'alter table latchkey_users alter column canonical_username type varchar(100) collate "default"',
      ['concerns', 'problem'],
      /alter column canonical_username type varchar\(100\) collate "C"$/,
    ],
    [
      'a user who may not make tables',
      'alter schema public owner to postgres; revoke create on schema public from public, pg_database_owner; grant usage on schema public to public',
      ['store rights', 'warning'],
      /grant create, usage on schema public/,
    ],
    [
      'a user who may only read',
      "do $$ begin execute format('alter database %I set default_transaction_read_only to on', current_database()); end $$",
      ['store', 'problem'],
      /rights|permissions|space/,
    ],
  ] as const)(
    '%s is found, with the statement that mends it',
    async (_, sql, [name, status], remedy) => {
      await asAdmin(sql)
      const { checks } = await examine(newFolder(), settings())

      expect(checks, JSON.stringify(checks, null, 2)).toContainEqual({
        name,
        status,
        detail: expect.any(String),
        remedy: expect.stringMatching(remedy),
      })
    },
  )

  test('a clock that differs from that of the database is found, and every remedy mends', async () => {
    const shifted = await examine(newFolder(), { ...settings(), ...skewed(60) })
    expect(shifted.problems).toContainEqual({
      name: 'clock',
      status: 'problem',
      detail: expect.stringMatching(/(?:59|60|61) s ahead of that of the store/),
      remedy: expect.stringContaining('timedatectl set-ntp true'),
    })

    const remedies = shifted.checks.flatMap(({ name, remedy }) =>
      name === 'concerns' && remedy ? remedy.replace('Run in the database: ', '') : [],
    )
    expect(remedies).toHaveLength(3)
    await asAdmin(
      "set transaction read write; do $$ begin execute format('alter database %I reset all', current_database()); end $$",
    )
    for (const statement of remedies) await asAdmin(statement)
    const { problems } = await examine(newFolder(), settings())
    expect(problems).toEqual([])
  })
})
