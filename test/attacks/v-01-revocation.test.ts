import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { withPorts } from '../../src/stores/with-ports.js'
import { openForClients } from './oauth.js'
import { expectUnauthorized } from './target.js'

/** V-01: a token that is revoked is over with its whole session, and one that means nothing does no harm. */
describe('V-01 revocation', async () => {
  const { target, ask } = await openForClients()
  const me = (token: string) => target.ask('GET', '/auth/me', { token })
  const refreshWith = (token: string) =>
    target.ask('POST', '/auth/refresh', { body: { refresh_token: token } })

  test.each(['access', 'refresh'] as const)(
    'of the %s token ends the session at once, and no other',
    async (kind) => {
      const [one, other] = [await target.signIn(), await target.signIn()]
      expect((await me(one.access)).status).toBe(200) // so that it is remembered
      target.events.length = 0
      const answer = await ask('/oauth/revoke', one[kind], { token_type_hint: 'nonsense' })

      expect([answer.status, answer.text]).toEqual([200, '{}'])
      expect(answer.headers['cache-control']).toBe('no-store')
      expectUnauthorized(await me(one.access), 'invalid_token')
      expectUnauthorized(await refreshWith(one.refresh), 'session_revoked')
      expect((await me(other.access)).status).toBe(200)
      expect(target.events).toMatchObject([
        { type: 'session.ended', actorId: 'client:billing', subjectId: one.userId },
      ])
    },
  )

  test('of a token that is unknown, changed, expired or over is answered 200, and nothing happens', async () => {
    const { access, refresh } = await target.signIn()
    const gone = await target.signIn()
    await target.ask('POST', '/auth/logout', { token: gone.access })
    target.events.length = 0
    for (const token of ['none', `${access}x`, `${refresh}x`, 'a.b.c', gone.access, gone.refresh])
      expect((await ask('/oauth/revoke', token)).status).toBe(200)
    expect((await me(access)).status).toBe(200)
    target.clock.advance('16m')
    expect((await ask('/oauth/revoke', access)).status).toBe(200)

    expect((await refreshWith(refresh)).status).toBe(200)
    expect(target.events.map(({ type }) => type)).toEqual(['session.refreshed'])
  })
})

test('V-01 while the store is away it is never told to be done', async () => {
  let isAway = false
  const away = () => Promise.reject(new AuthError('store_unavailable'))
  const { target, ask } = await openForClients({
    store: withPorts(memoryStore(), ({ sessions }) => ({
      sessions: {
        ...sessions,
        find: (id) => (isAway ? away() : sessions.find(id)),
        revoke: (id, now) => (isAway ? away() : sessions.revoke(id, now)),
      },
    })),
  })
  const { access, refresh } = await target.signIn()
  for (const token of [access, refresh]) {
    isAway = true
    const { status, headers, json } = await ask('/oauth/revoke', token)
    isAway = false
    expect([status, headers['retry-after'], json.code]).toEqual([503, '1', 'store_unavailable'])
    expect((await target.ask('GET', '/auth/me', { token: access })).status).toBe(200)
  }
})
