import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { toFetch } from '../../src/http/fetch.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { startServer, type TestServer } from '../servers.js'
import { isReachable, openService } from '../services/services.js'
import { ask, faultsIn, type Heard, readToken, type Said } from './client.js'
import { runCurl } from './run-curl.js'

/** The service of one envelope and a rotating cookie (S4), asked by a client that knows no other. */
const secret = '3d8fb1a07c52e94610bd77f2a9c4e5086b1f90d3a7e24c58'
const password = 'a'

let server: TestServer
let folder: string
let count = 0

const say = (what: string, said?: Said): Promise<Heard> => ask(server.origin, what, said)

const newAddress = (): string => {
  count += 1
  return `someone${count}@example.com`
}

const register = (email: string, username = 'testuser'): Promise<Heard> =>
  say('POST /auth/register', { json: { email, username, password } })

/** Signed in: the answer, the access token, and the cookie as a browser sends it. */
const signIn = async (email = newAddress()) => {
  await register(email)
  const answer = await say('POST /auth/login', { json: { email, password } })
  return { answer, email, token: String(answer.json.data.access_token), cookie: cookieIn(answer) }
}

const cookieIn = ({ cookies }: Heard): string => cookies[0]?.split(';')[0] ?? ''

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const naive = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$/

const success = (data: unknown, statusCode = 200) => ({
  success: true,
  status_code: statusCode,
  message: expect.stringMatching(/\S/),
  data,
  timestamp: expect.stringMatching(instant),
})

const refusal = (statusCode: number, code: string, detail: unknown) => ({
  success: false,
  status_code: statusCode,
  message: expect.stringMatching(/\S/),
  error_code: code,
  details: { detail },
  data: null,
  timestamp: expect.stringMatching(instant),
})

const shown = (email: string) => ({
  id: expect.any(Number),
  email,
  username: 'testuser',
  is_active: true,
  created_at: expect.stringMatching(naive),
})

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-envelope-'))
  const onSqlServer = isReachable('mssql')
    ? [`DATABASE_URL=${await (await openService('mssql')).fresh({ keep: true })}`]
    : []
  const lines = [`JWT_SECRET_KEY=${secret}`, 'ALLOWED_ORIGINS=http://localhost:3000']
  writeFileSync(
    join(folder, '.env'),
    ['AUTH_PROFILE=envelope', ...lines, ...onSqlServer, ''].join('\n'),
  )
  server = await startServer({ folder })
})

afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('the service itself', () => {
  test('GET / names version, state and pages', async () => {
    const { status, json } = await say('GET /')

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
    const { status, json } = await say('GET /health')

    expect(status).toBe(200)
    const timestamp = expect.stringMatching(instant)
    expect(json).toEqual(success({ status: 'healthy', database: 'connected', timestamp }))
  })

  test('a database that is away is told with 503 and without the words of its driver', async () => {
    const [place] = memoryStore().places
    const away = () => Promise.reject(new Error('Login failed for user sa'))
    const auth = createAuth({
      profile: 'envelope',
      secret: `${secret}-root`,
      tokens: { secret },
      store: { ...memoryStore(), places: [{ ...place, name: 'database', ping: away }] },
    })
    const answer = await toFetch(auth)(new Request('http://localhost:8000/health'), {
      address: '127.0.0.1',
    })

    expect(answer.status).toBe(503)
    const text = await answer.text()
    expect(JSON.parse(text)).toEqual(refusal(503, 'HEALTH_CHECK_FAILED', expect.any(String)))
    expect(text).not.toContain('Login failed')
    await auth.close()
  })
})

