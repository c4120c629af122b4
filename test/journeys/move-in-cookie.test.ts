import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDb } from '../../src/db/db.js'
import { accessSecret, opaqueToken, signedToken } from '../../src/testing/legacy.js'
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

/** The cookie service: users in PostgreSQL, `refresh:<token>` in Redis, which stood in its code and so now in one line. */
const isPossible = isReachable('postgres') && isReachable('redis')

describe.skipIf(!isPossible)('moving in from the cookie service', () => {
  const services: Service[] = []
  const userId = randomUUID()
  const email = 'ada@example.com'
  const [tokens, late] = [[opaqueToken(), opaqueToken(), opaqueToken()], opaqueToken()]
  let moved: MovedService
  let redis: Redis

  beforeAll(async () => {
    const [postgres, redisService] = [await openService('postgres'), await openService('redis')]
    services.push(postgres, redisService)
    const [url, redisUrl] = [await postgres.fresh(), await redisService.fresh()]
    const db = createDb(url)
    await db.sql`create table users (user_id uuid primary key default gen_random_uuid(),
      email text unique not null, password_hash text not null, first_name text not null,
      last_name text not null, created_at timestamp default current_timestamp)`.none()
    await db.sql`insert into users values (${userId}, ${email}, ${hashBy('bcrypt 2b')}, 'Ada', 'L.')`.none()
    await db.close()
    redis = new Redis(redisUrl)
    for (const token of [...tokens, late])
      await redis.set(`refresh:${token}`, userId, 'EX', 1_209_600)
    const { username, password: dbPassword, hostname, port, pathname } = new URL(url)
    const settings = {
      DB_USER: decodeURIComponent(username),
      DB_PASSWORD: decodeURIComponent(dbPassword),
      DB_HOST: hostname,
      DB_PORT: port,
      DB_NAME: pathname.slice(1),
      JWT_KEY: accessSecret,
      AUTH_PROFILE: 'cookie',
      LEGACY_UNTIL: tomorrow(),
      LEGACY_DATABASE_URL: redisUrl,
    }
    moved = await moveIn(settings, url)
  })
  afterAll(async () => {
    await moved?.stop()
    redis?.disconnect()
    for (const service of services) await service.stop()
  })

  const refresh = (cookie: string | undefined) =>
    moved.call('/auth/refresh', { cookie: cookie ?? '' })

  test('the old access token works', async () => {
    const claims = { sub: userId, iat: inSeconds(-60), exp: inSeconds(900), type: 'access' }
    const { user } = await moved.server.auth.authenticate(signedToken(accessSecret, claims))

    expect(user).toMatchObject({ id: userId, email, firstName: 'Ada' })
  })

  test('the old cookie is traded for one session and replaced, and goes on working like any cookie there', async () => {
    const first = await refresh(tokens[0])
    const again = await refresh(tokens[0])

    expect([first.status, again.status]).toEqual([200, 200])
    expect(first.body).toMatchObject({ access_token: expect.any(String), token_type: 'bearer' })
    expect(first.cookie).toMatch(/^lkr_/)
    expect(again.cookie).toBe(first.cookie)
    const next = await refresh(first.cookie)
    expect([next.status, next.cookie]).toEqual([200, undefined])
    expect(await moved.trail('session.traded')).toHaveLength(1)
    expect(await moved.server.auth.sessions.list(userId)).toHaveLength(1)
  })

  test('an old cookie that signs out is worth nothing from then on', async () => {
    expect((await moved.call('/auth/logout', { cookie: tokens[1] ?? '' })).status).toBe(200)

    expect((await refresh(tokens[1])).status).toBe(401)
    expect(await moved.trail('session.ended')).toHaveLength(1)
  })

  test('a cookie that was taken back there, never ends, or was made up is refused', async () => {
    const forever = opaqueToken()
    await redis.set(`refresh:${forever}`, userId)
    await redis.del(`refresh:${tokens[2]}`)

    for (const token of [forever, tokens[2], opaqueToken()])
      expect(await refresh(token)).toMatchObject({
        status: 401,
        body: { detail: 'Invalid or expired session' },
      })
  })

  test('the old password works, and its hash is rewritten', async () => {
    expect(await moved.hashOf(userId)).toMatch(/^\$2b\$04\$/)
    expect((await moved.call('/auth/login', { body: { email, password } })).status).toBe(200)

    expect(await moved.hashOf(userId)).toMatch(/^\$argon2id\$v=19\$m=19456,/)
    expect(await moved.trail('accounts.imported', 'password.rehashed')).toEqual([
      ...['accounts.imported', 'password.rehashed'],
    ])
  })

  test('nothing was written to the old Redis', async () => {
    expect(await redis.get(`refresh:${tokens[0]}`)).toBe(userId)
    expect((await redis.keys('*')).every((key) => key.startsWith('refresh:'))).toBe(true)
  })

  test('while the old Redis is away, who has no new cookie waits and stays signed in', async () => {
    await moved.stop()
    moved = await moved.again({ LEGACY_DATABASE_URL: 'redis://127.0.0.1:1' })
    const [away, known] = [await refresh(late), await refresh(tokens[0])]
    const health = await moved.call('/health/ready', { method: 'GET' })

    expect([away.status, known.status, health.status]).toEqual([503, 200, 200])
    expect(away.cookie).toBeUndefined()
  })

  test('after the date no old cookie is traded', async () => {
    await moved.stop()
    moved = await moved.again({ LEGACY_UNTIL: yesterday() })

    expect([(await refresh(late)).status, (await refresh(tokens[0])).status]).toEqual([401, 401])
  })
})
