import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  bearer,
  type Client,
  claimsOf,
  faultsOf,
  member,
  now,
  signed,
  text,
} from './plain-client.js'
import {
  manyRequests,
  pair,
  refreshSecret,
  registerWith,
  type StrictService,
  secret,
  startStrict,
} from './strict-service.js'

let service: StrictService
let client: Client
beforeAll(async () => {
  service = await startStrict({ ...manyRequests, REFRESH_TOKEN_GRACE_SECONDS: '1' })
  client = service.client
})
afterAll(() => service.stop())

const register = (email?: string) => registerWith(client, email)
const me = (token: string) => client.get('/auth/me', bearer(token))

describe('POST /auth/refresh', () => {
  test('answers with a new pair; the old token gives the same within the grace, and later nothing', async () => {
    const { refresh } = await register()
    const post = () => client.post('/auth/refresh', { refresh_token: refresh })
    const answer = await post()
    const again = await post()

    expect(answer.status).toBe(200)
    expect(answer.body).toEqual(pair)
    expect(text(answer.body, 'refresh_token')).not.toBe(refresh)
    expect(member(again.body, 'refresh_token')).toBe(member(answer.body, 'refresh_token'))
    expect((await me(text(again.body, 'access_token'))).status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    expect(await post()).toMatchObject({ status: 401, body: { detail: 'Invalid token' } })
  })

  test('ten in a row', async () => {
    let { refresh } = await register()
    for (let count = 0; count < 10; count += 1) {
      const { status, body } = await client.post('/auth/refresh', { refresh_token: refresh })
      expect(status).toBe(200)
      refresh = text(body, 'refresh_token')
    }
  })

  test('the longest address has a refresh token that is not too long', async () => {
    const { refresh } = await register(`${'a'.repeat(64)}@${'b.'.repeat(88)}example.com`)

    expect((await client.post('/auth/refresh', { refresh_token: refresh })).status).toBe(200)
  })

  test('an access token, garbage, one of another secret', async () => {
    const { access } = await register()
    const post = (token: string) => client.post('/auth/refresh', { refresh_token: token })
    const refused = { status: 401, body: { detail: 'Invalid token' } }
    const at = now()
    const foreign = { sub: '1', type: 'refresh', iat: at, exp: at + 60, nbf: at }

    expect(await post(access)).toMatchObject(refused)
    expect(await post('garbage')).toMatchObject(refused)
    expect(await post(signed(foreign, secret))).toMatchObject(refused)
  })

  test('an empty text, no text', async () => {
    const post = async (body: object) => {
      const answer = await client.post('/auth/refresh', body)
      return [answer.status, faultsOf(answer)]
    }

    expect(await post({ refresh_token: '' })).toEqual([
      422,
      [['string_too_short', ['body', 'refresh_token']]],
    ])
    expect(await post({})).toEqual([422, [['missing', ['body', 'refresh_token']]]])
  })
})

describe('GET /auth/me', () => {
  test('id as a number, address, and when it was made, without a zone', async () => {
    const { email, access } = await register()
    const answer = await me(access)

    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      id: expect.any(Number),
      email,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$/),
    })
    const createdAt = Date.parse(`${text(answer.body, 'created_at').slice(0, 23)}Z`)
    expect(Math.abs(Date.now() - createdAt)).toBeLessThan(60_000)
  })

  test('ids count', async () => {
    const ids = [await register(), await register()].map(({ access }) =>
      Number(claimsOf(access, secret).sub),
    )

    expect(ids[0]).toBeGreaterThan(0)
    expect(ids[1]).toBe(Number(ids[0]) + 1)
  })

  test('no header, and another scheme: 403', async () => {
    expect(await client.get('/auth/me')).toMatchObject({
      status: 403,
      body: { detail: 'Not authenticated' },
    })
    expect(await client.get('/auth/me', { authorization: 'Basic YTpi' })).toMatchObject({
      status: 403,
      body: { detail: 'Invalid authentication credentials' },
    })
  })

  describe('tokens made elsewhere, with the same secret', () => {
    let sub: string
    beforeAll(async () => {
      sub = String(claimsOf((await register()).access, secret).sub)
    })
    const payload = (seconds: number, others: object = {}) => {
      const iat = now() + seconds - 900
      return {
        sub,
        email: 'x@example.com',
        type: 'access',
        iat,
        nbf: iat,
        exp: iat + 900,
        ...others,
      }
    }

    test.each([
      ['still good', 60, {}, 200, undefined],
      ['over since 5 seconds', -5, {}, 200, undefined],
      ['over since 20 seconds', -20, {}, 401, 'Token expired'],
      ['of nobody', 60, { sub: '4999999' }, 401, 'User not found'],
      ['of another type', 60, { type: 'refresh' }, 401, 'Authentication failed'],
      ['of no type', 60, { type: undefined }, 401, 'Authentication failed'],
      ['without an end', 60, { exp: undefined }, 401, 'Invalid token'],
    ])('%s', async (_title, seconds, others, status, detail) => {
      const answer = await me(signed(payload(seconds, others), secret))

      expect(answer).toMatchObject({ status, ...(detail && { body: { detail } }) })
    })

    test('by another secret', async () => {
      expect(await me(signed(payload(60), refreshSecret))).toMatchObject({
        status: 401,
        body: { detail: 'Invalid token' },
      })
    })
  })

  test('garbage, and a refresh token', async () => {
    const { refresh } = await register()
    const refused = { status: 401, body: { detail: 'Invalid token' } }

    expect(await me('garbage')).toMatchObject(refused)
    expect(await me('a.b.c')).toMatchObject(refused)
    expect(await me(refresh)).toMatchObject(refused)
  })
})

test('what the tokens say', async () => {
  const { email, access, refresh } = await register()
  const { iat } = claimsOf(access, secret)

  expect(claimsOf(access, secret)).toEqual({
    sub: expect.stringMatching(/^\d+$/),
    email,
    type: 'access',
    iat: expect.any(Number),
    nbf: iat,
    exp: Number(iat) + 900,
  })
  expect(claimsOf(refresh, refreshSecret)).toMatchObject({
    sub: expect.stringMatching(/^\d+$/),
    email,
    type: 'refresh',
    nbf: iat,
    exp: Number(iat) + 7 * 86_400,
  })
})