describe('registration', () => {
  test('answers 200 with 201 inside and the address', async () => {
    const email = newAddress()
    const { status, json, cookies } = await register(email)

    expect([status, json]).toEqual([200, success({ email }, 201)])
    expect(cookies).toEqual([])
  })

  test('an address that is taken is a failed request', async () => {
    const { email } = await signIn()
    const { status, json } = await register(email)

    expect([status, json]).toEqual([
      400,
      refusal(400, 'REQUEST_FAILED', 'Email already registered'),
    ])
  })

  test('a name that somebody has already is as good as any, in any script', async () => {
    await register(newAddress(), '王小明 (測試)')
    const { status, json } = await register(newAddress(), '王小明 (測試)')

    expect([status, json.success]).toEqual([200, true])
  })

  test('bodies are refused as FastAPI does, without the envelope', async () => {
    const missing = await say('POST /auth/register', { json: {} })
    const empty = await say('POST /auth/register', {
      json: { email: newAddress(), username: '', password: '' },
    })
    const strange = await register(newAddress(), 'two\nlines')
    const noAddress = await say('POST /auth/login', { json: { email: 'nope', password } })
    const broken = await say('POST /auth/login', {
      text: '{',
      headers: { 'content-type': 'application/json' },
    })

    const all = [missing, empty, strange, noAddress, broken]
    expect(all.map(({ status }) => status)).toEqual(Array(5).fill(422))
    for (const { json } of all) expect(Object.keys(json)).toEqual(['detail'])
    expect(faultsIn(missing)).toEqual(
      ['email', 'username', 'password'].map((field) => ({ type: 'missing', loc: ['body', field] })),
    )
    expect(faultsIn(empty)).toEqual(
      ['username', 'password'].map((field) => ({ type: 'string_too_short', loc: ['body', field] })),
    )
    expect(faultsIn(strange)).toEqual([{ type: 'value_error', loc: ['body', 'username'] }])
    expect(faultsIn(noAddress)).toEqual([{ type: 'value_error', loc: ['body', 'email'] }])
    expect(broken.json.detail[0].type).toBe('json_invalid')
  })
})

describe('login', () => {
  test('answers a token, the user and a cookie for seven days', async () => {
    const { answer, email } = await signIn()

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
    const { answer, email, token } = await signIn()
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
    const { email } = await signIn()
    const wrong = await say('POST /auth/login', { json: { email, password: 'b' } })
    const unknown = await say('POST /auth/login', { json: { email: newAddress(), password } })

    for (const { status, json, headers } of [wrong, unknown]) {
      const told = refusal(401, 'AUTHENTICATION_FAILED', 'Incorrect email or password')
      expect([status, json]).toEqual([401, told])
      expect(headers['www-authenticate']).toBe('Bearer')
    }
  })
})

