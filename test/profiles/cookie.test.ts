import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { route } from '../../src/http/http.js'
import { toNode } from '../../src/http/node.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { type Example, startExample } from '../hosts/examples.js'
import { listen } from '../hosts/hosts.js'
import { startServer, type TestServer } from '../servers.js'
import { isReachable, openService } from '../services/services.js'
import {
  type Answer,
  bearer,
  type Client,
  claimsOf,
  createClient,
  faultsOf,
  newAddress,
  now,
  signed,
  text,
} from './plain-client.js'
import { readDocument } from './shell.js'

const secret = 'tR5vYb8NqXc2LkZ9WmPs4HdJfGu1EoA7iTe3QyVx6K'
const password = 'secret'
const stores = (['postgres', 'redis'] as const).filter(isReachable)

let server: TestServer
let app: Example
/** The service, and an app that is in front of the same users. */
let client: Client
let topics: Client

const placesOf = async (): Promise<Record<string, string>> => {
  const [postgres, redis] = await Promise.all(
    (['postgres', 'redis'] as const).map(async (kind) =>
      stores.includes(kind) ? (await openService(kind)).fresh({ keep: true }) : undefined,
    ),
  )
  return {
    ...(postgres && { DATABASE_URL: postgres }),
    ...(redis && { REDIS_URL: redis, SESSION_STORE: 'redis' }),
  }
}

beforeAll(async () => {
  const settings = {
    AUTH_PROFILE: 'cookie',
    JWT_SECRET_KEY: secret,
    LATCHKEY_SECRET: 'b4Nq8XvTz0LkYc7WmR2sHdPfGp1JuEo9iAt3ZyVxQ6',
    ...(await placesOf()),
  }
  server = await startServer({ env: settings })
  const database = `sqlite:${server.folder}/data/latchkey.db`
  // vitest has a BASE_URL of its own
  const own = { BASE_URL: '', DATABASE_URL: database, ...settings }
  app = await startExample('topics-cookie', own)
  client = createClient(server.origin)
  topics = createClient(app.url)
})
afterAll(async () => {
  await app?.stop()
  await server?.stop()
})

const names = { first_name: 'Grace', last_name: 'Hopper' }
const register = async (email = newAddress()): Promise<string> => {
  const answer = await client.post('/auth/register', { email, password, ...names })
  expect(answer.status).toBe(200)
  return email
}

/** The one cookie that was set: its value, and everything else in order. */
const cookieOf = ({ headers }: Answer): { value: string; attributes: string[] } => {
  const [cookie = '', ...others] = headers['set-cookie'] ?? []
  expect(others).toEqual([])
  const [pair = '', ...attributes] = cookie.split('; ')
  const [name, value = ''] = pair.split('=')
  expect(name).toBe('refresh_token')
  return { value, attributes }
}

const signIn = async (email: string, as = client) => {
  const answer = await as.post('/auth/login', { email, password })
  const { value } = cookieOf(answer)
  return { access: text(answer.body, 'access_token'), cookie: { cookie: `refresh_token=${value}` } }
}
const newcomer = async () => signIn(await register())
const ask = (headers: Record<string, string> = {}) => topics.get('/questions/topics', headers)

