import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { toNode } from '../../src/http/node.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { listen } from '../hosts/hosts.js'
import { startServer, type TestServer } from '../servers.js'
import {
  bearer,
  type Client,
  claimsOf,
  createClient,
  faultsOf,
  member,
  newAddress,
  now,
  signed,
  text,
} from './plain-client.js'
import { curlCommands, hasCurl, readDocument, runCurl } from './shell.js'

const secret = 'm2VqT9xLr7cKpZ0wYb4NfHs8JdGu1EaQi6RoXv3tBzA'
const refreshSecret = 'Wd7nPq2Rk9sUvX1yZ4bC6eFgHjL0mTtAaYoIx8K3iNs'
const password = 'SecurePass123!'

/** The settings file of the service, and the word that says which one it is. */
const settingsFile = `AUTH_PROFILE=strict
JWT_SECRET_KEY=${secret}
JWT_REFRESH_SECRET_KEY=${refreshSecret}
DOCS=false
`

/** As many as it allowed. */
const manyRequests = { RATE_LIMIT_REQUESTS: '100', RATE_LIMIT_WINDOW: '1' }

const withSettings = async (
  env: Record<string, string>,
): Promise<{ server: TestServer; client: Client; stop(): Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-strict-'))
  await writeFile(join(folder, '.env'), settingsFile)
  const server = await startServer({ folder, env })
  const stop = async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { server, client: createClient(server.origin), stop }
}

let server: TestServer
let client: Client
let stop: () => Promise<void>
beforeAll(async () => {
  ;({ server, client, stop } = await withSettings({
    ...manyRequests,
    REFRESH_TOKEN_GRACE_SECONDS: '1',
  }))
})
afterAll(() => stop())

const register = async (email = newAddress()) => {
  const { body } = await client.post('/auth/register', { email, password })
  return {
    email,
    access: text(body, 'access_token'),
    refresh: text(body, 'refresh_token'),
  }
}
const me = (token: string) => client.get('/auth/me', bearer(token))
const pair = {
  access_token: expect.any(String),
  refresh_token: expect.any(String),
  token_type: 'bearer',
}

test('GET /health', async () => {
  const answer = await client.get('/health')

  expect(answer).toMatchObject({ status: 200, body: { status: 'healthy' } })
  expect(answer.text).toBe('{"status":"healthy"}')
})

test('GET /health while the database is away', async () => {
  const away = { name: 'database', ping: () => Promise.reject(new Error('away')) }
  const auth = createAuth({
    profile: 'strict',
    store: { ...memoryStore(), places: [away] },
    tokens: { secret },
    sessions: { secret: refreshSecret },
  })
  const { port, close } = await listen(createServer(toNode(auth)))
  const answer = await createClient(`http://127.0.0.1:${port}`).get('/health')
  await close()
  await auth.close()

  expect(answer).toMatchObject({ status: 503, body: { status: 'unhealthy' } })
})

describe('POST /auth/register', () => {
  test('answers 201 with a pair of tokens and nothing else', async () => {
    const answer = await client.post('/auth/register', { email: newAddress(), password })

    expect(answer.status).toBe(201)
    expect(answer.body).toEqual(pair)
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  test('an address that has an account', async () => {
    const { email } = await register()

    expect(await client.post('/auth/register', { email, password })).toMatchObject({
      status: 409,
      body: { detail: 'Registration failed' },
    })
  })

  test.each([
    ['Ab1!', 'string_too_short', 'String should have at least 12 characters'],
    [`Ab1!${'x'.repeat(125)}`, 'string_too_long', 'String should have at most 128 characters'],
    ['securepass123!', 'value_error', 'Password must contain at least one uppercase letter'],
    ['SECUREPASS123!', 'value_error', 'Password must contain at least one lowercase letter'],
    ['SecurePassword!', 'value_error', 'Password must contain at least one digit'],
    ['SecurePass1234', 'value_error', 'Password must contain at least one special character'],
    ['SecurePass_123', 'value_error', 'Password must contain at least one special character'],
    ['SecurePass-123', 'value_error', 'Password must contain at least one special character'],
  ])('a weak password: %s', async (weak, type, sentence) => {
    const answer = await client.post('/auth/register', { email: newAddress(), password: weak })
    const msg = type === 'value_error' ? `Value error, ${sentence}` : sentence

    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ detail: [{ type, loc: ['body', 'password'], msg }] })
    expect(answer.text).not.toContain(weak)
  })

  test.each([...'!@#$%^&*(),.?":{}|<>'])('%s is a special character', async (sign) => {
    const answer = await client.post('/auth/register', {
      email: 'no address',
      password: `SecurePass123${sign}`,
    })

    expect(faultsOf(answer)).toEqual([['value_error', ['body', 'email']]])
  })

  test('passwords of 12 and of 128 characters', async () => {
    const answers = ['SecurePas1!x', `S1!${'e'.repeat(125)}`].map((length) =>
      client.post('/auth/register', { email: newAddress(), password: length }),
    )

    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([201, 201])
  })

  test('members that are missing or no texts, and more members than are known', async () => {
    const post = async (body: object) => faultsOf(await client.post('/auth/register', body))

    expect(await post({})).toEqual([
      ['missing', ['body', 'email']],
      ['missing', ['body', 'password']],
    ])
    expect(await post({ email: 1, password: null })).toEqual([
      ['string_type', ['body', 'email']],
      ['string_type', ['body', 'password']],
    ])
    const more = { email: newAddress(), password, first_name: 'Grace' }
    expect((await client.post('/auth/register', more)).status).toBe(201)
  })

  test('long passwords with one beginning are two passwords', async () => {
    const email = newAddress()
    const long = `${password}${'x'.repeat(70)}`
    await client.post('/auth/register', { email, password: `${long}1` })

    expect((await client.post('/auth/login', { email, password: `${long}2` })).status).toBe(401)
    expect((await client.post('/auth/login', { email, password: `${long}1` })).status).toBe(200)
  })
})

