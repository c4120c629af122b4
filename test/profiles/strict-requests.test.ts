import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { toNode } from '../../src/http/node.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { listen } from '../hosts/hosts.js'
import { type Client, createClient, faultsOf, text } from './plain-client.js'
import { curlCommands, hasCurl, readDocument, runCurl } from './shell.js'
import {
  manyRequests,
  pair,
  refreshSecret,
  type StrictService,
  secret,
  startStrict,
} from './strict-service.js'

let service: StrictService
let client: Client
beforeAll(async () => {
  service = await startStrict(manyRequests)
  client = service.client
})
afterAll(() => service.stop())

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

describe.skipIf(!(await hasCurl()))('the commands of its document', () => {
  const commands = curlCommands(readDocument('strict.md'))

  test('do what it says', async () => {
    const [registering = '', loggingIn = '', asking = '', refreshing = ''] = commands
    const here = { 'http://127.0.0.1:8000': service.server.origin }
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