describe('POST /auth/register', () => {
  test('answers 200, without tokens and cookies', async () => {
    const body = { email: newAddress(), password, ...names }
    const answer = await client.post('/auth/register', body)

    expect([answer.status, answer.body]).toEqual([200, { status: 'user created' }])
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  test('an address that has an account', async () => {
    const email = await register()
    const { status, body } = await client.post('/auth/register', { email, password, ...names })

    expect([status, body]).toEqual([409, { detail: 'User already exists' }])
  })

  test('any text is an address here, and no address at the login', async () => {
    const email = `nope ${randomUUID()}`
    await register(email)
    const answer = await client.post('/auth/login', { email, password })

    expect(answer.status).toBe(422)
    expect(faultsOf(answer)).toEqual([['value_error', ['body', 'email']]])
  })

  test('an empty password', async () => {
    const body = { email: newAddress(), password: '', ...names }
    const answer = await client.post('/auth/register', body)

    expect(answer.status).toBe(422)
    expect(faultsOf(answer)).toEqual([['string_too_short', ['body', 'password']]])
  })

  test('members that are missing', async () => {
    const answer = await client.post('/auth/register', { email: newAddress(), password })

    expect(answer.status).toBe(422)
    expect(faultsOf(answer)).toEqual([
      ['missing', ['body', 'first_name']],
      ['missing', ['body', 'last_name']],
    ])
  })
})

describe('POST /auth/login', () => {
  test('answers with names, an access token, and a cookie of the browser session', async () => {
    const answer = await client.post('/auth/login', { email: await register(), password })

    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      ...names,
      status: 'logged in',
    })
    expect(cookieOf(answer)).toEqual({
      value: expect.stringMatching(/^[\w.-]{43,}$/),
      attributes: ['HttpOnly', 'Path=/auth', 'SameSite=strict', 'Secure'],
    })
  })

  test('names that are empty come back empty', async () => {
    const email = newAddress()
    await client.post('/auth/register', { email, password, first_name: '', last_name: '' })

    expect((await client.post('/auth/login', { email, password })).body).toMatchObject({
      first_name: '',
      last_name: '',
    })
  })

  test('a wrong password and an address nobody has', async () => {
    const wrong = await client.post('/auth/login', { email: await register(), password: 'no' })
    const unknown = await client.post('/auth/login', { email: newAddress(), password })

    expect([wrong.status, wrong.body]).toEqual([401, { detail: 'Invalid credentials' }])
    expect([unknown.status, unknown.text]).toEqual([401, wrong.text])
  })

  test.each([
    ['no address', { email: 'nope', password }, 'value_error', 'email'],
    ['an empty password', { email: 'a@example.com', password: '' }, 'string_too_short', 'password'],
    ['no password', { email: 'a@example.com' }, 'missing', 'password'],
  ])('%s', async (_title, body, type, place) => {
    const answer = await client.post('/auth/login', body)

    expect(answer.status).toBe(422)
    expect(faultsOf(answer)).toEqual([[type, ['body', place]]])
  })

  test('too many wrong passwords: 429, with the time to wait', async () => {
    const email = newAddress()
    for (let tries = 0; tries < 10; tries += 1)
      await client.post('/auth/login', { email, password: 'wrong' })
    const answer = await client.post('/auth/login', { email, password })

    expect(answer).toMatchObject({ status: 429, body: { detail: expect.any(String) } })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  })
})

describe('POST /auth/refresh', () => {
  test('answers with an access token, and leaves the cookie as it is', async () => {
    const { cookie } = await newcomer()
    const answer = await client.post('/auth/refresh', undefined, cookie)

    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ access_token: expect.any(String), token_type: 'bearer' })
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect((await ask(bearer(text(answer.body, 'access_token')))).status).toBe(200)
  })

  test('the first cookie goes on working, again and again and at once', async () => {
    const { cookie } = await newcomer()
    const refresh = async () => (await client.post('/auth/refresh', undefined, cookie)).status
    const oneByOne = [await refresh(), await refresh(), await refresh()]
    const atOnce = await Promise.all(Array.from({ length: 20 }, refresh))

    expect(new Set([...oneByOne, ...atOnce])).toEqual(new Set([200]))
  })

  test('whatever else is sent along', async () => {
    const { cookie } = await newcomer()
    const others = { ...cookie, authorization: 'Bearer over', 'content-type': 'text/plain' }

    expect((await client.post('/auth/refresh', 'x', others)).status).toBe(200)
  })

  test('without a cookie, and with one nobody was given', async () => {
    const none = await client.post('/auth/refresh')
    const unknown = await client.post('/auth/refresh', undefined, {
      cookie: `refresh_token=${'x'.repeat(43)}`,
    })

    expect([none.status, none.body]).toEqual([401, { detail: 'Missing refresh token' }])
    expect([unknown.status, unknown.body]).toEqual([401, { detail: 'Invalid or expired session' }])
  })

  test('a token in the body is not looked at', async () => {
    const { cookie } = await newcomer()
    const body = { refresh_token: cookie.cookie.replace('refresh_token=', '') }

    expect((await client.post('/auth/refresh', body)).body).toEqual({
      detail: 'Missing refresh token',
    })
  })
})

