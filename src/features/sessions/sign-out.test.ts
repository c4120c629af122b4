import { describe, expect, test } from 'vitest'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1' }
const ended = { code: 'session_revoked', status: 401 }

/** Ada on three devices. */
const onThreeDevices = async () => {
  const test = await createTestAuth()
  const { auth, ada } = test
  const [phone, desk, tablet] = [
    await auth.login(ada, caller),
    await auth.login(ada, caller),
    await auth.login(ada, caller),
  ]
  const live = async () => {
    const { id } = await auth.users.find(ada.email)
    return (await auth.sessions.list(id)).length
  }
  return { ...test, phone, desk, tablet, live }
}

describe('signing out', () => {
  test('of this device, by its refresh token or its access token', async () => {
    const { auth, phone, desk, live } = await onThreeDevices()
    await auth.signOut({ refreshToken: phone.refreshToken }, 'this', caller)
    expect(await live()).toBe(2)
    await auth.signOut({ accessToken: desk.accessToken }, 'this', caller)
    expect(await live()).toBe(1)

    await expect(auth.refresh(phone.refreshToken, caller)).rejects.toMatchObject(ended)
    await expect(auth.refresh(desk.refreshToken, caller)).rejects.toMatchObject(ended)
  })

  test('of all others keeps this one', async () => {
    const { auth, phone, live } = await onThreeDevices()
    await auth.signOut({ accessToken: phone.accessToken }, 'others', caller)

    expect(await live()).toBe(1)
    await expect(auth.refresh(phone.refreshToken, caller)).resolves.toBeDefined()
  })

  test('of all ends this one, too', async () => {
    const { auth, phone, tablet, live, events } = await onThreeDevices()
    await auth.authenticate(tablet.accessToken)
    await auth.signOut({ refreshToken: phone.refreshToken }, 'all', caller)

    expect(await live()).toBe(0)
    await expect(auth.authenticate(tablet.accessToken)).rejects.toMatchObject({ status: 401 })
    expect(events.at(-1)).toMatchObject({ type: 'sessions.ended', details: { count: 3 } })
  })

  test('twice is no error and happens once', async () => {
    const { auth, phone, events } = await onThreeDevices()
    await auth.signOut({ refreshToken: phone.refreshToken }, 'this', caller)
    await auth.signOut({ refreshToken: phone.refreshToken }, 'this', caller)
    await auth.signOut({ accessToken: phone.accessToken }, 'this', caller)

    expect(events.filter(({ type }) => type === 'session.ended')).toHaveLength(1)
  })

  test('with an older refresh token still ends its session', async () => {
    const { auth, phone, live } = await onThreeDevices()
    await auth.refresh(phone.refreshToken, caller)
    await auth.signOut({ refreshToken: phone.refreshToken }, 'this', caller)

    expect(await live()).toBe(2)
  })

  test.each(['others', 'all'] as const)(
    'of %s needs a session that stands: a dead token ends nobody else',
    async (scope) => {
      const { auth, phone, desk, live, clock } = await onThreeDevices()
      await auth.signOut({ refreshToken: phone.refreshToken }, 'this', caller)
      for (const held of [
        { refreshToken: phone.refreshToken },
        { accessToken: phone.accessToken },
      ]) {
        await expect(auth.signOut(held, scope, caller)).rejects.toMatchObject(ended)
      }
      expect(await live()).toBe(2)

      clock.advance('6d')
      const fresh = await auth.refresh(desk.refreshToken, caller)
      clock.advance('1d')
      await expect(
        auth.signOut({ refreshToken: phone.refreshToken }, scope, caller),
      ).rejects.toMatchObject(ended)
      await expect(auth.refresh(fresh.refreshToken, caller)).resolves.toBeDefined()
    },
  )

  test('two tokens must be of one session', async () => {
    const { auth, phone, desk, live } = await onThreeDevices()
    const mixed = { refreshToken: phone.refreshToken, accessToken: desk.accessToken }

    await expect(auth.signOut(mixed, 'this', caller)).rejects.toMatchObject({
      code: 'invalid_token',
    })
    expect(await live()).toBe(3)
    await auth.signOut(
      { refreshToken: phone.refreshToken, accessToken: phone.accessToken },
      'this',
      caller,
    )
    expect(await live()).toBe(2)
  })

  test('a stale cookie keeps nobody signed in', async () => {
    const { auth, phone, live } = await onThreeDevices()
    await auth.signOut({ refreshToken: 'stale', accessToken: phone.accessToken }, 'this', caller)

    expect(await live()).toBe(2)
  })

  test('needs a token that was made here', async () => {
    const { auth } = await onThreeDevices()

    await expect(auth.signOut({}, 'all', caller)).rejects.toMatchObject({ code: 'missing_token' })
    for (const held of [{ refreshToken: 'x' }, { accessToken: 'x' }]) {
      await expect(auth.signOut(held, 'all', caller)).rejects.toMatchObject({
        code: 'invalid_token',
      })
    }
  })
})
