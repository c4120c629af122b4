import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readToken } from './client.js'
import { cookieIn, type EnvelopeService, password, startEnvelope } from './envelope-service.js'
import { instant, naive, refusal, shown, success } from './envelopes.js'
import { faultsOf } from './plain-client.js'

/** The service of one envelope and a rotating cookie (S4), asked by a client that knows no other. */
let service: EnvelopeService

beforeAll(async () => {
  service = await startEnvelope()
})

afterAll(() => service?.stop())

describe('the service itself', () => {
  test('GET / names version, state and pages', async () => {
    const { status, json } = await service.say('GET /')

    expect(status).toBe(200)
    expect(json).toEqual(
      success({
        version: '1.0.0',
        status: 'running',
        docs: '/docs',
        redoc: '/redoc',
        test_page: '/test-login',
      }),
    )
  })

  test('GET /health tells that the database is connected', async () => {
    const { status, json } = await service.say('GET /health')

    expect(status).toBe(200)
    const timestamp = expect.stringMatching(instant)
    expect(json).toEqual(success({ status: 'healthy', database: 'connected', timestamp }))
  })
})

describe('registration', () => {
  test('answers 200 with 201 inside and the address', async () => {
    const email = service.newAddress()
    const { status, json, cookies } = await service.register(email)

    expect([status, json]).toEqual([200, success({ email }, 201)])
    expect(cookies).toEqual([])
  })

  test('an address that is taken is a failed request', async () => {
    const { email } = await service.signIn()
    const { status, json } = await service.register(email)

    expect([status, json]).toEqual([
      400,
      refusal(400, 'REQUEST_FAILED', 'Email already registered'),
    ])
  })

  test('a name that somebody has already is as good as any, in any script', async () => {
    await service.register(service.newAddress(), '王小明 (測試)')
    const { status, json } = await service.register(service.newAddress(), '王小明 (測試)')

    expect([status, json.success]).toEqual([200, true])
  })

  test('bodies are refused as FastAPI does, without the envelope', async () => {
    const missing = await service.say('POST /auth/register', { json: {} })
    const empty = await service.say('POST /auth/register', {
      json: { email: service.newAddress(), username: '', password: '' },
    })
    const strange = await service.register(service.newAddress(), 'two\nlines')
    const noAddress = await service.say('POST /auth/login', { json: { email: 'nope', password } })
    const broken = await service.say('POST /auth/login', {
      text: '{',
      headers: { 'content-type': 'application/json' },
    })

    const all = [missing, empty, strange, noAddress, broken]
    expect(all.map(({ status }) => status)).toEqual(Array(5).fill(422))
    for (const { json } of all) expect(Object.keys(json)).toEqual(['detail'])
    expect(faultsOf(missing)).toEqual(
      ['email', 'username', 'password'].map((field) => ['missing', ['body', field]]),
    )
    expect(faultsOf(empty)).toEqual(
      ['username', 'password'].map((field) => ['string_too_short', ['body', field]]),
    )
    expect(faultsOf(strange)).toEqual([['value_error', ['body', 'username']]])
    expect(faultsOf(noAddress)).toEqual([['value_error', ['body', 'email']]])
    expect(broken.json.detail[0].type).toBe('json_invalid')
  })
})

describe('login', () => {
  test('answers a token, the user and a cookie for seven days', async () => {
    const { answer, email } = await service.signIn()

    expect(answer.status).toBe(200)
    expect(answer.json).toEqual(
      success({
        access_token: expect.any(String),
        token_type: 'bearer',
        user: shown(email),
        expires_in: 1800,
      }),
    )
    expect(answer.cookies).toHaveLength(1)
    expect(answer.cookies[0]).toMatch(
      /^refresh_token=[\w.~-]{43,}; HttpOnly; Max-Age=604800; Path=\/; SameSite=lax$/,
    )
  })

  test('the access token says sub, email, exp and type', async () => {
    const { answer, email, token } = await service.signIn()
    const { header, payload } = readToken(token)

    expect(header).toMatchObject({ alg: 'HS256', typ: 'JWT' })
    expect(payload).toEqual({
      sub: String(answer.json.data.user.id),
      email,
      exp: expect.any(Number),
      type: 'access',
    })
    expect(Math.abs(payload.exp - Date.now() / 1000 - 1800)).toBeLessThan(10)
  })

  test('wrong and unknown are one sentence', async () => {
    const { email } = await service.signIn()
    const wrong = await service.say('POST /auth/login', { json: { email, password: 'b' } })
    const unknown = await service.say('POST /auth/login', {
      json: { email: service.newAddress(), password },
    })

    for (const { status, json, headers } of [wrong, unknown]) {
      const told = refusal(401, 'AUTHENTICATION_FAILED', 'Incorrect email or password')
      expect([status, json]).toEqual([401, told])
      expect(headers['www-authenticate']).toBe('Bearer')
    }
  })
})

