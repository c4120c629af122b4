import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readOptionsWithoutStore } from '../../src/options.js'
import { startServer, type TestServer } from '../servers.js'
import { ask, type Heard, type Said } from './client.js'
import { instant } from './envelopes.js'

/** RESPONSE_FORMAT=envelope: the native API with every answer in one shape, asked by a client that knows no more. */
const client = { id: 'shop', secret: 'e2b7c61f09d84a35be17f0c2935d6a84712e9c5bd0f3468a' }
const password = 'a long and winding road'

let server: TestServer
let count = 0

beforeAll(async () => {
  const env = { RESPONSE_FORMAT: 'envelope', OAUTH_CLIENTS: `${client.id}:${client.secret}` }
  server = await startServer({ env })
})

afterAll(() => server?.stop())

const say = (what: string, said?: Said): Promise<Heard> => ask(server.origin, what, said)

const signUp = async () => {
  count += 1
  const email = `someone${count}@example.com`
  const { json } = await say('POST /auth/register', { json: { email, password } })
  return { email, bearer: String(json.data.access_token), refresh: String(json.data.refresh_token) }
}

const success = (status: number, data: unknown) => ({
  success: true,
  status_code: status,
  message: expect.stringMatching(/\S/),
  data,
  timestamp: expect.stringMatching(instant),
})

const refusal = (status: number, code: string, details: object = {}) => ({
  success: false,
  status_code: status,
  message: expect.stringMatching(/\S/),
  error_code: code,
  details: {
    type: `${server.origin}/errors/${code.toLowerCase()}`,
    request_id: expect.any(String),
    ...details,
  },
  data: null,
  timestamp: expect.stringMatching(instant),
})

const grant = {
  access_token: expect.any(String),
  token_type: 'Bearer',
  expires_in: 900,
  refresh_token: expect.any(String),
  refresh_expires_in: 604_800,
}
const user = expect.objectContaining({ id: expect.any(String), roles: [] })
const healthy = expect.objectContaining({ version: expect.any(String) })

type Held = Awaited<ReturnType<typeof signUp>>
type Case = [what: string, said: (held: Held) => Said, status: number, data: unknown]

/** Every route once, as it is when all is well. */
const works: Case[] = [
  ['GET /', () => ({}), 200, expect.objectContaining({ name: 'latchkey' })],
  ['GET /health', () => ({}), 200, healthy],
  ['GET /health/live', () => ({}), 200, healthy],
  ['GET /health/ready', () => ({}), 200, healthy],
  [
    'POST /auth/register',
    () => ({ json: { email: 'new@example.com', password } }),
    201,
    { ...grant, user },
  ],
  ['POST /auth/login', ({ email }) => ({ json: { email, password } }), 200, { ...grant, user }],
  ['POST /auth/refresh', ({ refresh }) => ({ json: { refresh_token: refresh } }), 200, grant],
  ['POST /auth/logout', ({ bearer }) => ({ bearer }), 200, null],
  ['GET /auth/me', ({ bearer }) => ({ bearer }), 200, user],
  ['PATCH /auth/me', ({ bearer }) => ({ bearer, json: { first_name: 'Ada' } }), 200, user],
  ['DELETE /auth/me', ({ bearer }) => ({ bearer, json: { password } }), 200, null],
  [
    'POST /auth/password/change',
    ({ bearer }) => ({
      bearer,
      json: { current_password: password, new_password: 'another long and winding road' },
    }),
    200,
    grant,
  ],
  [
    'GET /auth/sessions',
    ({ bearer }) => ({ bearer }),
    200,
    { sessions: [expect.objectContaining({ current: true })], next: null },
  ],
  ['GET /auth/oauth', () => ({}), 200, { providers: [] }],
  ['GET /auth/identities', ({ bearer }) => ({ bearer }), 200, { identities: [] }],
]

type Refusing = [
  what: string,
  said: (held: Held) => Said,
  status: number,
  code: string,
  more?: object,
]

const stranger = '01890a5d-ac96-774b-bcce-b302099a8057'
const fields = { errors: expect.arrayContaining([expect.objectContaining({ field: 'password' })]) }

