import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { isReachable, openService } from '../services/services.js'
import { ask, type Heard, readToken, type Said } from './client.js'
import { faultsOf, member, text } from './plain-client.js'
import { curlCommands, hasCurl, readDocument, runCurl } from './shell.js'

/** The service of MongoDB users (S3), asked by a client that knows no other. */
const secret = '7f1c0b5e94a24c0f8a6d3be2c1907f55e81d42b6a3975c0e'
const password = 'MyS3cret@1'

const canCurl = await hasCurl()

let server: TestServer
let folder: string
let count = 0

const say = (what: string, said?: Said): Promise<Heard> => ask(server.origin, what, said)

const newAddress = (): string => {
  count += 1
  return `someone${count}@example.com`
}

const register = async (email = newAddress()): Promise<Heard> =>
  say('POST /auth/register', { json: { email, password } })

const refresh = (refresh_token: string): Promise<Heard> =>
  say('POST /auth/refresh', { json: { refresh_token } })

const logout = (refresh_token: string): Promise<Heard> =>
  say('POST /auth/logout', { json: { refresh_token } })

describe.skipIf(!isReachable('mongodb'))('the flat profile', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-flat-'))
    const url = new URL(await (await openService('mongodb')).fresh({ keep: true }))
    const name = url.pathname.slice(1)
    url.pathname = '/'
    // the file that the service had, and one line more
    const lines = [`MONGO_URI=${url}`, `MONGO_DB_NAME=${name}`, `JWT_SECRET_KEY=${secret}`]
    writeFileSync(join(folder, '.env'), ['AUTH_PROFILE=flat', ...lines, ''].join('\n'))
    server = await startServer({ folder })
  })

  afterAll(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  describe('registration and login', () => {
    test('answer 200 with the id and both tokens, and nothing else', async () => {
      const email = newAddress()
      const made = await register(email)
      const back = await say('POST /auth/login', { json: { email, password } })

      for (const { status, json } of [made, back]) {
        expect(status).toBe(200)
        expect(Object.keys(json).sort()).toEqual(['access_token', 'refresh_token', 'user_id'])
        expect(json.user_id).toMatch(/^[0-9a-f]{24}$/)
      }
      expect(back.json.user_id).toBe(made.json.user_id)
    })

    test.each([
      ['Sh0rt@x', 'be at least 8 characters long'],
      ['mys3cret@1', 'contain at least one uppercase letter'],
      ['MYS3CRET@1', 'contain at least one lowercase letter'],
      ['MySecret@x', 'contain at least one number'],
      ['MyS3cret_1', 'contain at least one special character (@$!%*?&)'],
    ])('%s is refused: a password must %s', async (weak, rule) => {
      const { status, json } = await say('POST /auth/register', {
        json: { email: newAddress(), password: weak },
      })

      expect(status).toBe(422)
      expect(json.detail).toMatchObject([
        {
          type: 'value_error',
          loc: ['body', 'password'],
          msg: `Value error, Password must ${rule}`,
        },
      ])
      expect(JSON.stringify(json)).not.toContain(weak)
    })

    test('a long password is as good as any', async () => {
      const long = `${password}${'x'.repeat(200)}`
      const email = newAddress()
      await say('POST /auth/register', { json: { email, password: long } })

      const cut = await say('POST /auth/login', { json: { email, password: long.slice(0, 80) } })
      expect(cut.status).toBe(401)
      expect((await say('POST /auth/login', { json: { email, password: long } })).status).toBe(200)
    })

    test('an address that is taken is told with 409', async () => {
      const email = newAddress()
      await register(email)

      const again = await register(email)
      expect([again.status, again.json]).toEqual([409, { detail: 'email already registered' }])
    })

    test('wrong and unknown are one sentence', async () => {
      const email = newAddress()
      await register(email)
      const wrong = await say('POST /auth/login', { json: { email, password: 'MyS3cret@2' } })
      const unknown = await say('POST /auth/login', { json: { email: newAddress(), password } })

      for (const { status, json } of [wrong, unknown]) {
        expect([status, json]).toEqual([401, { detail: 'Invalid email or password' }])
      }
    })

    test('bodies are refused as FastAPI does', async () => {
      const missing = await say('POST /auth/register', { json: {} })
      const none = await say('POST /auth/login')
      const broken = await say('POST /auth/login', {
        text: '{"email":',
        headers: { 'content-type': 'application/json' },
      })
      const noAddress = await say('POST /auth/register', { json: { email: 'nope', password } })

      expect([missing, none, broken, noAddress].map(({ status }) => status)).toEqual(
        Array(4).fill(422),
      )
      expect(faultsOf(missing)).toEqual([
        ['missing', ['body', 'email']],
        ['missing', ['body', 'password']],
      ])
      expect(faultsOf(none)).toEqual([['missing', ['body']]])
      expect(broken.json.detail[0].type).toBe('json_invalid')
      expect(faultsOf(noAddress)).toEqual([['value_error', ['body', 'email']]])
    })
  })

  describe('GET /auth/me', () => {
    test('answers id, address and a naive instant of milliseconds', async () => {
      const email = newAddress()
      const { json } = await register(email)

      const me = await say('GET /auth/me', { bearer: json.access_token })
      expect(me.status).toBe(200)
      expect(me.json).toEqual({ id: json.user_id, email, created_at: expect.any(String) })
      expect(me.json.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}000)?$/)
    })

    test.each([undefined, 'Basic YTpi'])('%s is not authenticated', async (authorization) => {
      const headers = authorization === undefined ? {} : { authorization }
      const refused = await say('GET /auth/me', { headers })

      expect([refused.status, refused.json]).toEqual([401, { detail: 'Not authenticated' }])
      expect(refused.headers['www-authenticate']).toBe('Bearer')
    })

    test('a bad token and one of the other kind have a sentence each', async () => {
      const { json } = await register()
      const bad = await say('GET /auth/me', { bearer: 'not.a.token' })
      const other = await say('GET /auth/me', { bearer: json.refresh_token })

      expect([bad.status, bad.json]).toEqual([401, { detail: 'invalid or expired token' }])
      expect([other.status, other.json]).toEqual([401, { detail: 'invalid token type' }])
    })
  })

  describe('tokens', () => {
    test('are signed with the one secret and say sub, type, exp and a jti', async () => {
      const { json } = await register()
      for (const [type, seconds] of [
        ['access', 15 * 60],
        ['refresh', 7 * 86_400],
      ] as const) {
        const token: string = json[`${type}_token`]
        const { header, payload } = readToken(token)
        const [content] = /^[^.]+\.[^.]+/.exec(token) ?? ['']

        expect(header).toMatchObject({ alg: 'HS256', typ: 'JWT' })
        expect(payload).toEqual({
          sub: json.user_id,
          type,
          exp: expect.any(Number),
          jti: expect.any(String),
        })
        expect(Math.abs(payload.exp - Date.now() / 1000 - seconds)).toBeLessThan(10)
        expect(createHmac('sha256', secret).update(content).digest('base64url')).toBe(
          token.split('.')[2],
        )
      }
    })

    test('of one second differ', async () => {
      const email = newAddress()
      await register(email)
      const login = () => say('POST /auth/login', { json: { email, password } })
      const logins = await Promise.all([login(), login(), login(), login()])

      const all = logins.flatMap(({ json }) => [json.access_token, json.refresh_token])
      expect(new Set(all).size).toBe(8)
    })
  })

  describe('refresh and logout', () => {
    test('a refresh answers a new pair and nothing else; the old token is refused', async () => {
      const { json } = await register()
      const renewed = await refresh(json.refresh_token)

      expect(renewed.status).toBe(200)
      expect(Object.keys(renewed.json).sort()).toEqual(['access_token', 'refresh_token'])
      const me = await say('GET /auth/me', { bearer: renewed.json.access_token })
      expect(me.json.id).toBe(json.user_id)
      const again = await refresh(json.refresh_token)
      expect([again.status, again.json]).toEqual([401, { detail: 'invalid or expired token' }])
    })

    test('an access token is no refresh token', async () => {
      const { json } = await register()
      const refused = await refresh(json.access_token)

      expect([refused.status, refused.json]).toEqual([401, { detail: 'invalid token type' }])
    })

    test('logout ends the refresh token, is told the same again, and of any other', async () => {
      const { json } = await register()
      const answers = [
        await logout(json.refresh_token),
        await logout(json.refresh_token),
        await logout('anything'),
        await logout(json.access_token),
      ]

      for (const { status, json: body } of answers)
        expect([status, body]).toEqual([200, { message: 'user logged out successfully' }])
      const after = await refresh(json.refresh_token)
      expect([after.status, after.json]).toEqual([401, { detail: 'invalid or expired token' }])
    })

    test.each(['refresh', 'logout'])('%s without a token is 422', async (route) => {
      const refused = await say(`POST /auth/${route}`, { json: {} })

      expect(refused.status).toBe(422)
      expect(faultsOf(refused)).toEqual([['missing', ['body', 'refresh_token']]])
    })
  })

  test('GET / greets; what the service did not have is not found', async () => {
    const root = await say('GET /')
    expect([root.status, root.json]).toEqual([200, { message: 'Hello World' }])
    for (const path of ['/auth/sessions', '/health', '/.well-known/jwks.json']) {
      const { status, json } = await say(`GET ${path}`)
      expect([status, json]).toEqual([404, { detail: 'Not Found' }])
    }
    const { status, json } = await say('GET /auth/login')
    expect([status, json]).toEqual([405, { detail: 'Method Not Allowed' }])
  })

  test.skipIf(!canCurl)('the commands of its document do what it says', async () => {
    const here = { 'http://localhost:5000': server.origin }
    const commands = curlCommands(readDocument('flat.md'))
    const [registering = '', loggingIn = '', asking = ''] = commands
    const registered = await runCurl(registering, here)
    const loggedIn = await runCurl(loggingIn, here)
    const access = text(loggedIn.body, 'access_token')
    const me = await runCurl(asking, { ...here, '<access_token>': access })

    expect(commands).toHaveLength(3)
    const tokens = { access_token: expect.any(String), refresh_token: expect.any(String) }
    const body = { user_id: expect.stringMatching(/^[0-9a-f]{24}$/), ...tokens }
    expect([registered, loggedIn]).toEqual(Array(2).fill({ status: 200, body }))
    const id = member(loggedIn.body, 'user_id')
    const user = { id, email: 'alice@example.com', created_at: expect.any(String) }
    expect(me).toEqual({ status: 200, body: user })
  })
})
