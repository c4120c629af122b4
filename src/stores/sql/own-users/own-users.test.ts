import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { isReachable, openService } from '../../../../test/services/services.js'
import { createAuth } from '../../../auth.js'
import { arrivalOf } from '../../../testing/arrivals.js'
import { storeContract } from '../../../testing/store-contract.js'
import { sqlStore, type UsersTable } from '../sql.js'
import { openHandle } from '../sqlite/handle.js'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-own-users-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Everything has a column, in the types and under the names of somebody else. */
const full: UsersTable = {
  table: 'people',
  columns: {
    id: 'person_id',
    email: 'mail',
    canonicalEmail: 'mail_key',
    username: 'login',
    canonicalUsername: 'login_key',
    firstName: 'given_name',
    lastName: 'family_name',
    emailVerified: 'confirmed',
    isActive: 'enabled',
    roles: 'roles',
    passwordHash: 'password',
    createdAt: 'made',
    updatedAt: 'changed',
    lastLoginAt: 'seen',
  },
}
const tableIn = (uuid: string, time: string, truth: string) => `create table people (
  person_id ${uuid} primary key, mail text, mail_key text unique, login text, login_key text unique,
  given_name text, family_name text, confirmed ${truth} not null, enabled ${truth} not null,
  roles text, password text, made ${time}, changed ${time}, seen ${time})`

let count = 0
const sqliteFile = (statement: string): string => {
  count += 1
  const file = join(folder, `${count}.db`)
  const { prepare, drop } = openHandle(file, { readOnly: false })
  prepare(statement).run()
  drop()
  return `sqlite:${file}`
}

/** Roles are the host's: they are read and never written, which the contract cannot know. */
const withoutRoles = (title: string, run: () => Promise<void>) =>
  /longest values|touches what it names/.test(title) ? undefined : test(title, run)

storeContract(
  'sqlite, own table',
  () => sqlStore(sqliteFile(tableIn('text', 'text', 'integer')), { users: full }),
  { describe, test: withoutRoles, parts: ['users'] },
)