describe('refresh', () => {
  test('takes the cookie and rotates it; the body does not count', async () => {
    const { cookie, answer } = await signIn()
    const renewed = await say('POST /auth/refresh', { cookie, json: { refresh_token: 'ignored' } })

    expect(renewed.status).toBe(200)
    expect(renewed.json).toEqual(
      success({ access_token: expect.any(String), token_type: 'bearer', expires_in: 1800 }),
    )
    expect(cookieIn(renewed)).not.toBe(cookie)
    expect(renewed.cookies[0]).toContain('; HttpOnly; Max-Age=604800; Path=/; SameSite=lax')
    const me = await say('GET /auth/me', { bearer: renewed.json.data.access_token })
    expect(me.json.data.id).toBe(answer.json.data.user.id)
  })

  test('a spent cookie, one of nobody and none at all are refused', async () => {
    const { cookie } = await signIn()
    await say('POST /auth/refresh', { cookie })
    const spent = await say('POST /auth/refresh', { cookie })
    const unknown = await say('POST /auth/refresh', { cookie: `refresh_token=${'x'.repeat(43)}` })
    const none = await say('POST /auth/refresh', { json: { refresh_token: cookie.slice(14) } })

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
    const { token, email } = await signIn()
    const { status, json } = await say('GET /auth/me', { bearer: token })

    expect(status).toBe(200)
    const at = expect.stringMatching(naive)
    expect(json).toEqual(success({ ...shown(email), updated_at: at, last_login: at }))
  })

  test.each(['GET /auth/me', 'POST /auth/logout', 'POST /auth/oauth/google'])(
    '%s without a bearer is refused',
    async (what) => {
      const { status, json, headers } = await say(what)

      const told = refusal(401, 'AUTHENTICATION_FAILED', expect.any(String))
      expect([status, json]).toEqual([401, told])
      expect(headers['www-authenticate']).toBe('Bearer')
    },
  )

  test.each(['GET /auth/me', 'POST /auth/logout'])('%s refuses a bad bearer', async (what) => {
    const { cookie } = await signIn()
    const refused = await say(what, { bearer: 'not.a.token', cookie })

    const told = refusal(401, 'AUTHENTICATION_FAILED', 'JWT 解碼失敗')
    expect([refused.status, refused.json]).toEqual([401, told])
    expect(refused.cookies).toEqual([])
    expect((await say('POST /auth/refresh', { cookie })).status).toBe(200)
  })

  test('logout clears the cookie and ends its session; the access token stays valid', async () => {
    const { token, cookie } = await signIn()
    const { status, json, cookies } = await say('POST /auth/logout', { bearer: token, cookie })

    expect([status, json]).toEqual([200, success(null)])
    expect(cookies[0]).toMatch(/^refresh_token=;.* Max-Age=0; Path=\/; SameSite=lax$/)
    expect((await say('POST /auth/refresh', { cookie })).status).toBe(401)
    expect((await say('GET /auth/me', { bearer: token })).status).toBe(200)
  })

  test('logout without a cookie, and with that of somebody else, ends nothing', async () => {
    const { token } = await signIn()
    const other = await signIn()
    const without = await say('POST /auth/logout', { bearer: token })
    const foreign = await say('POST /auth/logout', { bearer: token, cookie: other.cookie })

    expect([without.status, foreign.status]).toEqual([200, 200])
    expect((await say('POST /auth/refresh', { cookie: other.cookie })).status).toBe(200)
  })

  test('GET /auth/debug-token tells the claims, and of a bad token with 200 that it is bad', async () => {
    const { token } = await signIn()
    const good = await say('GET /auth/debug-token', { bearer: token })
    const bad = await say('GET /auth/debug-token', { bearer: 'not.a.token' })
    const none = await say('GET /auth/debug-token')

    expect([good.status, good.json]).toEqual([200, success(readToken(token).payload)])
    for (const { status, json } of [bad, none]) {
      expect([status, json]).toEqual([200, { ...success(null, 401), success: false }])
    }
  })

  test.each(['google', 'twitter'])('the provider %s is not supported', async (provider) => {
    const { status, json } = await say(`POST /auth/oauth/${provider}`, { bearer: 'their-token' })

    const told = refusal(400, 'REQUEST_FAILED', 'Unsupported OAuth provider')
    expect([status, json]).toEqual([400, told])
  })
})

describe('what goes wrong', () => {
  const json = { 'content-type': 'application/json' }
  const large = JSON.stringify({ email: 'x'.repeat(20_000) })
  const wrong: [string, Said, number, string][] = [
    ['GET /nothing', {}, 404, 'NOT_FOUND'],
    ['GET /auth/sessions', {}, 404, 'NOT_FOUND'],
    ['GET /auth/login', {}, 405, 'METHOD_NOT_ALLOWED'],
    ['POST /auth/login', { text: large, headers: json }, 413, 'PAYLOAD_TOO_LARGE'],
    [
      'POST /auth/login',
      { headers: { origin: 'https://evil.example' } },
      403,
      'AUTHORIZATION_FAILED',
    ],
    ['GET /', { headers: { host: 'two words' } }, 400, 'REQUEST_FAILED'],
  ]
  test.each(wrong)('%s is enveloped', async (what, said, status, code) => {
    const answer = await say(what, said)

    expect([answer.status, answer.json]).toEqual([
      status,
      refusal(status, code, expect.stringMatching(/\S/)),
    ])
  })

  test('an error nobody thought of tells nothing of itself', async () => {
    const store = memoryStore()
    const auth = createAuth({
      profile: 'envelope',
      secret: `${secret}-root`,
      tokens: { secret },
      store: {
        ...store,
        users: { ...store.users, findByEmail: () => Promise.reject(new Error('a secret text')) },
      },
    })
    const answer = await toFetch(auth)(
      new Request('http://localhost:8000/auth/login', {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ email: 'a@example.com', password }),
      }),
      { address: '127.0.0.1' },
    )

    expect(answer.status).toBe(500)
    const text = await answer.text()
    expect(JSON.parse(text)).toEqual(refusal(500, 'INTERNAL_SERVER_ERROR', 'Internal Server Error'))
    expect(text).not.toContain('secret text')
    await auth.close()
  })
})

