import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessSecret, opaqueToken, signedToken } from '../../src/testing/legacy.js'
import {
  hashBy,
  inSeconds,
  type MovedService,
  moveIn,
  password,
  tomorrow,
  yesterday,
} from './moving.js'

/** The username service: no store of its own and no refresh tokens; its users come as a file. */
const folder = mkdtempSync(join(tmpdir(), 'latchkey-move-'))
let moved: MovedService

beforeAll(async () => {
  const file = join(folder, 'users.csv')
  writeFileSync(file, `username,password,role\nalice,${hashBy('bcrypt 2b')},admin\n`)
  const settings = {
    secret_key: accessSecret,
    algorithm: 'HS256',
    access_token_expire_minutes: '30',
    debug: 'false',
    DATABASE_URL: `sqlite:${join(folder, 'latchkey.db')}`,
    AUTH_PROFILE: 'username',
    LEGACY_UNTIL: tomorrow(),
  }
  moved = await moveIn(settings, file)
})
afterAll(async () => {
  await moved?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const oldAccess = (seconds = 1800) =>
  signedToken(accessSecret, { sub: 'alice', role: 'admin', exp: inSeconds(seconds) })
const alice = async () => {
  const [user] = await moved.server.auth.store.users.list({ limit: 9 })
  return user
}

test('the old access token works', async () => {
  const { user } = await moved.server.auth.authenticate(oldAccess())

  expect(user).toMatchObject({ username: 'alice', roles: ['admin'] })
})

test('the old password works, and its hash is rewritten', async () => {
  expect((await alice())?.passwordHash).toMatch(/^\$2b\$04\$/)
  const login = await moved.call('/auth/login', { body: { username: 'alice', password } })

  expect(login).toMatchObject({ status: 200, body: { access_token: expect.any(String) } })
  expect((await alice())?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,/)
  expect(await moved.trail('accounts.imported', 'password.rehashed')).toEqual([
    ...['accounts.imported', 'password.rehashed'],
  ])
})

test('there are no refresh tokens of before, and what looks like one is worth nothing', async () => {
  await expect(moved.server.auth.refresh(opaqueToken(), {})).rejects.toMatchObject({ status: 401 })
})

test('after the date the old access token is refused', async () => {
  await moved.stop()
  moved = await moved.again({ LEGACY_UNTIL: yesterday() })

  await expect(moved.server.auth.authenticate(oldAccess(1801))).rejects.toMatchObject({
    status: 401,
  })
})