/** And what each may refuse. */
const refuses: Refusing[] = [
  ['POST /auth/register', ({ email }) => ({ json: { email, password } }), 409, 'EMAIL_TAKEN'],
  [
    'POST /auth/register',
    () => ({ json: { email: 'b@example.com', password: 'x' } }),
    422,
    'INVALID_BODY',
    fields,
  ],
  [
    'POST /auth/login',
    ({ email }) => ({ json: { email, password: 'no' } }),
    401,
    'INVALID_CREDENTIALS',
  ],
  [
    'POST /auth/login',
    () => ({ text: '{', headers: { 'content-type': 'application/json' } }),
    400,
    'MALFORMED_JSON',
  ],
  [
    'POST /auth/login',
    () => ({ text: 'x', headers: { 'content-type': 'text/plain' } }),
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  ['POST /auth/login', () => ({ json: { email: 'x'.repeat(20_000) } }), 413, 'BODY_TOO_LARGE'],
  ['POST /auth/refresh', () => ({}), 401, 'MISSING_TOKEN'],
  ['POST /auth/refresh', () => ({ json: { refresh_token: 'none' } }), 401, 'INVALID_TOKEN'],
  ['POST /auth/logout', () => ({}), 401, 'MISSING_TOKEN'],
  ['GET /auth/me', () => ({}), 401, 'MISSING_TOKEN'],
  ['GET /auth/me', () => ({ bearer: 'not.a.token' }), 401, 'INVALID_TOKEN'],
  [
    'PATCH /auth/me',
    ({ bearer }) => ({ bearer, json: { nothing: 1 } }),
    422,
    'INVALID_BODY',
    { errors: expect.any(Array) },
  ],
  [
    'DELETE /auth/me',
    ({ bearer }) => ({ bearer, json: { password: 'no' } }),
    403,
    'WRONG_PASSWORD',
  ],
  [
    'POST /auth/password/change',
    ({ bearer }) => ({ bearer, json: { current_password: 'no', new_password: password } }),
    403,
    'WRONG_PASSWORD',
  ],
  [
    'GET /auth/sessions?limit=0',
    ({ bearer }) => ({ bearer }),
    422,
    'INVALID_QUERY',
    { errors: expect.any(Array) },
  ],
  [`DELETE /auth/sessions/${stranger}`, ({ bearer }) => ({ bearer }), 404, 'SESSION_NOT_FOUND'],
  ['GET /auth/oauth/nobody', () => ({}), 400, 'UNSUPPORTED_PROVIDER'],
  ['GET /auth/oauth/nobody/callback', () => ({}), 400, 'UNSUPPORTED_PROVIDER'],
  [
    'POST /auth/oauth/nobody/callback',
    () => ({ text: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    400,
    'UNSUPPORTED_PROVIDER',
  ],
  ['POST /auth/oauth/nobody', () => ({ bearer: 'x' }), 400, 'UNSUPPORTED_PROVIDER'],
  [
    'POST /auth/oauth/exchange',
    () => ({ json: { code: 'x', code_verifier: 'v'.repeat(43) } }),
    400,
    'INVALID_EXCHANGE_CODE',
  ],
  ['POST /auth/oauth/nobody/link', ({ bearer }) => ({ bearer }), 400, 'UNSUPPORTED_PROVIDER'],
  [
    'POST /auth/identities',
    ({ bearer }) => ({ bearer, json: { provider: 'nobody', id_token: 'x', nonce: '12345678' } }),
    400,
    'UNSUPPORTED_PROVIDER',
  ],
  [`DELETE /auth/identities/${stranger}`, ({ bearer }) => ({ bearer }), 404, 'IDENTITY_NOT_FOUND'],
  ['GET /nothing', () => ({}), 404, 'NOT_FOUND'],
  ['DELETE /auth/login', () => ({}), 405, 'METHOD_NOT_ALLOWED'],
  [
    'POST /auth/login',
    () => ({ headers: { origin: 'https://evil.example' } }),
    403,
    'ORIGIN_NOT_ALLOWED',
  ],
]

describe('RESPONSE_FORMAT=envelope', () => {
  test.each(works)('%s answers in the envelope', async (what, said, status, data) => {
    const answer = await say(what, said(await signUp()))

    expect([answer.status, answer.json]).toEqual([status, success(status, data)])
  })

  test('ending one session answers in the envelope, too', async () => {
    const { bearer } = await signUp()
    const { json } = await say('GET /auth/sessions', { bearer })
    const ended = await say(`DELETE /auth/sessions/${json.data.sessions[0].id}`, { bearer })

    expect([ended.status, ended.json]).toEqual([200, success(200, null)])
  })

  test.each(refuses)(
    '%s %#: a refusal is in the envelope',
    async (what, said, status, code, more) => {
      const { json, headers, ...answer } = await say(what, said(await signUp()))

      expect([answer.status, json]).toEqual([status, refusal(status, code, more)])
      expect(headers['content-type']).toBe('application/json; charset=utf-8')
      expect(headers['www-authenticate'] !== undefined).toBe(status === 401)
      expect(headers['x-request-id']).toBe(json.details.request_id)
    },
  )

  test('the same under /v1', async () => {
    const { bearer } = await signUp()
    const { json } = await say('GET /v1/auth/me', { bearer })

    expect(json).toEqual(success(200, user))
  })

  test('no route is missing above, and what has a form of its own keeps it', async () => {
    const { json: document } = await say('GET /openapi.json')
    const known = new Set([...works, ...refuses].map(([what]) => what.split('?')[0]))
    const bare = ['/.well-known/jwks.json', '/oauth/introspect', '/oauth/revoke']
    const routes = Object.entries(document.paths)
      .flatMap(([path, methods]) =>
        Object.keys(methods ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
      )
      .filter((route) => !bare.some((path) => route.endsWith(path)))
    expect(
      routes.filter(
        (route) => !known.has(route.replace('{id}', stranger).replace('{provider}', 'nobody')),
      ),
    ).toEqual([])

    const keys = await say('GET /.well-known/jwks.json')
    expect(Object.keys(keys.json)).toEqual(['keys'])
    const introspect = (secret: string) =>
      say('POST /oauth/introspect', {
        text: `token=none&client_id=${client.id}&client_secret=${secret}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
    expect((await introspect(client.secret)).json).toEqual({ active: false })
    expect((await introspect('wrong')).json).toMatchObject({
      error: 'invalid_client',
      code: 'invalid_client',
    })
  })
})

test('a profile has the shape of its service, whatever else is said', () => {
  const read = (profile: 'strict' | 'envelope') => () =>
    readOptionsWithoutStore({
      profile,
      http: { responseFormat: 'envelope' },
      tokens: { secret: client.secret },
      sessions: { secret: '9a41c6e0d7382bf5517c04e9a8b26fd3610be5927cd84fa3' },
    })

  expect(read('strict')).toThrow(/http\.responseFormat: cannot be envelope with the profile strict/)
  expect(read('envelope')).not.toThrow()
})
