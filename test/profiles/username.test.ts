import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { usersFrom } from '../../src/features/accounts/users-from.js'
import { route } from '../../src/http/http.js'
import { toNode } from '../../src/http/node.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { runJson } from '../cli/command.js'
import { listen } from '../hosts/hosts.js'
import { startServer, type TestServer } from '../servers.js'
import {
  bearer,
  type Client,
  claimsOf,
  createClient,
  faultsOf,
  member,
  now,
  signed,
  text,
} from './plain-client.js'
import { blocksOf, readDocument } from './shell.js'

const secret = 'c7Yb2NqXv0TzLk9WmR4sHdJfGp1UeAo3iEt6ZyQxV8'

let server: TestServer
let client: Client
let folder: string

/** The file of the service. */
const settingsFile = `secret_key=${secret}
algorithm=HS256
access_token_expire_minutes=30
server_host=0.0.0.0
server_port=7777
debug=False
`
const profile = { AUTH_PROFILE: 'username' }

const create = (name: string, password: string, ...words: string[]) =>
  runJson(folder, ['users', 'create', '--username', name, '--password-stdin', ...words], {
    ...profile,
    input: password,
  })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-username-'))
  await writeFile(join(folder, 'config.env'), settingsFile)
  await create('alice', 'correct horse battery', '--role', 'admin', 'user')
  await create('bob', 'a long and winding road')
  await create('your_username', 'your_password')
  server = await startServer({ folder, env: profile })
  client = createClient(server.origin)
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

const login = (username: unknown, password: unknown) =>
  client.post('/auth/login', { username, password })
const refused = { detail: 'Invalid username or password' }

describe('POST /auth/login', () => {
  test('answers 200 with the access token and nothing else', async () => {
    const answer = await login('alice', 'correct horse battery')

    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ access_token: expect.any(String) })
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  test('a wrong password and a name that nobody has: 403, and the same answer', async () => {
    const wrong = await login('alice', 'wrong')
    const unknown = await login('eve', 'wrong')

    expect([wrong.status, wrong.body]).toEqual([403, refused])
    expect([unknown.status, unknown.text]).toEqual([403, wrong.text])
  })

  test('who was disabled is told nothing else', async () => {
    await create('mallory', 'a long and winding road')
    expect((await login('mallory', 'a long and winding road')).status).toBe(200)
    await runJson(folder, ['users', 'disable', 'mallory'], profile)
    const { status, body } = await login('mallory', 'a long and winding road')

    expect([status, body]).toEqual([403, refused])
  })

  test('too many wrong passwords: 429, with the time to wait', async () => {
    for (let tries = 0; tries < 10; tries += 1) await login('trudy', 'wrong')
    const answer = await login('trudy', 'wrong')

    expect(answer).toMatchObject({ status: 429, body: { detail: expect.any(String) } })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  })

  test('members that are missing or no texts', async () => {
    const post = async (body: unknown) => {
      const answer = await client.post('/auth/login', body)
      return [answer.status, faultsOf(answer)]
    }

    expect(await post({ username: 'alice' })).toEqual([422, [['missing', ['body', 'password']]]])
    expect(await post({ password: 'secret' })).toEqual([422, [['missing', ['body', 'username']]]])
    expect(await post({})).toEqual([
      422,
      [
        ['missing', ['body', 'username']],
        ['missing', ['body', 'password']],
      ],
    ])
    expect(await post({ username: 1, password: 'secret' })).toEqual([
      422,
      [['string_type', ['body', 'username']]],
    ])
    expect(await post(null)).toEqual([422, [['missing', ['body']]]])
    expect(await post([])).toEqual([422, [['model_attributes_type', ['body']]]])
  })

  test('no body, a form, and JSON that is none', async () => {
    const form = {
      body: 'username=alice&password=secret',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }
    const broken = await client.ask('POST', '/auth/login', { body: '{"username":' })

    expect(faultsOf(await client.ask('POST', '/auth/login'))).toEqual([['missing', ['body']]])
    expect(faultsOf(await client.ask('POST', '/auth/login', form))).toEqual([
      ['model_attributes_type', ['body']],
    ])
    expect(broken.status).toBe(422)
    expect(faultsOf(broken)).toEqual([['json_invalid', ['body', 12]]])
  })

  test('nothing of what was sent comes back', async () => {
    const answer = await client.post('/auth/login', { password: 'do not repeat me' })

    expect(answer.status).toBe(422)
    expect(answer.text).not.toContain('do not repeat me')
  })
})

