import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Said } from './client.js'
import { type EnvelopeService, password, startEnvelope } from './envelope-service.js'
import { refusal, shown, success } from './envelopes.js'
import { runCurl } from './run-curl.js'

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

test('the commands of its document answer what the document shows', async () => {
  const about = { document: 'http://localhost:8000', origin: service.origin }
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