describe('POST /auth/logout', () => {
  const loggedOut = { status: 'logged out' }

  test('ends the session and takes the cookie away, on the path where it was set', async () => {
    const { cookie } = await newcomer()
    const answer = await client.post('/auth/logout', undefined, cookie)
    const again = await client.post('/auth/refresh', undefined, cookie)

    expect([answer.status, answer.body]).toEqual([200, loggedOut])
    expect(cookieOf(answer)).toEqual({
      value: '',
      attributes: ['Max-Age=0', 'HttpOnly', 'Path=/auth', 'SameSite=strict', 'Secure'],
    })
    expect([again.status, again.body]).toEqual([401, { detail: 'Invalid or expired session' }])
  })

  test.each([
    ['without a cookie', {}],
    ['with one nobody was given', { cookie: 'refresh_token=unknown' }],
    ['with an access token that is over', { authorization: 'Bearer over' }],
  ])('%s', async (_title, headers) => {
    const { status, body } = await client.post('/auth/logout', undefined, headers)

    expect([status, body]).toEqual([200, loggedOut])
  })

  test('twice, and with a bearer that is good for nothing', async () => {
    const { cookie } = await newcomer()
    const headers = { ...cookie, authorization: 'Basic YTpi' }
    const answers = [
      await client.post('/auth/logout', undefined, headers),
      await client.post('/auth/logout', undefined, headers),
    ]

    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect((await client.post('/auth/refresh', undefined, cookie)).status).toBe(401)
  })

  test('others stay signed in', async () => {
    const email = await register()
    const [here, there] = [await signIn(email), await signIn(email)]
    await client.post('/auth/logout', undefined, here.cookie)

    expect((await client.post('/auth/refresh', undefined, there.cookie)).status).toBe(200)
  })
})

describe('a protected route', () => {
  test('an access token', async () => {
    const { access } = await newcomer()
    const answer = await ask(bearer(access))

    expect([answer.status, answer.body]).toEqual([
      200,
      { topics: ['Arrays', 'Graphs', 'Recursion'] },
    ])
  })

  test.each([
    ['no header', {}],
    ['Basic', { authorization: 'Basic YTpi' }],
  ])('%s', async (_title, headers) => {
    const answer = await ask(headers)

    expect([answer.status, answer.body]).toEqual([401, { detail: 'Not authenticated' }])
    expect(answer.headers['www-authenticate']).toBe('Bearer')
  })

  test('tokens made elsewhere, with the same secret', async () => {
    const { sub } = claimsOf((await newcomer()).access, secret)
    const iat = now()
    const payload = { sub, iat, exp: iat + 900, type: 'access' }
    const told = async (claims: object, key = secret) => {
      const { status, body } = await ask(bearer(signed({ ...payload, ...claims }, key)))
      return [status, body]
    }
    const invalid = [401, { detail: 'Invalid access token' }]

    expect((await told({}))[0]).toBe(200)
    expect(await told({ iat: iat - 960, exp: iat - 60 })).toEqual([
      401,
      { detail: 'Access token expired' },
    ])
    expect(await told({}, 'another secret of at least 32 bytes')).toEqual(invalid)
    expect(await told({ type: 'refresh' })).toEqual(invalid)
    expect(await told({ sub: randomUUID() })).toEqual(invalid)
  })

  test('malformed tokens', async () => {
    const told = async (token: string) => {
      const { status, body } = await ask({ authorization: token })
      return [status, body]
    }
    const invalid = [401, { detail: 'Invalid access token' }]

    expect(await told('Bearer garbage')).toEqual(invalid)
    expect(await told('Bearer a.b.c')).toEqual(invalid)
    expect(await told('Bearer a b')).toEqual(invalid)
  })

  test('the app signs people in, too', async () => {
    const { access, cookie } = await signIn(await register(), topics)

    expect((await ask(bearer(access))).status).toBe(200)
    expect((await client.post('/auth/refresh', undefined, cookie)).status).toBe(200)
  })
})

