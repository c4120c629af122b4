import { describe, expect, test } from 'vitest'
import { isReachable, openService } from '../../../../test/services/services.js'
import { emptiedPlace } from '../../../../test/stores/emptied-place.js'
import { fullLine } from '../../../../test/stores/full-line.js'
import { outages } from '../../../../test/stores/outages.js'
import { openStore } from '../../../../test/stores/refusals.js'
import { asOwner } from '../../../../test/stores/sql-admin.js'
import { startingTogether } from '../../../../test/stores/starting-together.js'
import {
  instant,
  sampleIdentity,
  sampleSession,
  sampleUser,
  withUsername,
} from '../../../testing/samples.js'
import { storeContract } from '../../../testing/store-contract.js'
import { sqlStore } from '../sql.js'

const emptyPlace = async (): Promise<string> => (await openService('postgres')).fresh()

describe.skipIf(!isReachable('postgres'))('on a server', () => {
  const emptied = emptiedPlace('postgres')
  storeContract('postgres', async () => sqlStore(await emptied()), { describe, test })

  storeContract(
    'postgres, two instances on one database',
    async () => {
      const place = await emptied()
      return [sqlStore(place), sqlStore(place)]
    },
    { describe, test },
  )

  storeContract(
    'postgres without prepared statements',
    async () => sqlStore(`${await emptied()}?prepare=false`),
    { describe, test, parts: ['users', 'sessions'] },
  )

  fullLine('postgres', async () => sqlStore(`${await emptied()}?pool=1`, { queue: 2 }))

  startingTogether(emptyPlace, sqlStore)

  test.each([
    ['prepares its statements', '?pool=1', expect.stringMatching(/[1-9]/)],
    ['or not, behind a proxy that shares connections', '?pool=1&prepare=false', '0'],
  ])('%s', async (_, parameters, count) => {
    const { adminUrl } = await openService('postgres')
    const url = await emptyPlace()
    const store = openStore(url + parameters)
    await store.migrate()
    // a connection tells of its statements only itself
    await asOwner.postgres(
      adminUrl,
      url,
      `create table noted (count bigint);
      grant all on noted to public;
      create function note() returns trigger language plpgsql as $$ begin
        insert into noted select count(*) from pg_prepared_statements; return new; end $$;
      create trigger note after update on latchkey_users execute function note()`,
    )
    const user = sampleUser()
    await store.users.createIfAbsent(user)
    await store.users.recordLogin(user.id, user.passwordHash, instant)

    expect(await asOwner.postgres(adminUrl, url, 'select * from noted')).toEqual([{ count }])
  })

  test('a migration that fails in the middle leaves nothing behind', async () => {
    const { adminUrl } = await openService('postgres')
    const url = await emptyPlace()
    await asOwner.postgres(adminUrl, url, 'create table latchkey_events (id integer)')
    const store = openStore(url)

    await expect(store.migrate()).rejects.toThrow('already exists')
    const tables = "select tablename from pg_tables where tablename like 'latchkey%'"
    expect(await asOwner.postgres(adminUrl, url, tables)).toEqual([
      { tablename: 'latchkey_events' },
    ])
    await asOwner.postgres(adminUrl, url, 'drop table latchkey_events')
    expect(await store.migrate()).not.toEqual([])
  })

  test('a table that changes its form under a running instance does not disturb it', async () => {
    const { adminUrl } = await openService('postgres')
    const url = await emptyPlace()
    const store = openStore(url)
    await store.migrate()
    const user = sampleUser()
    await store.users.createIfAbsent(user)
    const many = () => Promise.all(Array.from({ length: 20 }, () => store.users.find(user.id)))
    await many()
    await store.transaction(({ users }) => users.find(user.id))
    await asOwner.postgres(adminUrl, url, 'alter table latchkey_users add column size integer')

    expect(await many()).toEqual(Array(20).fill(user))
    for (let count = 0; count < 12; count += 1)
      expect(await store.transaction(({ users }) => users.find(user.id))).toEqual(user)
  })

  test('a name with a NUL in it, which PostgreSQL cannot keep, is nobody’s', async () => {
    const store = openStore(await emptyPlace())
    await store.migrate()
    await store.users.createIfAbsent(sampleUser(withUsername('ada')))
    await store.identities.insertIfAbsent(sampleIdentity({ subject: 'ada' }))

    for (const name of ['\0', 'ada\0', '\0ada', 'ad\0a']) {
      expect(await store.users.find(name)).toBeUndefined()
      expect(await store.users.findByUsername(name)).toBeUndefined()
      expect(await store.findSessionAndUser(name)).toBeUndefined()
      expect(await store.identities.find('google', name)).toBeUndefined()
      await store.transaction(async ({ users, sessions }) => {
        expect(await users.findByEmail(name)).toBeUndefined()
        await sessions.insert(sampleSession())
      })
    }
    await expect(store.users.createIfAbsent(sampleUser(withUsername('a\0')))).rejects.toThrow()
    const identity = sampleIdentity({ subject: 'a\0' })
    await expect(store.identities.insertIfAbsent(identity)).rejects.toThrow()
  })
})

outages('postgres', sqlStore)