describe('the token', () => {
  const claims = async (username: string, password: string) =>
    claimsOf(text((await login(username, password)).body, 'access_token'), secret)

  test('says the name, the role and when it ends: after 30 minutes', async () => {
    const { exp, ...others } = await claims('alice', 'correct horse battery')
    const seconds = Number(exp) - Date.now() / 1000

    expect(others).toEqual({ sub: 'alice', role: 'admin' })
    expect(seconds).toBeGreaterThan(29 * 60)
    expect(seconds).toBeLessThanOrEqual(30 * 60)
  })

  test('of somebody without roles says user', async () => {
    expect(await claims('bob', 'a long and winding road')).toMatchObject({
      sub: 'bob',
      role: 'user',
    })
  })
})

test.each([
  ['GET', '/auth/login', 405, 'Method Not Allowed'],
  ['GET', '/', 404, 'Not Found'],
  ['GET', '/nothing', 404, 'Not Found'],
  ['POST', '/auth/register', 404, 'Not Found'],
  ['POST', '/auth/refresh', 404, 'Not Found'],
  ['GET', '/auth/me', 404, 'Not Found'],
])('%s %s: %i', async (method, path, status, detail) => {
  expect(await client.ask(method, path)).toMatchObject({ status, body: { detail } })
})

test('GET /docs', async () => {
  const { status, headers } = await client.get('/docs')

  expect(status).toBe(200)
  expect(headers['content-type']).toMatch(/^text\/html/)
})

test('a route of a host, for users of its own whose ids are no names', async () => {
  const passwordHash = '$2b$12$.AfxSFc1BJPlKSWCNw.ICOfA.BS5l5oAUNxlBWc1iUoBzkVwqHN3u' // of 'password'
  const bob = { id: '7', username: 'Bob', role: 'reader', passwordHash }
  const auth = createAuth({
    profile: 'username',
    store: memoryStore(),
    users: usersFrom((name) => (name === 'bob' || name === '7' ? bob : undefined)),
    tokens: { secret },
  })
  const hello = route({
    method: 'GET',
    path: '/hello',
    summary: 'Hello',
    tag: 'Host',
    access: 'bearer',
    answers: { 200: 'Raw' },
    handle: async ({ signedIn: { user } }) => ({ contentType: 'text/plain', body: user.id }),
  })
  const { port, close } = await listen(createServer(toNode(auth, { routes: [hello] })))
  const own = createClient(`http://127.0.0.1:${port}`)
  const { body } = await own.post('/auth/login', { username: 'bob', password: 'password' })
  const token = text(body, 'access_token')
  const say = (value: string) => own.get('/hello', bearer(value))
  const nobody = signed({ sub: 'eve', role: 'user', exp: now() + 60 }, secret)
  const over = signed({ sub: 'Bob', role: 'user', exp: now() - 60 }, secret)

  expect(claimsOf(token, secret)).toMatchObject({ sub: 'Bob', role: 'reader' })
  expect((await say(token)).text).toBe('7')
  expect((await say(nobody)).status).toBe(403)
  expect((await say(over)).body).toEqual({
    detail: 'Token decode error: Signature has expired.',
  })
  expect((await own.get('/hello')).status).toBe(401)
  await close()
  await auth.close()
})

test('the request and the answers of its document', async () => {
  const blocks = blocksOf(readDocument('username.md'), 'json').map((block) => JSON.parse(block))
  const [request, success, failure] = blocks
  const answer = await client.post('/auth/login', request)
  const wrong = await client.post('/auth/login', { ...request, password: 'another' })

  expect(blocks).toHaveLength(3)
  expect(answer.status).toBe(200)
  expect(Object.keys(success)).toEqual(Object.keys(Object(answer.body)))
  expect(wrong.body).toEqual(failure)
  expect(member(wrong.body, 'detail')).toBe('Invalid username or password')
})
