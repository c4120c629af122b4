import { describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { AuthError } from '../../src/errors.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { withPorts } from '../../src/stores/with-ports.js'
import { openForClients } from './oauth.js'
import { jwtSecret, rootSecret, startTarget } from './target.js'

/** I-01: introspection tells the truth of this moment, and of a worthless token nothing but that. */
const inactive = '{"active":false}'

describe('I-01 introspection', async () => {
  const { target, ask } = await openForClients({ secret: rootSecret })
  const introspect = async (token: string, more = {}) => {
    const answer = await ask('/oauth/introspect', token, more)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.headers['cache-control']).toBe('no-store')
    return answer
  }
  const told = async (token: string) => (await introspect(token)).text

  test('an access token that is good, whatever the hint says', async () => {
    const { access, userId } = await target.signIn()
    const { sid, jti, iat, exp } = JSON.parse(
      Buffer.from(access.split('.')[1] ?? '', 'base64url').toString(),
    )

    for (const token_type_hint of ['access_token', 'refresh_token', 'nonsense'])
      expect((await introspect(access, { token_type_hint })).json).toEqual({
        active: true,
        token_type: 'Bearer',
        client_id: 'latchkey',
        sub: userId,
        aud: 'http://localhost:8000',
        iss: 'http://localhost:8000',
        ...{ sid, jti, iat, exp },
      })
  })

  test('a refresh token that is good is told from an access token, and a user by name but not by address', async () => {
    const password = 'penny lane is in my ears'
    const grace = { email: 'grace@example.com', username: 'Grace', password }
    const { json } = await target.ask('POST', '/auth/register', { body: grace })

    for (const token_type_hint of ['access_token', 'refresh_token']) {
      const { json: found, text } = await introspect(json.refresh_token, { token_type_hint })
      expect(found).toMatchObject({
        active: true,
        token_type: 'refresh_token',
        username: 'Grace',
        sub: json.user.id,
        exp: found.iat + json.refresh_expires_in,
      })
      expect(text).not.toMatch(/example\.com|scope/)
    }
  })

  test('looking spends nothing', async () => {
    const { refresh } = await target.signIn()
    for (let count = 0; count < 3; count += 1) await introspect(refresh)

    const body = { refresh_token: refresh }
    expect((await target.ask('POST', '/auth/refresh', { body })).status).toBe(200)
  })

  const worthless: [string, (tokens: { access: string; refresh: string }) => Promise<string[]>][] =
    [
      ['unknown', async () => ['none', 'a.b.c', 'lkr_x', 'null', '%', 'ß', 'a'.repeat(9_000)]],
      [
        'changed',
        async ({ access, refresh }) => [
          `${access}x`,
          `${refresh}x`,
          access.slice(0, -1),
          ` ${access}`,
        ],
      ],
      [
        'of an ended session',
        async ({ access, refresh }) => {
          await target.ask('POST', '/auth/logout', { token: access })
          return [access, refresh]
        },
      ],
      [
        'of a disabled user',
        async ({ access, refresh }) => {
          await target.auth.users.setActive(target.ada.email, false, {})
          return [access, refresh]
        },
      ],
      [
        'of a user whom only the store knows to be disabled',
        async ({ access, refresh }) => {
          const { id } = await target.auth.users.find(target.ada.email)
          await target.auth.store.users.setActive(id, false, target.clock())
          return [access, refresh]
        },
      ],
      [
        'spent',
        async ({ refresh }) => {
          await target.ask('POST', '/auth/refresh', { body: { refresh_token: refresh } })
          return [refresh]
        },
      ],
    ]

  test.each(worthless)('of a token that is %s, nothing but that', async (_, spoil) => {
    const tokens = await target.signIn()
    const spoilt = await spoil(tokens)
    const answers = await Promise.all(spoilt.map(told))
    await target.auth.users.setActive(target.ada.email, true, {})

    expect(new Set(answers)).toEqual(new Set([inactive]))
  })

  test('of an expired token, nothing but that, and to the second', async () => {
    const { access, refresh } = await target.signIn()
    target.clock.advance('899s')
    expect(await told(access)).not.toBe(inactive)
    target.clock.advance('1s')
    expect([await told(access), await told(refresh)]).toEqual([
      inactive,
      expect.stringContaining('true'),
    ])
    target.clock.advance('7d')
    expect(await told(refresh)).toBe(inactive)
  })

  test('of a token for another audience, of another issuer or of another server, nothing but that', async () => {
    const { ada, clock } = target
    const shared = { store: target.auth.store, clock, secret: rootSecret }
    for (const tokens of [{ audience: 'https://b.example' }, { issuer: 'https://b.example' }]) {
      const other = createAuth({ ...shared, tokens })
      const { accessToken } = await other.login(ada, {})
      expect(await other.authenticate(accessToken)).toBeDefined()
      expect(await told(accessToken)).toBe(inactive)
    }
    const foreign = await startTarget({ secret: rootSecret, tokens: { secret: jwtSecret } })
    const { access, refresh } = await foreign.signIn()
    await foreign.close()
    expect([await told(access), await told(refresh)]).toEqual([inactive, inactive])
  })
})

test('I-01 a store that is away is no answer: 503 and when to ask again', async () => {
  let isAway = false
  const store = memoryStore()
  const find = (id: string) =>
    isAway ? Promise.reject(new AuthError('store_unavailable')) : store.sessions.find(id)
  const { target, ask } = await openForClients({
    store: withPorts(store, ({ sessions }) => ({ sessions: { ...sessions, find } })),
  })
  const { access, refresh } = await target.signIn()
  isAway = true
  for (const token of [access, refresh]) {
    const { status, headers, json } = await ask('/oauth/introspect', token)
    expect([status, headers['retry-after'], json.code]).toEqual([503, '1', 'store_unavailable'])
  }
})
