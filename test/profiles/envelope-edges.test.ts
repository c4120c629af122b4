import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Said } from './client.js'
import { type EnvelopeService, password, startEnvelope } from './envelope-service.js'
import { refusal, shown, success } from './envelopes.js'
import { text } from './plain-client.js'
import { curlCommands, hasCurl, readDocument, runCurl } from './shell.js'

/** The envelope service where something goes wrong or comes from elsewhere, and as its document tells to call it. */
let service: EnvelopeService

beforeAll(async () => {
  service = await startEnvelope()
})

afterAll(() => service?.stop())

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
    const answer = await service.say(what, said)

    expect([answer.status, answer.json]).toEqual([
      status,
      refusal(status, code, expect.stringMatching(/\S/)),
    ])
  })
})

describe('pages elsewhere', () => {
  const preflight = (origin: string) =>
    service.say('OPTIONS /auth/login', {
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-own',
      },
    })

  const frontends = ['localhost:5173', 'localhost:3000', '127.0.0.1:3000', 'localhost:8080']
  test.each(frontends.map((host) => `http://${host}`))('%s may ask', async (origin) => {
    const { status, text, headers } = await preflight(origin)

    expect([status, text]).toEqual([200, 'OK'])
    expect(headers).toMatchObject({
      'access-control-allow-origin': origin,
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
    const email = service.newAddress()
    await service.register(email)
    const good = await service.say('POST /auth/login', {
      json: { email, password },
      headers: { origin },
    })
    const bad = await service.say('GET /auth/me', { headers: { origin } })

    expect([good.status, bad.status]).toEqual([200, 401])
    for (const { headers } of [good, bad]) {
      expect(headers['access-control-allow-origin']).toBe(origin)
      expect(headers['access-control-allow-credentials']).toBe('true')
    }
  })
})

test.skipIf(!(await hasCurl()))('the commands of its document do what it says', async () => {
  const here = { 'http://localhost:8000': service.origin }
  const commands = curlCommands(readDocument('envelope.md'))
  const [registering = '', loggingIn = '', asking = '', refreshing = ''] = commands
  const registered = await runCurl(registering, here)
  const loggedIn = await runCurl(loggingIn, here)
  const access = text(loggedIn.body, 'data', 'access_token')
  const me = await runCurl(asking, { ...here, YOUR_ACCESS_TOKEN: access })
  const { cookie } = await service.signIn()
  const [, value = ''] = cookie.split('=')
  const refreshed = await runCurl(refreshing, { ...here, YOUR_REFRESH_TOKEN: value })

  expect(commands).toHaveLength(4)
  const email = 'user@example.com'
  expect(registered).toEqual({ status: 200, body: success({ email }, 201) })
  const tokens = { access_token: expect.any(String), token_type: 'bearer', expires_in: 1800 }
  const user = shown(email)
  expect(loggedIn).toEqual({ status: 200, body: success({ ...tokens, user }) })
  expect(me).toEqual({ status: 200, body: success(expect.objectContaining(user)) })
  expect(refreshed).toEqual({ status: 200, body: success(tokens) })
})