describe('refresh', () => {
  test('takes the cookie and rotates it; the body does not count', async () => {
    const { cookie, answer } = await service.signIn()
    const renewed = await service.say('POST /auth/refresh', {
      cookie,
      json: { refresh_token: 'ignored' },
    })

    expect(renewed.status).toBe(200)
    expect(renewed.json).toEqual(
      success({ access_token: expect.any(String), token_type: 'bearer', expires_in: 1800 }),
    )
    expect(cookieIn(renewed)).not.toBe(cookie)
    expect(renewed.cookies[0]).toContain('; HttpOnly; Max-Age=604800; Path=/; SameSite=lax')
    const me = await service.say('GET /auth/me', { bearer: renewed.json.data.access_token })
    expect(me.json.data.id).toBe(answer.json.data.user.id)
  })

  test('a spent cookie, one of nobody and none at all are refused', async () => {
    const { cookie } = await service.signIn()
    await service.say('POST /auth/refresh', { cookie })
    const spent = await service.say('POST /auth/refresh', { cookie })
    const unknown = await service.say('POST /auth/refresh', {
      cookie: `refresh_token=${'x'.repeat(43)}`,
    })
    const none = await service.say('POST /auth/refresh', {
      json: { refresh_token: cookie.slice(14) },
    })

    const invalid = refusal(401, 'AUTHENTICATION_FAILED', 'Invalid refresh token')
    expect([spent.status, spent.json]).toEqual([401, invalid])
    expect([unknown.status, unknown.json]).toEqual([401, invalid])
    expect([none.status, none.json]).toEqual([
      401,
      refusal(401, 'AUTHENTICATION_FAILED', 'Refresh token not found in cookies'),
    ])
  })
})

describe('signed in', () => {
  test('GET /auth/me tells the whole profile', async () => {
    const { token, email } = await service.signIn()
    const { status, json } = await service.say('GET /auth/me', { bearer: token })

    expect(status).toBe(200)
    const at = expect.stringMatching(naive)
    expect(json).toEqual(success({ ...shown(email), updated_at: at, last_login: at }))
  })

  test.each(['GET /auth/me', 'POST /auth/logout', 'POST /auth/oauth/google'])(
    '%s without a bearer is refused',
    async (what) => {
      const { status, json, headers } = await service.say(what)

      const told = refusal(401, 'AUTHENTICATION_FAILED', expect.any(String))
      expect([status, json]).toEqual([401, told])
      expect(headers['www-authenticate']).toBe('Bearer')
    },
  )

  test.each(['GET /auth/me', 'POST /auth/logout'])('%s refuses a bad bearer', async (what) => {
    const { cookie } = await service.signIn()
    const refused = await service.say(what, { bearer: 'not.a.token', cookie })

    const told = refusal(401, 'AUTHENTICATION_FAILED', 'JWT 解碼失敗')
    expect([refused.status, refused.json]).toEqual([401, told])
    expect(refused.cookies).toEqual([])
    expect((await service.say('POST /auth/refresh', { cookie })).status).toBe(200)
  })

  test('logout clears the cookie and ends its session; the access token stays valid', async () => {
    const { token, cookie } = await service.signIn()
    const { status, json, cookies } = await service.say('POST /auth/logout', {
      bearer: token,
      cookie,
    })

    expect([status, json]).toEqual([200, success(null)])
    expect(cookies[0]).toMatch(/^refresh_token=;.* Max-Age=0; Path=\/; SameSite=lax$/)
    expect((await service.say('POST /auth/refresh', { cookie })).status).toBe(401)
    expect((await service.say('GET /auth/me', { bearer: token })).status).toBe(200)
  })

  test('logout without a cookie, and with that of somebody else, ends nothing', async () => {
    const { token } = await service.signIn()
    const other = await service.signIn()
    const without = await service.say('POST /auth/logout', { bearer: token })
    const foreign = await service.say('POST /auth/logout', { bearer: token, cookie: other.cookie })

    expect([without.status, foreign.status]).toEqual([200, 200])
    expect((await service.say('POST /auth/refresh', { cookie: other.cookie })).status).toBe(200)
  })

  test('GET /auth/debug-token tells the claims, and of a bad token with 200 that it is bad', async () => {
    const { token } = await service.signIn()
    const good = await service.say('GET /auth/debug-token', { bearer: token })
    const bad = await service.say('GET /auth/debug-token', { bearer: 'not.a.token' })
    const none = await service.say('GET /auth/debug-token')

    expect([good.status, good.json]).toEqual([200, success(readToken(token).payload)])
    for (const { status, json } of [bad, none]) {
      expect([status, json]).toEqual([200, { ...success(null, 401), success: false }])
    }
  })

  test.each(['google', 'twitter'])('the provider %s is not supported', async (provider) => {
    const { status, json } = await service.say(`POST /auth/oauth/${provider}`, {
      bearer: 'their-token',
    })

    const told = refusal(400, 'REQUEST_FAILED', 'Unsupported OAuth provider')
    expect([status, json]).toEqual([400, told])
  })
})
