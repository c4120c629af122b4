import { MongoClient, ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessSecret, signedToken } from '../../src/testing/legacy.js'
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

/** The flat service: MongoDB, argon2, one secret, refresh tokens in an array of each user. */
describe.skipIf(!isReachable('mongodb'))('moving in from the flat service', () => {
  const ids = { ada: new ObjectId(), bob: new ObjectId() }
  const [ada, bob] = [ids.ada.toHexString(), ids.bob.toHexString()]
  const email = 'ada@example.com'
  let service: Service
  let client: MongoClient
  let moved: MovedService

  const tokenOf = (sub: string, type: string, seconds: number): string =>
    signedToken(accessSecret, { sub, type, exp: inSeconds(seconds) })
  const week = 604_800
  const mine = [week, week + 1, week + 2].map((seconds) => tokenOf(ada, 'refresh', seconds))
  const expired = tokenOf(ada, 'refresh', -60)
  const mistyped = tokenOf(ada, 'access', week)
  const bobs = tokenOf(bob, 'refresh', week)

  beforeAll(async () => {
    service = await openService('mongodb')
    const url = new URL(await service.fresh())
    const name = url.pathname.slice(1)
    client = new MongoClient(url.href)
    await client
      .db(name)
      .collection('users')
      .insertMany([
        {
          _id: ids.ada,
          email,
          password_hash: hashBy('argon2-cffi'),
          is_active: true,
          created_at: new Date('2024-01-02T03:04:05.678Z'),
          refresh_tokens: [...mine, expired, mistyped, bobs],
        },
        {
          _id: ids.bob,
          email: 'bob@example.com',
          password_hash: hashBy('passlib argon2'),
          is_active: false,
          created_at: new Date('2024-01-03T03:04:05Z'),
          refresh_tokens: [bobs],
        },
      ])
    const settings = {
      MONGO_URI: url.href,
      MONGO_DB_NAME: name,
      JWT_SECRET_KEY: accessSecret,
      AUTH_PROFILE: 'flat',
      LEGACY_UNTIL: tomorrow(),
    }
    moved = await moveIn(settings, url.href)
  })
  afterAll(async () => {
    await moved?.stop()
    await client?.close()
    await service?.stop()
  })

  const refresh = (token: string | undefined) =>
    moved.call('/auth/refresh', { body: { refresh_token: token ?? '' } })
  const me = (bearer: string) => moved.call('/auth/me', { method: 'GET', bearer })

  test('the old access token works, and the refresh token is none', async () => {
    expect(await me(tokenOf(ada, 'access', 900))).toMatchObject({
      status: 200,
      body: { id: ada, email },
    })
    expect((await me(mine[0] ?? '')).status).toBe(401)
  })

  test('the old refresh token is traded once, and again within the grace for the same', async () => {
    const [first, again] = [await refresh(mine[0]), await refresh(mine[0])]
    expect([first.status, again.status]).toEqual([200, 200])
    expect(again.body.refresh_token).toBe(first.body.refresh_token)
    expect((await refresh(first.body.refresh_token)).status).toBe(200)

    expect((await refresh(mine[0])).status).toBe(401)
    expect(await moved.trail('session.traded', 'session.reused')).toEqual([
      ...['session.traded', 'session.reused'],
    ])
  })

  test('one that expired, of another type, of a disabled user, or taken back is refused', async () => {
    await client
      .db()
      .collection('users')
      .updateOne({ _id: ids.ada }, { $pull: { refresh_tokens: mine[1] } } as object)

    for (const token of [expired, mistyped, bobs, mine[1]])
      expect((await refresh(token)).status).toBe(401)
    expect(await moved.trail('session.traded')).toHaveLength(1)
  })

  test('the old password works, and its hash is rewritten', async () => {
    expect(await moved.hashOf(ada)).toMatch(/^\$argon2id\$v=19\$m=1024,/)
    expect((await moved.call('/auth/login', { body: { email, password } })).status).toBe(200)

    expect(await moved.hashOf(ada)).toMatch(/^\$argon2id\$v=19\$m=19456,/)
    expect(await moved.trail('accounts.imported', 'password.rehashed')).toEqual([
      ...['accounts.imported', 'password.rehashed'],
    ])
  })

  test('the old documents are as they were', async () => {
    const found = await client.db().collection('users').findOne({ _id: ids.bob })

    expect(found).toMatchObject({ email: 'bob@example.com', refresh_tokens: [bobs] })
  })

  test('after the date nothing of before works', async () => {
    await moved.stop()
    moved = await moved.again({ LEGACY_UNTIL: yesterday() })
    const old = await me(tokenOf(ada, 'access', 901))

    expect([old.status, (await refresh(mine[2])).status]).toEqual([401, 401])
  })
})