describe('POST /auth/login', () => {
  test('answers 200 with a pair of tokens', async () => {
    const { email } = await register()
    const answer = await client.post('/auth/login', { email, password })

    expect(answer.status).toBe(200)
    expect(answer.body).toEqual(pair)
  })

  test('one sentence for a wrong password and an address nobody has', async () => {
    const { email } = await register()
    const wrong = await client.post('/auth/login', { email, password: `${password}x` })
    const unknown = await client.post('/auth/login', { email: newAddress(), password })

    expect(wrong).toMatchObject({ status: 401, body: { detail: 'Invalid credentials' } })
    expect([unknown.status, unknown.text]).toEqual([401, wrong.text])
  })

  test('the case of the name matters, that of the domain does not', async () => {
    const email = newAddress('Example.com').replace('person', 'Person')
    await register(email)
    const as = async (typed: string) =>
      (await client.post('/auth/login', { email: typed, password })).status

    expect(await as(email.replace('Example', 'EXAMPLE'))).toBe(200)
    expect(await as(email.toLowerCase())).toBe(401)
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

describe('what a request may be', () => {
  const body = JSON.stringify({ email: 'a@example.com', password: 'x'.repeat(10_300) })

  test.each([false, true])('a body that is too large (chunked: %s)', async (isChunked) => {
    expect(await client.ask('POST', '/auth/login', { body, isChunked })).toMatchObject({
      status: 413,
      body: { detail: 'Request body too large' },
    })
  })

  test('bytes count, not signs', async () => {
    const signs = JSON.stringify({ email: 'a@example.com', password: 'ü'.repeat(6_000) })

    expect((await client.ask('POST', '/auth/login', { body: signs })).status).toBe(413)
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    '%s',
    async (type) => {
      const headers = { 'content-type': type }

      expect(await client.ask('POST', '/auth/login', { body: '{}', headers })).toMatchObject({
        status: 415,
        body: { detail: 'Content-Type must be application/json' },
      })
    },
  )

  test('no type at all', async () => {
    expect((await client.ask('POST', '/auth/login')).status).toBe(415)
  })

  test('JSON that is none', async () => {
    const answer = await client.ask('POST', '/auth/login', { body: '{"email":' })

    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ detail: [{ type: 'json_invalid', loc: ['body', 9] }] })
  })

  test('a list in place of an object', async () => {
    expect(faultsOf(await client.post('/auth/login', []))).toEqual([
      ['model_attributes_type', ['body']],
    ])
  })

  test('size comes before type, and type before origin', async () => {
    const headers = { 'content-type': 'text/plain', origin: 'https://evil.example' }
    const small = await client.ask('POST', '/auth/login', { body: '{}', headers })
    const large = await client.ask('POST', '/auth/login', { body, headers })

    expect([small.status, large.status]).toEqual([415, 413])
  })

  test.each([
    ['GET', '/docs'],
    ['GET', '/redoc'],
    ['GET', '/openapi.json'],
    ['GET', '/nothing'],
    ['GET', '/'],
    ['GET', '/auth/login'],
    ['POST', '/nothing'],
    ['DELETE', '/auth/me'],
    ['POST', '/auth/logout'],
    ['GET', '/auth/sessions'],
  ])('%s %s: 405', async (method, path) => {
    const body = method === 'POST' ? {} : undefined

    expect(await client.ask(method, path, { body })).toMatchObject({
      status: 405,
      body: { detail: 'Method Not Allowed' },
    })
  })

  test.each(['/auth/login', '/health', '/nothing'])('OPTIONS %s', async (path) => {
    const answer = await client.ask('OPTIONS', path)

    expect(answer).toMatchObject({ status: 200, body: { status: 'ok' } })
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('with origins, and the limit of the service', () => {
  const origin = 'https://app.example.com'
  const evil = 'https://evil.example'
  let listed: Client
  let end: () => Promise<void>
  let peers = 0

  /** Every test comes from an address of its own. */
  const from = () => {
    peers += 1
    return { 'x-forwarded-for': `192.0.2.${peers}` }
  }
  const cors = {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
    'access-control-allow-headers': 'Authorization, Content-Type',
  }

  beforeAll(async () => {
    const found = await withSettings({
      ALLOWED_ORIGINS: origin,
      TRUSTED_PROXIES: '127.0.0.1,::1',
      RATE_LIMIT_REQUESTS: '', // that of the service
    })
    listed = found.client
    end = found.stop
  })
  afterAll(() => end())

  test('the 11th request in a minute, whatever it asks for; /health is not counted', async () => {
    const headers = from()
    const statuses: number[] = []
    for (const path of Array.from({ length: 5 }, () => ['/auth/me', '/nothing']).flat()) {
      statuses.push((await listed.get(path, headers)).status)
      await listed.get('/health', headers)
    }
    const answer = await listed.post('/auth/login', {}, headers)

    expect(statuses).toEqual([403, 405, 403, 405, 403, 405, 403, 405, 403, 405])
    expect(answer).toMatchObject({ status: 429, body: { detail: 'Rate limit exceeded' } })
    expect(answer.headers['retry-after']).toBeUndefined()
    expect((await listed.get('/health', headers)).status).toBe(200)
    expect((await listed.get('/auth/me', from())).status).toBe(403)
  })

  test('the limit comes before everything else', async () => {
    const headers = from()
    for (let count = 0; count < 10; count += 1) await listed.get('/nothing', headers)
    const faulty = { ...headers, origin: evil, 'content-type': 'text/plain' }

    expect((await listed.ask('POST', '/auth/login', { body: '{}', headers: faulty })).status).toBe(
      429,
    )
    expect((await listed.ask('OPTIONS', '/auth/login', { headers })).status).toBe(429)
  })

  test.each(['/auth/register', '/nothing', '/health'])(
    'OPTIONS %s: for listed origins only',
    async (path) => {
      const headers = from()
      const ask = (others: object) =>
        listed.ask('OPTIONS', path, { headers: { ...headers, ...others } })
      const answer = await ask({ origin, 'access-control-request-method': 'POST' })
      const refused = { status: 403, body: { detail: 'Origin not allowed' } }

      expect(answer).toMatchObject({ status: 200, body: { status: 'ok' }, headers: cors })
      expect(await ask({ origin: evil })).toMatchObject(refused)
      expect(await ask({})).toMatchObject(refused)
    },
  )

  test('a listed origin reads every answer', async () => {
    const headers = { ...from(), origin }
    const email = newAddress()
    const answers = [
      await listed.post('/auth/register', { email, password }, headers),
      await listed.post('/auth/login', { email, password: 'wrong' }, headers),
      await listed.get('/auth/me', headers),
      await listed.post('/auth/login', {}, headers),
    ]

    expect(answers.map(({ status }) => status)).toEqual([201, 401, 403, 422])
    for (const answer of answers) expect(answer.headers).toMatchObject(cors)
  })

  test('any other origin is refused, also where it only reads', async () => {
    const headers = { ...from(), origin: evil }
    const refused = { status: 403, body: { detail: 'Origin not allowed' } }
    const answer = await listed.post('/auth/login', { email: newAddress(), password }, headers)

    expect(answer).toMatchObject(refused)
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    expect(await listed.get('/auth/me', headers)).toMatchObject(refused)
    expect((await listed.get('/health', headers)).status).toBe(200)
  })

  test('programs send no origin and are served', async () => {
    const headers = from()
    const answer = await listed.post('/auth/register', { email: newAddress(), password }, headers)

    expect(answer.status).toBe(201)
  })
})

describe.skipIf(!(await hasCurl()))('the commands of its document', () => {
  const commands = curlCommands(readDocument('strict.md'))

  test('do what it says', async () => {
    const [registering = '', loggingIn = '', asking = '', refreshing = ''] = commands
    const here = { 'http://127.0.0.1:8000': server.origin }
    const registered = await runCurl(registering, here)
    const loggedIn = await runCurl(loggingIn, here)
    const access = text(loggedIn.body, 'access_token')
    const refresh = text(loggedIn.body, 'refresh_token')
    const user = await runCurl(asking, { ...here, '<your-access-token>': access })
    const refreshed = await runCurl(refreshing, { ...here, '<your-refresh-token>': refresh })

    expect(commands).toHaveLength(4)
    expect(registered).toEqual({ status: 201, body: pair })
    expect(loggedIn).toEqual({ status: 200, body: pair })
    expect(user).toMatchObject({ status: 200, body: { email: 'user@example.com' } })
    expect(refreshed).toEqual({ status: 200, body: pair })
  })
})
