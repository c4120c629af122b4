import { describe, expect, test } from 'vitest'
import { createAuth } from '../../auth.js'
import { AuthError } from '../../errors.js'
import { addSeconds } from '../../lib/clock.js'
import { accessSecret, legacyStore, opaqueToken } from '../../testing/legacy.js'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1', userAgent: 'test' }
const revoked = { code: 'session_revoked', status: 401 }
const expired = { code: 'session_expired', status: 401 }
const unknown = { code: 'invalid_token', status: 401 }
const days = 86_400

type Profile = 'cookie' | 'envelope'

/** A service whose refresh tokens lie somewhere, one of Ada's among them, which lasts six days more. */
const moved = async (profile: Profile = 'envelope') => {
  const { store, kept, asked } = legacyStore()
  const options = {
    profile,
    tokens: { secret: accessSecret },
    legacy: { until: '2100-01-01', tokens: store },
  }
  const test = await createTestAuth(options)
  const { id } = await test.auth.users.find(test.ada.email)
  const expiresAt = addSeconds(test.clock(), 6 * days)
  const issue = (userId = id, until = expiresAt): string => {
    const token = opaqueToken()
    kept.set(token, { userId, expiresAt: until })
    return token
  }
  const live = async () => (await test.auth.sessions.list(id)).length
  const types = () => test.events.map(({ type }) => type)
  const token = issue()
  return { ...test, id, store, kept, asked, issue, live, types, token, options, expiresAt }
}

