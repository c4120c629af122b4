import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { route } from '../../src/http/http.js'
import { toNode } from '../../src/http/node.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import type { Example } from '../hosts/examples.js'
import { listen } from '../hosts/hosts.js'
import {
  type CookieService,
  registerWith,
  secret,
  signInWith,
  startCookie,
  startTopics,
} from './cookie-service.js'
import {
  bearer,
  type Client,
  claimsOf,
  createClient,
  newAddress,
  now,
  signed,
  text,
} from './plain-client.js'
import { readDocument } from './shell.js'

let service: CookieService
let app: Example
let client: Client
let topics: Client
beforeAll(async () => {
  service = await startCookie()
  client = service.client
  app = await startTopics(service)
  topics = createClient(app.url)
})
afterAll(async () => {
  await app?.stop()
  await service?.server.stop()
})

const register = () => registerWith(client)
const newcomer = async () => signInWith(client, await register())
const ask = (headers: Record<string, string> = {}) => topics.get('/questions/topics', headers)

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
    const { access, cookie } = await signInWith(topics, await register())

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
  await registerWith(own, email)
  const { access, cookie } = await signInWith(own, email)
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
