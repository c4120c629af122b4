import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDb, type Db } from '../../src/db/db.js'
import { accessSecret, opaqueToken, signedToken } from '../../src/testing/legacy.js'
import { type StandIn, startStandIn } from '../../src/testing/testing.js'
import { isReachable, openService, type Service } from '../services/services.js'
import {
  hashBy,
  inSeconds,
  type MovedService,
  moveIn,
  password,
  tomorrow,
  yesterday,
} from './moving.js'

/** The envelope service: SQL Server where there is one, argon2id, SHA-256 of refresh tokens in a table. */
const folder = mkdtempSync(join(tmpdir(), 'latchkey-move-'))
const email = 'ada@example.com'
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
const tokens = { mine: opaqueToken(), other: opaqueToken(), late: opaqueToken() }
const wrong = { revoked: opaqueToken(), expired: opaqueToken(), bobs: opaqueToken() }
/** Came in through Google there, and has no password. */
const grace = { subject: '117283946', email: 'grace@gmail.com' }
let service: Service | undefined
let moved: MovedService
let db: Db
let standIn: StandIn

const onSqlServer = async (): Promise<void> => {
  await db.sql`create table users (id int identity(1,1) primary key, email nvarchar(255) not null unique,
    username nvarchar(100) not null, password_hash nvarchar(255) null, provider nvarchar(50) null,
    provider_id nvarchar(255) null, is_active bit not null default 1,
    created_at datetime2 not null default getutcdate(), updated_at datetime2 not null default getutcdate(),
    last_login datetime2 null)`.none()
  await db.sql`create table refresh_tokens (id int identity(1,1) primary key,
    user_id int not null references users(id) on delete cascade, token_hash nvarchar(255) not null unique,
    expires_at datetime2 not null, is_revoked bit not null default 0,
    created_at datetime2 not null default getutcdate())`.none()
}

const onSqlite = async (): Promise<void> => {
  await db.sql`create table users (id integer primary key, email varchar(255) not null unique,
    username varchar(100) not null, password_hash varchar(255), provider varchar(50),
    provider_id varchar(255), is_active boolean not null default 1,
    created_at datetime not null default current_timestamp, updated_at datetime not null default current_timestamp,
    last_login datetime)`.none()
  await db.sql`create table refresh_tokens (id integer primary key,
    user_id integer not null references users(id) on delete cascade, token_hash varchar(255) not null unique,
    expires_at datetime not null, is_revoked boolean not null default 0,
    created_at datetime not null default current_timestamp)`.none()
}

/** As the service writes them: naive, in UTC. */
const instant = (seconds: number): string =>
  new Date(inSeconds(seconds) * 1000).toISOString().replace('T', ' ').replace('Z', '456')

const keep = (token: string, seconds: number, more: { of?: number; isRevoked?: boolean } = {}) => {
  const { of = 1, isRevoked = false } = more
  return db.sql`insert into refresh_tokens (user_id, token_hash, expires_at, is_revoked)
    values (${of}, ${hashOf(token)}, ${instant(seconds)}, ${isRevoked ? 1 : 0})`.none()
}

