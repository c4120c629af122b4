import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDb } from '../../src/db/db.js'
import { accessSecret, refreshSecret, signedToken } from '../../src/testing/legacy.js'
import {
  hashBy,
  inSeconds,
  type MovedService,
  moveIn,
  password,
  tomorrow,
  yesterday,
} from './moving.js'

/** The strict service: SQLite, bcrypt at 12, two secrets, refresh tokens that nobody keeps. */
const folder = mkdtempSync(join(tmpdir(), 'latchkey-move-'))
const email = 'ada@example.com'
const settings = {
  DATABASE_URL: `sqlite:///${join(folder, 'secure_app.db')}`,
  JWT_SECRET_KEY: accessSecret,
  JWT_REFRESH_SECRET_KEY: refreshSecret,
  RATE_LIMIT_REQUESTS: '100',
  AUTH_PROFILE: 'strict',
  LEGACY_UNTIL: tomorrow(),
}
let moved: MovedService

const claims = (type: string, seconds: number) => {
  const now = inSeconds(-60)
  return { sub: '17', email, type, iat: now, exp: inSeconds(seconds), nbf: now }
}
const oldAccess = signedToken(accessSecret, claims('access', 900))
const oldRefresh = (seconds = 86_400): string =>
  signedToken(refreshSecret, claims('refresh', seconds))

beforeAll(async () => {
  const db = createDb(settings.DATABASE_URL)
  await db.sql`create table users (id integer primary key, email varchar(255) not null unique,
    hashed_password varchar(255) not null, created_at datetime, updated_at datetime)`.none()
  await db.sql`insert into users values (17, ${email}, ${hashBy('bcrypt at its default')},
    '2024-01-02 03:04:05.678901', null)`.none()
  await db.close()
  moved = await moveIn(settings, settings.DATABASE_URL)
})
afterAll(async () => {
  await moved?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('the old access token works', async () => {
  const { status, body } = await moved.call('/auth/me', { method: 'GET', bearer: oldAccess })

  expect([status, body]).toMatchObject([200, { id: 17, email }])
})

test('the old refresh token is traded once, and again within the grace for the same', async () => {
  const old = { refresh_token: oldRefresh() }
  const first = await moved.call('/auth/refresh', { body: old })
  const again = await moved.call('/auth/refresh', { body: old })
  expect([first.status, again.status]).toEqual([200, 200])
  expect(again.body.refresh_token).toBe(first.body.refresh_token)
  const next = await moved.call('/auth/refresh', {
    body: { refresh_token: again.body.refresh_token },
  })
  expect(next.status).toBe(200)

  expect((await moved.call('/auth/refresh', { body: old })).status).toBe(401)
  expect(await moved.trail('session.traded', 'session.reused')).toEqual([
    'session.traded',
    'session.reused',
  ])
})

test('the old password works, and its hash is rewritten', async () => {
  expect(await moved.hashOf('17')).toMatch(/^\$2b\$12\$/)
  const { status } = await moved.call('/auth/login', { body: { email, password } })

  expect(status).toBe(200)
  expect(await moved.hashOf('17')).toMatch(/^\$argon2id\$v=19\$m=19456,/)
  expect(await moved.trail('accounts.imported', 'login.succeeded', 'password.rehashed')).toEqual([
    ...['accounts.imported', 'login.succeeded', 'password.rehashed'],
  ])
})

test('after the date nothing of before works', async () => {
  await moved.stop()
  moved = await moved.again({ LEGACY_UNTIL: yesterday() })
  const me = await moved.call('/auth/me', { method: 'GET', bearer: oldAccess })
  const refreshed = await moved.call('/auth/refresh', {
    body: { refresh_token: oldRefresh(86_401) },
  })

  expect([me.status, refreshed.status]).toEqual([401, 401])
})