describe.skipIf(!isReachable('postgres'))('on PostgreSQL', async () => {
  if (!isReachable('postgres')) return
  const service = await openService('postgres')
  const place = async (statement: string): Promise<string> => {
    const url = await service.fresh()
    const client = new pg.Client(url)
    await client.connect()
    await client.query(statement)
    await client.end()
    return url
  }

  storeContract(
    'own table',
    async () => sqlStore(await place(tableIn('uuid', 'timestamp(3)', 'boolean')), { users: full }),
    { describe, test: withoutRoles, parts: ['users'] },
  )

  /** The table of the FastAPI service that latchkey replaces. */
  const seed = `create table users (
    user_id uuid primary key, email text unique not null, password_hash text not null,
    first_name text not null, last_name text not null, created_at timestamp default current_timestamp);
    insert into users (user_id, email, password_hash, first_name, last_name) values (
      '4b0d7c1e-5d0c-4c84-9a59-2f9b9b2f5d11', 'Alice@Example.com',
      '$argon2id$v=19$m=19456,t=2,p=1$4AfVrR4midb5oGjl8i4m1w$wzsI84ThhyumsVz5eDJjGgX0bOJaQF/saZjQd4fipbI',
      'Alice', 'Liddell')`
  const mapped: UsersTable = {
    table: 'users',
    columns: {
      id: 'user_id',
      email: 'email',
      passwordHash: 'password_hash',
      firstName: { column: 'first_name', ifNull: '' },
      lastName: { column: 'last_name', ifNull: '' },
      createdAt: 'created_at',
    },
  }
  const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'
  const openSeed = async (users = mapped, statement = seed) => {
    const auth = createAuth({ store: sqlStore(await place(statement), { users }), secret })
    return { auth, end: () => auth.close() }
  }

  test('whoever was there before signs in with the old hash, and is looked up however they type', async () => {
    const { auth, end } = await openSeed()
    const grant = await auth.login({ email: 'aLICE@example.com', password: 'secret' }, {})
    const { user } = await auth.authenticate(grant.accessToken)

    expect(user).toMatchObject({
      id: '4b0d7c1e-5d0c-4c84-9a59-2f9b9b2f5d11',
      email: 'Alice@Example.com',
      firstName: 'Alice',
      isActive: true,
    })
    await end()
  })

  test('a life: register, sign in, refresh, change name and password, delete', async () => {
    const { auth, end } = await openSeed()
    const [email, password] = ['Bob@Example.com', 'a long and winding road']
    const registered = await auth.register({ email, password }, {})
    const { user, session } = await auth.authenticate(registered.accessToken)
    expect(user).toMatchObject({ email: 'bob@example.com', firstName: null })
    const next = await auth.refresh(registered.refreshToken, {})
    await auth.updateProfile(user, { firstName: 'Bob' }, {})
    await auth.changePassword(
      { user, sessionId: session.id },
      { current: password, next: 'another quite long road' },
      {},
    )
    await expect(auth.login({ email, password }, {})).rejects.toThrow()
    const again = await auth.login({ email, password: 'another quite long road' }, {})
    const changed = (await auth.authenticate(again.accessToken)).user
    expect(changed.firstName).toBe('Bob')
    await auth.deleteAccount(changed, 'another quite long road', {})
    await expect(auth.refresh(next.refreshToken, {})).rejects.toThrow()
    await expect(auth.login({ email, password: 'another quite long road' }, {})).rejects.toThrow()
    await end()
  })

  test('who comes through a provider needs no password, though its column holds no null', async () => {
    const passwordHash = { column: 'password_hash', ifNull: '' }
    const { auth, end } = await openSeed({
      ...mapped,
      columns: { ...mapped.columns, passwordHash },
    })
    await auth.ready()
    const { social } = auth.rooms
    const grant = await social.logIn(arrivalOf('Bob@Example.com'), {})
    const { user, session } = await auth.authenticate(grant.accessToken)
    expect(user).toMatchObject({ email: 'bob@example.com', passwordHash: null })
    const who = { userId: user.id, sessionId: session.id }
    const github = arrivalOf('bob@example.com', '2', { provider: 'github' })
    await social.identities.linkFor(who, github, {}) // there is no column to note that the address is proved
    await expect(auth.login({ email: 'bob@example.com', password: '' }, {})).rejects.toThrow()

    const next = 'another quite long road'
    await auth.changePassword({ user, sessionId: session.id }, { next }, {})
    await expect(
      auth.login({ email: 'bob@example.com', password: next }, {}),
    ).resolves.toBeDefined()
    expect((await social.logIn(arrivalOf(null), {})).user?.id).toBe(user.id)
    const alice = social.logIn({ ...arrivalOf('alice@example.com', '3'), claim: true }, {})
    await expect(alice).rejects.toMatchObject({ code: 'registration_closed' })
    expect(await auth.store.identities.find('google', '3')).toBeUndefined()
    await end()
  })

  test('an address that is there in another spelling is taken', async () => {
    const { auth, end } = await openSeed()
    const account = { email: 'alice@example.com', password: 'a long and winding road' }

    await expect(auth.register(account, {})).rejects.toMatchObject({ code: 'email_taken' })
    await end()
  })

  test('of two spellings of one address in the table nobody is let in', async () => {
    const twin = seed.replace(
      'insert into users',
      `insert into users values (
      '4b0d7c1e-5d0c-4c84-9a59-2f9b9b2f5d12', 'alice@example.com', 'x', '', ''); insert into users`,
    )
    const { auth, end } = await openSeed(mapped, twin)
    const login = auth.login({ email: 'alice@example.com', password: 'secret' }, {})

    await expect(login).rejects.toMatchObject({ code: 'invalid_credentials' })
    await end()
  })

  test.each(['serial', 'integer generated always as identity'])(
    'ids of %s are made by the sequence',
    async (type) => {
      const serial = seed
        .replace('user_id uuid primary key', `id ${type} primary key`)
        .replace('(user_id, email', '(email')
        .replace("'4b0d7c1e-5d0c-4c84-9a59-2f9b9b2f5d11', ", '')
      const users: UsersTable = {
        ...mapped,
        id: 'integer',
        columns: { ...mapped.columns, id: 'id' },
      }
      const { auth, end } = await openSeed(users, serial)
      const account = { email: 'bob@example.com', password: 'a long and winding road' }
      const { user } = await auth.authenticate((await auth.register(account, {})).accessToken)

      expect(user.id).toBe('2')
      expect(await auth.store.users.find('2; drop table users')).toBeUndefined()
      expect((await auth.store.users.list({ limit: 9, afterId: '1' })).map(({ id }) => id)).toEqual(
        ['2'],
      )
      await end()
    },
  )

  test('A-083: the lower case of another sign is not the sign', async () => {
    const { auth, end } = await openSeed(
      mapped,
      seed.replace('Alice@Example', 'Ali\u212ace@Example'),
    )
    const login = auth.login({ email: 'alikce@example.com', password: 'secret' }, {})

    await expect(login).rejects.toMatchObject({ code: 'invalid_credentials' })
    expect(await auth.store.users.findByEmail('alikce@example.com')).toBeUndefined()
    await end()
  })

  test('a username that no column could keep is refused, not lost', async () => {
    const { auth, end } = await openSeed()
    const account = {
      email: 'bob@example.com',
      username: 'bob',
      password: 'a long and winding road',
    }

    await expect(auth.register(account, {})).rejects.toMatchObject({ code: 'invalid_body' })
    await end()
  })

  test('what the table lacks is named at the start, all at once', async () => {
    const users: UsersTable = {
      ...mapped,
      columns: { ...mapped.columns, isActive: 'enabled', username: 'nick"name' },
    }
    const { auth, end } = await openSeed(users)
    await expect(auth.ready()).rejects.toThrow(/enabled, nick"name|nick"name, enabled/)
    await end()

    const other = await openSeed({ ...mapped, table: 'app.people' })
    await expect(other.auth.ready()).rejects.toThrow(/table app.people that is not there/)
    await other.end()
  })

  test('a table without a column for it disables nobody', async () => {
    const { auth, end } = await openSeed()
    await expect(auth.users.setActive('alice@example.com', false, {})).rejects.toMatchObject({
      code: 'registration_closed',
    })
    await end()
  })
})
