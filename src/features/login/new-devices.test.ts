import { describe, expect, test, vi } from 'vitest'
import { createAuth } from '../../auth.js'
import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import { memoryStore } from '../../stores/memory/memory.js'
import { withPorts } from '../../stores/with-ports.js'
import { createTestAuth, type TestAuth } from '../../testing/test-auth.js'
import { usersFrom } from '../accounts/users-from.js'

const home = { address: '192.0.2.1', userAgent: 'at home' }
const elsewhere = { address: '198.51.100.7', userAgent: 'elsewhere' }

/** Whether a login of Ada's was told as one from a new device. */
const alertsAt = async ({ auth, ada, events }: TestAuth, caller: Caller): Promise<boolean> => {
  events.length = 0
  await auth.login(ada, caller)
  return events.some(({ type }) => type === 'login.new_device')
}

describe('a new device', () => {
  test('is one that nothing is known of, once the account has signed in before', async () => {
    const test = await createTestAuth()

    expect(await alertsAt(test, elsewhere)).toBe(false)
    expect(await alertsAt(test, home)).toBe(true)
    expect(test.events.at(-1)).toMatchObject({
      subjectId: expect.any(String),
      sessionId: expect.any(String),
      details: { method: 'pwd' },
    })
  })

  test.each<[string, Caller]>([
    ['the same program', { ...elsewhere, userAgent: home.userAgent }],
    ['the same address', { ...elsewhere, address: home.address }],
    ['no address and no name to tell by', {}],
  ])('is none with %s', async (_, caller) => {
    const test = await createTestAuth()
    await test.auth.login(test.ada, home)

    expect(await alertsAt(test, caller)).toBe(false)
  })

  test('is none in the same /64 of IPv6', async () => {
    const test = await createTestAuth()
    await test.auth.login(test.ada, { address: '2001:db8:0:1::1' })

    expect(await alertsAt(test, { address: '2001:db8:0:1:ffff::2' })).toBe(false)
    expect(await alertsAt(test, { address: '2001:db8:0:2::1' })).toBe(true)
  })

  test('is none that carries the token of an earlier login, whatever became of the session', async () => {
    const test = await createTestAuth()
    const { device, accessToken } = await test.auth.login(test.ada, home)
    await test.auth.signOut({ accessToken }, 'all', home)

    expect(await alertsAt(test, { ...elsewhere, device })).toBe(false)
  })

  test('is one that carries a token of somebody else, a forged one, or whose session has ended', async () => {
    const test = await createTestAuth()
    const bob = { email: 'bob@example.com', password: 'penny lane is in my ears' }
    const { device } = await test.auth.register(bob, home)
    const { accessToken } = await test.auth.login(test.ada, home)

    expect(await alertsAt(test, { ...elsewhere, device })).toBe(true)
    expect(await alertsAt(test, { address: '203.0.113.9', device: `${device}x` })).toBe(true)
    await test.auth.signOut({ accessToken }, 'all', home)
    expect(await alertsAt(test, home)).toBe(true)
  })

  test('is none that shows only in an old session among many', async () => {
    const test = await createTestAuth()
    for (const login of [home, ...Array.from({ length: 20 }, () => elsewhere)])
      await test.auth.login(test.ada, login)

    expect(await alertsAt(test, home)).toBe(false)
    expect(await alertsAt(test, { address: '203.0.113.9', userAgent: 'on the way' })).toBe(true)
  })

  test('is none at a first login, for which nothing is looked up', async () => {
    const store = memoryStore()
    const listLive = vi.spyOn(store.sessions, 'listLive')
    const { auth } = await createTestAuth({ store })
    await auth.register({ email: 'bob@example.com', password: 'penny lane is in my ears' }, home)

    expect(listLive).not.toHaveBeenCalled()
  })

  test('is told by the sessions where users of the host have no time of their last login', async () => {
    const { auth, ada } = await createTestAuth()
    const found = await auth.store.users.findByEmail(ada.email)
    const user = { username: 'ada', passwordHash: found?.passwordHash ?? '' }
    const heard: string[] = []
    const host = createAuth({
      store: memoryStore(),
      users: usersFrom(() => user),
      onAlert: ({ type }) => void heard.push(type),
    })
    const credentials = { username: 'ada', password: ada.password }
    await host.login(credentials, home)
    expect(heard).toEqual([])
    await host.login(credentials, elsewhere)

    expect(heard).toEqual(['login.new_device'])
  })

  test('that cannot be told, because the sessions cannot be listed, lets its user in', async () => {
    const store = withPorts(memoryStore(), ({ sessions }) => ({
      sessions: {
        ...sessions,
        listLive: () => Promise.reject(new AuthError('store_unavailable')),
      },
    }))
    const test = await createTestAuth({ store })
    await test.auth.login(test.ada, home)

    expect(await alertsAt(test, elsewhere)).toBe(false)
  })
})
