import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { type Auth, createAuth } from '../../auth.js'
import { ConfigurationError } from '../../errors.js'
import { memoryStore } from '../../stores/memory/memory.js'
import { createTestClock } from '../../testing/clock.js'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1' }
const [first, second] = [
  'kX9-2mQvT7_bR4wLzN8cJfH3yPdGsA6uEoViB1xU5tM',
  'Zp3_vK8-qW5nYcT1gRxL6hJ9mBdS2fUoEiA7tXwGyQs',
]

const states = async (auth: Auth) => (await auth.keys.list()).map(({ state }) => state)
const kidOf = (token: string) => decodeProtectedHeader(token).kid

describe('the life of a signing key', () => {
  test('next, active, retiring, gone: it follows from the clock alone', async () => {
    const { auth, clock } = await createTestAuth()
    expect(await states(auth)).toEqual(['active'])
    await auth.keys.rotate()
    expect(await states(auth)).toEqual(['active', 'next'])
    clock.advance('599s')
    expect(await states(auth)).toEqual(['active', 'next'])
    clock.advance('1s')
    expect(await states(auth)).toEqual(['retiring', 'active'])
    clock.advance('3659s')
    expect(await states(auth)).toEqual(['retiring', 'active'])
    clock.advance('1s')
    expect(await states(auth)).toEqual(['gone', 'active'])
    expect(await states(auth)).toEqual(['active'])
  })

  test('R-11: nobody who keeps the key set for five minutes ever meets an unknown key', async () => {
    const { auth, clock, ada } = await createTestAuth({ tokens: { expires: '60m' } })
    let { accessToken, refreshToken } = await auth.login(ada, caller)
    let fetched = { keys: await auth.keys.jwks(), at: clock() }
    const kids = new Set<unknown>()
    await auth.keys.rotate()
    for (let minute = 0; minute < 90; minute += 1) {
      if (clock().getTime() - fetched.at.getTime() >= 300_000) {
        fetched = { keys: await auth.keys.jwks(), at: clock() }
      }
      const check = (token: string) =>
        jwtVerify(token, createLocalJWKSet(fetched.keys), { currentDate: clock() })
      await expect(check(accessToken), `minute ${minute}`).resolves.toBeDefined()
      kids.add(kidOf(accessToken))
      // a new token every 59 minutes at the latest, so that old ones are seen for as long as they live
      if (minute % 9 === 8 || minute === 58) {
        const next = await auth.refresh(refreshToken, caller)
        refreshToken = next.refreshToken
        if (minute > 8) accessToken = next.accessToken
        else await expect(check(next.accessToken)).resolves.toBeDefined()
      }
      clock.advance('1m')
    }

    expect(kids.size).toBe(2)
  })

  test('a token of the old key is accepted here for as long as it lives', async () => {
    const { auth, clock, ada } = await createTestAuth({ tokens: { expires: '60m' } })
    await auth.keys.rotate()
    clock.advance('599s')
    const { accessToken } = await auth.login(ada, caller)
    const [old] = await auth.keys.list()
    expect(kidOf(accessToken)).toBe(old?.id)
    clock.advance('3609s')

    await expect(auth.authenticate(accessToken)).resolves.toBeDefined()
  })

  test('a key is replaced when it is old enough, without being asked', async () => {
    const { auth, clock } = await createTestAuth({ tokens: { rotateKeys: '1d' } })
    await auth.ready()
    clock.advance('1d')
    expect(await states(auth)).toEqual(['active'])
    clock.advance('1s')
    expect(await states(auth)).toEqual(['active', 'next'])
    clock.advance('10m')
    expect(await states(auth)).toEqual(['retiring', 'active'])
  })

  test('asked twice makes one next key; at once means now', async () => {
    const { auth, ada } = await createTestAuth()
    await auth.keys.rotate()
    await auth.keys.rotate()
    expect(await states(auth)).toEqual(['active', 'next'])

    await auth.keys.rotate({ atOnce: true })
    expect(await states(auth)).toEqual(['retiring', 'next', 'active'])
    const newest = (await auth.keys.list()).at(-1)
    expect(kidOf((await auth.login(ada, caller)).accessToken)).toBe(newest?.id)
  })

  test('many instances that start at once make one key', async () => {
    const store = memoryStore()
    const instances = Array.from({ length: 5 }, () => createAuth({ store }))
    await Promise.all(instances.map((auth) => auth.ready()))

    expect(await store.keys.list()).toHaveLength(1)
    expect(await store.events.list({ limit: 9 })).toMatchObject([{ type: 'key.created' }])
  })
})

