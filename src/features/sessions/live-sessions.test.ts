import { describe, expect, test } from 'vitest'
import { createAuth } from '../../auth.js'
import { memoryStore } from '../../stores/memory/memory.js'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1', userAgent: 'test' }

describe('access', () => {
  test('an access token stops working at once when its session ends', async () => {
    const { auth, ada } = await createTestAuth()
    const grant = await auth.login(ada, caller)
    await auth.authenticate(grant.accessToken)
    await auth.signOut({ refreshToken: grant.refreshToken }, 'this', caller)

    await expect(auth.authenticate(grant.accessToken)).rejects.toMatchObject({
      code: 'invalid_token',
    })
  })

  test('what ends at one instance is noticed by another within a second', async () => {
    const store = memoryStore()
    const { auth, ada, clock } = await createTestAuth({ store })
    const other = createAuth({ store, clock })
    const { accessToken, refreshToken } = await auth.login(ada, caller)
    await other.authenticate(accessToken)
    await auth.signOut({ refreshToken }, 'this', caller)

    await expect(auth.authenticate(accessToken)).rejects.toMatchObject({ code: 'invalid_token' })
    await expect(other.authenticate(accessToken)).resolves.toBeDefined()
    clock.advance('1s')
    await expect(other.authenticate(accessToken)).rejects.toMatchObject({ code: 'invalid_token' })
    await expect(other.refresh(refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
  })

  test('a session that expires takes its access token along', async () => {
    const { auth, ada, clock } = await createTestAuth({
      sessions: { refreshExpires: '1d', absoluteExpires: '1d' },
      tokens: { expires: '60m' },
    })
    const first = await auth.login(ada, caller)
    clock.advance('23h')
    clock.advance('30m')
    const second = await auth.refresh(first.refreshToken, caller)
    expect(second.refreshExpiresInSeconds).toBe(1800)
    clock.advance('30m')

    await expect(auth.authenticate(second.accessToken)).rejects.toMatchObject({ status: 401 })
  })
})

describe('the list of sessions', () => {
  test('shows the live ones of the user, newest first, as they were opened', async () => {
    const { auth, ada, clock } = await createTestAuth()
    const phone = await auth.login(ada, { address: '192.0.2.7', userAgent: 'phone' })
    clock.advance('1m')
    const desk = await auth.login(ada, { address: '2001:db8::1', userAgent: 'desk' })
    clock.advance('1m')
    const gone = await auth.login(ada, caller)
    await auth.signOut({ refreshToken: gone.refreshToken }, 'this', caller)
    await auth.refresh(phone.refreshToken, { address: '198.51.100.1' })
    const { user } = await auth.authenticate(desk.accessToken)

    expect(await auth.sessions.list(user.id)).toMatchObject([
      { userAgent: 'desk', address: '2001:db8::1', method: 'pwd', generation: 0 },
      { userAgent: 'phone', address: '192.0.2.7', method: 'pwd', lastUsedAt: clock() },
    ])
    clock.advance('30d')
    expect(await auth.sessions.list(user.id)).toEqual([])
  })

  test('A-049: nobody ends, or learns of, the session of somebody else', async () => {
    const { auth, ada } = await createTestAuth()
    const bob = await auth.register({ email: 'b@c.de', password: 'quiet lemon orchard' }, caller)
    const grant = await auth.login(ada, caller)
    const { session } = await auth.authenticate(grant.accessToken)

    for (const id of [session.id, 'nonsense', '']) {
      await expect(auth.sessions.end(bob.user?.id ?? '', id, caller)).rejects.toMatchObject({
        code: 'session_not_found',
        status: 404,
      })
    }
    await expect(auth.authenticate(grant.accessToken)).resolves.toBeDefined()
  })

  test('a session is ended once; then there is none', async () => {
    const { auth, ada, events } = await createTestAuth()
    const grant = await auth.login(ada, caller)
    const { session, user } = await auth.authenticate(grant.accessToken)
    await auth.sessions.end(user.id, session.id, caller)

    await expect(auth.authenticate(grant.accessToken)).rejects.toMatchObject({ status: 401 })
    await expect(auth.sessions.end(user.id, session.id, caller)).rejects.toMatchObject({
      code: 'session_not_found',
    })
    expect(events.filter(({ type }) => type === 'session.ended')).toHaveLength(1)
  })
})