describe('a refresh token of the service of before', () => {
  test('is traded for a new session, and the trail says of which service', async () => {
    const { auth, token, events, id, live } = await moved()
    const grant = await auth.refresh(token, caller)

    expect(await live()).toBe(1)
    expect(grant).toMatchObject({ isTraded: true })
    expect(await auth.refresh(grant.refreshToken, caller)).not.toHaveProperty('isTraded')
    expect(events[0]).toMatchObject({
      type: 'session.traded',
      outcome: 'success',
      subjectId: id,
      sessionId: expect.any(String),
      address: caller.address,
      details: { profile: 'envelope' },
    })
    expect(JSON.stringify(await auth.store.events.list({ limit: 99 }))).not.toContain(token)
  })

  test('is given the same answer again for 10 s, even where nothing else is', async () => {
    const { auth, token, clock, live } = await moved()
    expect(auth.options.sessions.grace).toBe(0)
    const first = await auth.refresh(token, caller)
    clock.advance('10s')
    const again = await auth.refresh(token, caller)

    expect(again).toMatchObject({ refreshToken: first.refreshToken, isTraded: true })
    expect(await live()).toBe(1)
  })

  test('ends its session when it comes later: somebody else holds it', async () => {
    const { auth, token, clock, types, live } = await moved()
    const { refreshToken } = await auth.refresh(token, caller)
    clock.advance('11s')

    await expect(auth.refresh(token, caller)).rejects.toMatchObject(revoked)
    await expect(auth.refresh(refreshToken, caller)).rejects.toMatchObject(revoked)
    await expect(auth.refresh(token, caller)).rejects.toMatchObject(revoked)
    expect(await live()).toBe(0)
    expect(types()).toEqual(['session.traded', 'session.reused'])
  })

  test('ends its session when it comes after its successor was used', async () => {
    const { auth, token, live } = await moved()
    const { refreshToken } = await auth.refresh(token, caller)
    await auth.refresh(refreshToken, caller)

    await expect(auth.refresh(token, caller)).rejects.toMatchObject(revoked)
    expect(await live()).toBe(0)
  })

  test('goes on working where tokens are not spent, always for the one session', async () => {
    const { auth, token, clock, live, types } = await moved('cookie')
    const first = await auth.refresh(token, caller)
    clock.advance('5d')
    const second = await auth.refresh(token, caller)

    expect(second).toMatchObject({ refreshToken: first.refreshToken, isTraded: true })
    expect(await live()).toBe(1)
    expect(types()).toEqual(['session.traded', 'session.refreshed'])
    clock.advance('2d')
    await expect(auth.refresh(token, caller)).rejects.toMatchObject(expired)
    expect(await auth.refresh(first.refreshToken, caller)).toHaveProperty('accessToken')
  })

  test('of 50 at once, all get the one session', async () => {
    const { auth, token, live, types } = await moved()
    const grants = await Promise.all(Array.from({ length: 50 }, () => auth.refresh(token, caller)))

    expect(new Set(grants.map(({ refreshToken }) => refreshToken)).size).toBe(1)
    expect(await live()).toBe(1)
    expect(types().filter((type) => type === 'session.traded')).toHaveLength(1)
  })

  test('is not traded anew when its session is long forgotten', async () => {
    const { auth, issue, clock, id, live } = await moved()
    const token = issue(id, addSeconds(clock(), 60 * days))
    await auth.refresh(token, caller)
    clock.advance('20d')
    expect(await auth.sessions.purge()).toBe(1)

    await expect(auth.refresh(token, caller)).rejects.toMatchObject(expired)
    expect(await live()).toBe(0)
  })

  test('is not traded anew under another secret', async () => {
    const { auth, token, clock, options, store } = await moved()
    await auth.refresh(token, caller)
    clock.advance('11s')
    const other = createAuth({ ...options, store: auth.store, secret: opaqueToken(), clock })

    await expect(other.refresh(token, caller)).rejects.toMatchObject(revoked)
    expect(store).toBeDefined()
  })

  test('that is expired, unknown, or of nobody here is worth nothing', async () => {
    const { auth, issue, id, clock, types } = await moved()

    await expect(auth.refresh(issue(id, clock()), caller)).rejects.toMatchObject(expired)
    await expect(auth.refresh(opaqueToken(), caller)).rejects.toMatchObject(unknown)
    await expect(auth.refresh(issue('nobody'), caller)).rejects.toMatchObject(unknown)
    expect(types()).toEqual([])
  })

  test('of somebody who comes later is traded then', async () => {
    const { auth, issue, id } = await moved()
    const token = issue('late')
    await expect(auth.refresh(token, caller)).rejects.toMatchObject(unknown)
    const user = await auth.store.users.find(id)
    if (user === undefined) throw new Error('Ada is gone')
    const late = { ...user, id: 'late', email: 'late@b.de', canonicalEmail: 'late@b.de' }
    await auth.store.users.createIfAbsent(late)

    expect(await auth.refresh(token, caller)).toHaveProperty('refreshToken')
  })

  test.each(['', 'a', 'x'.repeat(42), 'x'.repeat(44), `${'x'.repeat(42)}!`, 'x'.repeat(43)])(
    'that looks like none (%j) is refused before anybody is asked',
    async (text) => {
      const { auth, asked } = await moved()

      await expect(auth.refresh(text, caller)).rejects.toMatchObject(unknown)
      expect(asked).toEqual([])
    },
  )

  test('whose place is away costs nothing: the answer is 503, and the next try works', async () => {
    const { auth, token, kept } = await moved()
    const known = kept.get(token)
    kept.get = () => {
      throw new AuthError('store_unavailable')
    }
    await expect(auth.refresh(token, caller)).rejects.toMatchObject({ status: 503 })
    await expect(auth.signOut({ refreshToken: token }, 'this', caller)).rejects.toMatchObject({
      status: 503,
    })
    kept.get = () => known

    expect(await auth.refresh(token, caller)).toHaveProperty('refreshToken')
  })

  test('that was traded needs its place no more', async () => {
    const { auth, token, asked } = await moved()
    await auth.refresh(token, caller)
    await auth.refresh(token, caller)

    expect(asked).toEqual([token])
  })
})

describe('after the date', () => {
  test('nothing is traded, and what was traded goes on', async () => {
    const { ada, clock, auth: first, options, issue } = await moved()
    const until = addSeconds(clock(), 60)
    const legacy = { ...options.legacy, until }
    const auth = createAuth({ ...options, legacy, store: first.store, clock })
    const [one, two] = [issue(), issue()]
    const { refreshToken } = await auth.refresh(one, caller)
    clock.advance('59s')
    expect(await auth.refresh(issue(), caller)).toHaveProperty('refreshToken')
    clock.advance('1s')

    await expect(auth.refresh(one, caller)).rejects.toMatchObject(unknown)
    await expect(auth.refresh(two, caller)).rejects.toMatchObject(unknown)
    await expect(auth.signOut({ refreshToken: two }, 'this', caller)).rejects.toMatchObject(unknown)
    expect(await auth.refresh(refreshToken, caller)).toHaveProperty('refreshToken')
    expect(ada).toBeDefined()
  })
})