beforeAll(async () => {
  service = isReachable('mssql') ? await openService('mssql') : undefined
  const url = (await service?.fresh()) ?? `sqlite:${join(folder, 'app.db')}`
  db = createDb(url)
  await (service ? onSqlServer() : onSqlite())
  for (const [who, isActive] of [
    ['ada', 1],
    ['bob', 0],
  ] as const)
    await db.sql`insert into users (email, username, password_hash, is_active)
      values (${`${who}@example.com`}, ${who}, ${hashBy('passlib argon2')}, ${isActive})`.none()
  standIn = await startStandIn()
  await db.sql`insert into users (email, username, provider, provider_id)
    values (${grace.email}, ${'Grace'}, ${'google'}, ${grace.subject})`.none()
  for (const token of Object.values(tokens)) await keep(token, 604_800)
  await keep(wrong.revoked, 604_800, { isRevoked: true })
  await keep(wrong.expired, -60)
  await keep(wrong.bobs, 604_800, { of: 2 })
  const settings = {
    SECRET_KEY: accessSecret,
    ALGORITHM: 'HS256',
    DATABASE_URL: url,
    AUTH_PROFILE: 'envelope',
    LEGACY_UNTIL: tomorrow(),
    GOOGLE_CLIENT_ID: 'our-app',
    GOOGLE_CLIENT_SECRET: 'our-app-secret',
    // as the service had them all its life, in the sample
    GITHUB_CLIENT_ID: 'your-github-client-id',
    GITHUB_CLIENT_SECRET: 'your-github-client-secret',
    OAUTH_STAND_IN_URL: standIn.origin,
  }
  moved = await moveIn(settings, url)
})
afterAll(async () => {
  await moved?.stop()
  await db?.close()
  await service?.stop()
  await standIn?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const refresh = (cookie: string) => moved.call('/auth/refresh', { cookie })
const oldAccess = (seconds = 1800) =>
  signedToken(accessSecret, { sub: '1', email, exp: inSeconds(seconds), type: 'access' })

test('the old access token works', async () => {
  const { status, body } = await moved.call('/auth/me', { method: 'GET', bearer: oldAccess() })

  expect([status, body.data]).toMatchObject([200, { email, username: 'ada', is_active: true }])
})

test('the old cookie is traded once, and again within the grace for the same', async () => {
  const [first, again] = [await refresh(tokens.mine), await refresh(tokens.mine)]
  expect([first.status, again.status]).toEqual([200, 200])
  expect(first.body.data).toMatchObject({ access_token: expect.any(String) })
  expect(first.cookie).toMatch(/^lkr_/)
  expect(again.cookie).toBe(first.cookie)
  expect((await refresh(first.cookie ?? '')).status).toBe(200)

  expect((await refresh(tokens.mine)).status).toBe(401)
  expect(await moved.trail('session.traded', 'session.reused')).toEqual([
    ...['session.traded', 'session.reused'],
  ])
})

test('signing out with the old tokens ends them', async () => {
  const init = { cookie: tokens.other, bearer: oldAccess() }
  expect((await moved.call('/auth/logout', init)).status).toBe(200)

  expect((await refresh(tokens.other)).status).toBe(401)
})

test.each(Object.entries(wrong))('one that is %s is refused', async (_, token) => {
  expect((await refresh(token)).status).toBe(401)
  expect(await moved.trail('session.traded')).toHaveLength(2)
})

test('the old password works, and its hash is rewritten', async () => {
  expect(await moved.hashOf('1')).toMatch(/^\$argon2id\$v=19\$m=512,/)
  expect((await moved.call('/auth/login', { body: { email, password } })).status).toBe(200)

  expect(await moved.hashOf('1')).toMatch(/^\$argon2id\$v=19\$m=19456,/)
  expect(await moved.trail('accounts.imported', 'password.rehashed')).toEqual([
    ...['accounts.imported', 'password.rehashed'],
  ])
})

test('who signed in through a provider does so again, and is the same', async () => {
  const { people } = standIn
  const tokenOf = (who: string, clientId: string): string => {
    const person = people.find(({ subject }) => subject === who)
    if (person === undefined) throw new Error('Nobody of that name')
    return standIn.accessToken({ provider: 'google', clientId, person })
  }
  const trade = (bearer: string, provider = 'google') =>
    moved.call(`/auth/oauth/${provider}`, { bearer })

  const { status, body } = await trade(tokenOf(grace.subject, 'our-app'))
  expect(status).toBe(200)
  const me = await moved.call('/auth/me', { method: 'GET', bearer: body.data?.access_token ?? '' })
  expect(me.body.data).toMatchObject({ id: 3, email: grace.email, username: 'Grace' })

  expect((await trade(tokenOf(grace.subject, 'their-app'))).status).toBe(401)
  expect((await trade('anything', 'github')).status).toBe(400)
  expect(await moved.trail('identity.linked')).toEqual([])
})

test('the old table is as it was', async () => {
  const row = await db.sql`select is_revoked from refresh_tokens
    where token_hash = ${hashOf(tokens.mine)}`.one()

  expect(Number(row?.is_revoked)).toBe(0)
})

test('after the date nothing of before works', async () => {
  await moved.stop()
  moved = await moved.again({ LEGACY_UNTIL: yesterday() })
  const me = await moved.call('/auth/me', { method: 'GET', bearer: oldAccess(1801) })

  expect([me.status, (await refresh(tokens.late)).status]).toEqual([401, 401])
})