describe('what is known of keys', () => {
  test('A-031: the key set has public members only', async () => {
    const { auth } = await createTestAuth()
    await auth.keys.rotate()
    const { keys } = await auth.keys.jwks()

    expect(keys).toHaveLength(2)
    for (const key of keys) {
      expect(key).toEqual({
        kid: expect.stringMatching(/^[\w-]{43}$/),
        alg: 'ES256',
        use: 'sig',
        kty: 'EC',
        crv: 'P-256',
        x: expect.stringMatching(/^[\w-]{43}$/),
        y: expect.stringMatching(/^[\w-]{43}$/),
      })
    }
  })

  test('nothing private stands in the store or in the list', async () => {
    const { auth } = await createTestAuth()
    const [info] = await auth.keys.list()
    const [row] = await auth.store.keys.list()

    expect(Object.keys(info ?? {})).toEqual([
      'id',
      'algorithm',
      'state',
      'createdAt',
      'activatesAt',
    ])
    expect(JSON.parse(row?.publicJwk ?? '')).not.toHaveProperty('d')
    expect(row?.sealedPrivateKey).toMatch(/^v1\.[\w-]+$/)
  })
})

describe('the secret', () => {
  const openWith = (store: ReturnType<typeof memoryStore>, ...secrets: string[]) => {
    const [secret, ...previousSecrets] = secrets
    if (secret === undefined) throw new Error('A secret is needed')
    return createAuth({ store, secret, previousSecrets, clock: createTestClock() })
  }

  test('that does not open the keys stops the start with a sentence that helps', async () => {
    const store = memoryStore()
    await openWith(store, first).ready()
    const outcome = openWith(store, second).ready()

    await expect(outcome).rejects.toThrow(ConfigurationError)
    await expect(outcome).rejects.toThrow(/secret: does not open the signing keys/)
    expect(await store.keys.list()).toHaveLength(1)
  })

  test('is replaced without anybody noticing', async () => {
    const store = memoryStore()
    const before = openWith(store, first)
    await before.users.create({ email: 'ada@example.com', password: 'a long winding road' }, caller)
    const old = await before.login(
      { email: 'ada@example.com', password: 'a long winding road' },
      caller,
    )
    const after = openWith(store, second, first)
    await expect(after.authenticate(old.accessToken)).resolves.toBeDefined()
    const renewed = await after.refresh(old.refreshToken, caller)

    expect(renewed.refreshToken.slice(0, 8)).not.toBe(old.refreshToken.slice(0, 8))
    await expect(after.refresh(renewed.refreshToken, caller)).resolves.toBeDefined()
    await expect(openWith(store, second).refresh(old.refreshToken, caller)).rejects.toThrow()
  })

  test('that is forgotten makes refresh tokens of before worthless', async () => {
    const store = memoryStore()
    const hs256 = { secret: 'Wq7_hT2-xB9mVcK4nRzP1sLdJ6gYfE8aUoXi3QyGtNw' }
    const before = createAuth({ store, secret: first, tokens: hs256 })
    await before.users.create({ email: 'ada@example.com', password: 'a long winding road' }, caller)
    const { refreshToken } = await before.login(
      { email: 'ada@example.com', password: 'a long winding road' },
      caller,
    )
    const after = createAuth({ store, secret: second, tokens: hs256 })

    await expect(after.refresh(refreshToken, caller)).rejects.toMatchObject({
      code: 'invalid_token',
    })
  })
})

test('a store that is away does not stop what is verified with known keys', async () => {
  const { auth, ada, clock } = await createTestAuth()
  const { accessToken } = await auth.login(ada, caller)
  const list = auth.store.keys.list
  auth.store.keys.list = () => Promise.reject(new Error('away'))
  clock.advance('60s')

  await expect(auth.authenticate(accessToken)).resolves.toBeDefined()
  expect((await auth.keys.jwks()).keys).toHaveLength(1)
  auth.store.keys.list = list
})