describe('pages elsewhere', () => {
  const preflight = (origin: string) =>
    say('OPTIONS /auth/login', {
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-own',
      },
    })

  test('may ask when they are listed', async () => {
    const { status, text, headers } = await preflight('http://localhost:3000')

    expect([status, text]).toEqual([200, 'OK'])
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'http://localhost:3000',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT',
      'access-control-allow-headers': 'content-type,x-own',
      'access-control-max-age': '600',
      vary: 'Origin',
    })
  })

  test('are told when they are not', async () => {
    const { status, text, headers } = await preflight('https://evil.example')

    expect([status, text]).toEqual([400, 'Disallowed CORS origin'])
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  test('read the answers, refusals too', async () => {
    const origin = 'http://localhost:3000'
    const email = newAddress()
    await register(email)
    const good = await say('POST /auth/login', { json: { email, password }, headers: { origin } })
    const bad = await say('GET /auth/me', { headers: { origin } })

    expect([good.status, bad.status]).toEqual([200, 401])
    for (const { headers } of [good, bad]) {
      expect(headers['access-control-allow-origin']).toBe(origin)
      expect(headers['access-control-allow-credentials']).toBe('true')
    }
  })
})

test('on https the cookie is Secure', async () => {
  const auth = createAuth({
    profile: 'envelope',
    baseUrl: 'https://id.example.com',
    secret: `${secret}-root`,
    tokens: { secret },
    store: memoryStore(),
  })
  const answerTo = (path: string, body: object) =>
    toFetch(auth)(
      new Request(`https://id.example.com${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
      { address: '127.0.0.1' },
    )
  await answerTo('/auth/register', { email: 'a@example.com', username: 'a', password })
  const answer = await answerTo('/auth/login', { email: 'a@example.com', password })

  expect(answer.headers.getSetCookie()).toEqual([
    expect.stringMatching(
      /^refresh_token=[^;]+; HttpOnly; Max-Age=604800; Path=\/; SameSite=lax; Secure$/,
    ),
  ])
  await auth.close()
})

test('the commands of its document answer what the document shows', async () => {
  const about = { document: 'http://localhost:8000', origin: server.origin }
  const registered = await runCurl(
    `curl -X POST "http://localhost:8000/auth/register" \\
  -H "Content-Type: application/json" \\
  -d '{
    "email": "user@example.com",
    "username": "testuser",
    "password": "securepassword123"
  }'`,
    about,
  )
  const loggedIn = await runCurl(
    `curl -X POST "http://localhost:8000/auth/login" \\
  -H "Content-Type: application/json" \\
  -d '{
    "email": "user@example.com",
    "password": "securepassword123"
  }'`,
    about,
  )
  expect([registered.status, registered.json]).toEqual([
    200,
    success({ email: 'user@example.com' }, 201),
  ])
  const signedIn = { access_token: expect.any(String), token_type: 'bearer', expires_in: 1800 }
  expect([loggedIn.status, loggedIn.json]).toEqual([
    200,
    success({ ...signedIn, user: shown('user@example.com') }),
  ])

  const { data }: { data: { access_token: string } } = Object.assign(
    { data: { access_token: '' } },
    loggedIn.json,
  )
  const me = await runCurl(
    `curl -X GET "http://localhost:8000/auth/me" \\
  -H "Authorization: Bearer YOUR_ACCESS_TOKEN"`,
    { ...about, fill: { YOUR_ACCESS_TOKEN: data.access_token } },
  )
  const [, refreshToken = ''] = /^refresh_token=([^;]+)/.exec(loggedIn.cookies[0] ?? '') ?? []
  const refreshed = await runCurl(
    `curl -X POST "http://localhost:8000/auth/refresh" \\
  -H "Content-Type: application/json" \\
  --cookie "refresh_token=YOUR_REFRESH_TOKEN"`,
    { ...about, fill: { YOUR_REFRESH_TOKEN: refreshToken } },
  )
  expect(me.status).toBe(200)
  expect(me.json).toMatchObject(success(shown('user@example.com')))
  expect([refreshed.status, refreshed.json]).toEqual([200, success(signedIn)])
  expect(refreshed.cookies[0]).toMatch(/^refresh_token=/)
})
