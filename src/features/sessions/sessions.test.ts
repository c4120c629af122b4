import { describe, expect, test } from 'vitest'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1', userAgent: 'test' }

describe('refresh tokens', () => {
  test('a refresh token works once; a later repeat ends the session', async () => {
    const { auth, ada, clock, events } = await createTestAuth()
    const first = await auth.login(ada, caller)
    const second = await auth.refresh(first.refreshToken, caller)
    clock.advance('11s')

    await expect(auth.refresh(first.refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
    await expect(auth.refresh(second.refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
    expect(events.filter(({ type }) => type === 'session.reused')).toHaveLength(1)
  })

  test('the predecessor is answered with the very same successor within the grace', async () => {
    const { auth, ada, clock } = await createTestAuth()
    const first = await auth.login(ada, caller)
    const second = await auth.refresh(first.refreshToken, caller)
    clock.advance('10s')
    const again = await auth.refresh(first.refreshToken, caller)

    expect(again.refreshToken).toBe(second.refreshToken)
  })

  test('with a grace of nothing every repeat ends the session', async () => {
    const { auth, ada } = await createTestAuth({ sessions: { grace: '0s' } })
    const first = await auth.login(ada, caller)
    await auth.refresh(first.refreshToken, caller)

    await expect(auth.refresh(first.refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
  })

  test('a session slides, but never past its absolute end', async () => {
    const { auth, ada, clock } = await createTestAuth()
    let { refreshToken } = await auth.login(ada, caller)
    for (let day = 0; day < 29; day += 1) {
      clock.advance('1d')
      refreshToken = (await auth.refresh(refreshToken, caller)).refreshToken
    }
    clock.advance('1d')

    await expect(auth.refresh(refreshToken, caller)).rejects.toMatchObject({
      code: 'session_expired',
    })
  })

  test('a session that is not refreshed in time has expired', async () => {
    const { auth, ada, clock } = await createTestAuth()
    const { refreshToken } = await auth.login(ada, caller)
    clock.advance('7d')

    await expect(auth.refresh(refreshToken, caller)).rejects.toMatchObject({
      code: 'session_expired',
    })
  })
})

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
})