test('what the access token says', async () => {
  const claims = claimsOf((await newcomer()).access, secret)

  expect(claims).toEqual({
    sub: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
    iat: expect.any(Number),
    exp: Number(claims.iat) + 900,
    type: 'access',
  })
})

test.each([
  ['GET', '/auth/login', 405, 'Method Not Allowed'],
  ['GET', '/nothing', 404, 'Not Found'],
  ['GET', '/auth/me', 404, 'Not Found'],
])('%s %s: %i', async (method, path, status, detail) => {
  expect(await client.ask(method, path)).toMatchObject({ status, body: { detail } })
})

describe('as its document says', () => {
  const document = readDocument('cookie.md')

  test('every endpoint of its table is there', async () => {
    const rows = [...document.matchAll(/^\| (GET|POST) \| (\S+) \|/gm)]
    const statuses = await Promise.all(
      rows.map(async ([, method = '', path = '']) => (await topics.ask(method, path)).status),
    )

    expect(rows).toHaveLength(5)
    expect(statuses).toEqual([422, 422, 401, 200, 401])
  })

  test('a token that has expired, a new one, the same request once more', async () => {
    const { access, cookie } = await newcomer()
    const [, template = ''] = /```http\nAuthorization: (.*)\n```/.exec(document) ?? []
    const [, sentence] = /API returns `401 (.*)`/.exec(document) ?? []
    const iat = now() - 960
    const old = signed({ ...claimsOf(access, secret), iat, exp: iat + 900 }, secret)
    const withToken = (token: string) =>
      ask({ authorization: template.replace('<access_token>', token) })
    const expired = await withToken(old)
    const { body } = await client.post('/auth/refresh', undefined, cookie)

    expect([expired.status, expired.body]).toEqual([401, { detail: sentence }])
    expect((await withToken(text(body, 'access_token'))).status).toBe(200)
  })
})

test('a session lasts 14 days from the login, however often it is refreshed', async () => {
  let time = Date.now()
  const auth = createAuth({
    profile: 'cookie',
    store: memoryStore(),
    tokens: { secret },
    clock: () => new Date(time),
  })
  const hello = route({
    method: 'GET',
    path: '/hello',
    summary: 'Hello',
    tag: 'Host',
    access: 'bearer',
    answers: { 200: 'Raw' },
    handle: async () => ({ contentType: 'text/plain', body: 'hello' }),
  })
  const { port, close } = await listen(createServer(toNode(auth, { routes: [hello] })))
  const own = createClient(`http://127.0.0.1:${port}`)
  const email = newAddress()
  await own.post('/auth/register', { email, password, ...names })
  const { access, cookie } = await signIn(email, own)
  const refresh = async () => (await own.post('/auth/refresh', undefined, cookie)).status
  const pass = (days: number) => {
    time += days * 86_400_000
  }

  expect((await own.get('/hello', bearer(access))).status).toBe(200)
  pass(0.02)
  expect((await own.get('/hello', bearer(access))).body).toEqual({ detail: 'Access token expired' })
  pass(7)
  expect(await refresh()).toBe(200)
  pass(6.97)
  expect(await refresh()).toBe(200)
  pass(0.02)
  expect(await refresh()).toBe(401)
  await close()
  await auth.close()
})
