import { describe, expect, onTestFinished, test } from 'vitest'
import { type Auth, createAuth } from '../../src/auth.js'
import { toFetch } from '../../src/http/fetch.js'
import type { AuthOptions } from '../../src/options.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { refusal } from './envelopes.js'

/** What the envelope says when something is wrong with the service, and what depends on its settings. */
const secret = '3d8fb1a07c52e94610bd77f2a9c4e5086b1f90d3a7e24c58'
const ada = { email: 'ada@example.com', username: 'Ada', password: 'a' }

const open = (options: Partial<AuthOptions> = {}) => {
  const auth = createAuth({
    profile: 'envelope',
    secret: `${secret}-root`,
    tokens: { secret },
    store: memoryStore(),
    ...options,
  })
  onTestFinished(() => auth.close())
  const handle = toFetch(auth)
  const send = async (what: string, body?: object) => {
    const [method = '', path] = what.split(' ')
    const answer = await handle(
      new Request(`${auth.options.baseUrl}${path}`, {
        method,
        ...(body && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      }),
      { address: '127.0.0.1' },
    )
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, json: JSON.parse(text) }
  }
  return { auth, send }
}

const login = { email: ada.email, password: ada.password }

describe('the envelope', () => {
  test('tells that the database is away with 503 and without the words of its driver', async () => {
    const [place] = memoryStore().places
    const ping = () => Promise.reject(new Error('Login failed for user sa'))
    const { send } = open({
      store: { ...memoryStore(), places: [{ ...place, name: 'database', ping }] },
    })
    const { status, json, text } = await send('GET /health')

    expect([status, json]).toEqual([503, refusal(503, 'HEALTH_CHECK_FAILED', expect.any(String))])
    expect(text).not.toContain('Login failed')
  })

  test('tells nothing of an error nobody thought of', async () => {
    const store = memoryStore()
    const findByEmail = () => Promise.reject(new Error('a secret text'))
    const { send } = open({ store: { ...store, users: { ...store.users, findByEmail } } })
    const { status, json, text } = await send('POST /auth/login', login)

    const told = refusal(500, 'INTERNAL_SERVER_ERROR', 'Internal Server Error')
    expect([status, json]).toEqual([500, told])
    expect(text).not.toContain('secret text')
  })

  test('tells whoever asks too often when to come back', async () => {
    const { send } = open({ limits: { login: 1 } })
    await send('POST /auth/login', login)
    const { status, json, headers } = await send('POST /auth/login', login)

    const told = refusal(429, 'TOO_MANY_REQUESTS', expect.any(String))
    expect([status, json]).toEqual([429, told])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('does not tell that an account was disabled, and lets nobody in', async () => {
    const { auth, send } = open()
    await send('POST /auth/register', ada)
    const { json } = await send('POST /auth/login', login)
    await disable(auth)
    const { status, json: refused } = await send('POST /auth/login', login)

    expect(json.data.user.is_active).toBe(true)
    const told = refusal(401, 'AUTHENTICATION_FAILED', 'Incorrect email or password')
    expect([status, refused]).toEqual([401, told])
  })

  test('sets a Secure cookie on https', async () => {
    const { send } = open({ baseUrl: 'https://id.example.com' })
    await send('POST /auth/register', ada)
    const { headers } = await send('POST /auth/login', login)

    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^refresh_token=[^;]+; HttpOnly; Max-Age=604800; Path=\/; SameSite=lax; Secure$/,
      ),
    ])
  })

  test('says how long a token lives when that is another time than half an hour', async () => {
    const { send } = open({ tokens: { secret, expires: '10m' } })
    await send('POST /auth/register', ada)

    expect((await send('POST /auth/login', login)).json.data.expires_in).toBe(600)
  })
})

const disable = (auth: Auth) => auth.users.setActive(ada.email, false, { actor: 'test' })
