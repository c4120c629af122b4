import { describe, expect, test } from 'vitest'
import { createAuth } from '../../auth.js'
import { silentLog } from '../../lib/log.js'
import { memoryStore } from '../../stores/memory/memory.js'
import { withPorts } from '../../stores/with-ports.js'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1' }

/** A store in which something happens right after an account was read, once. */
const interrupted = () => {
  let happen: (() => Promise<unknown>) | undefined
  const store = withPorts(memoryStore(), ({ users }) => ({
    users: {
      ...users,
      findByEmail: async (email) => {
        const user = await users.findByEmail(email)
        const act = happen
        happen = undefined
        await act?.()
        return user
      },
    },
  }))
  return {
    store,
    afterReading: (act: () => Promise<unknown>): void => {
      happen = act
    },
  }
}

describe('between the check of a password and the session', () => {
  test('the password was changed: the old one lets nobody in', async () => {
    const { store, afterReading } = interrupted()
    const { auth, ada, events } = await createTestAuth({ store })
    afterReading(() => auth.users.resetPassword(ada.email, 'quiet lemon orchard', caller))

    await expect(auth.login(ada, caller)).rejects.toMatchObject({ code: 'invalid_credentials' })
    const { id, lastLoginAt } = await auth.users.find(ada.email)
    expect(await auth.sessions.list(id)).toEqual([])
    expect(lastLoginAt).toBeNull()
    expect(events.map(({ type }) => type)).toEqual(['password.reset', 'login.failed'])
  })

  test('the account was disabled: nobody comes in', async () => {
    const { store, afterReading } = interrupted()
    const { auth, ada } = await createTestAuth({ store })
    afterReading(() => auth.users.setActive(ada.email, false, caller))

    await expect(auth.login(ada, caller)).rejects.toMatchObject({ code: 'account_disabled' })
  })

  test('the account was removed: nobody comes in, and no session is left behind', async () => {
    const { store, afterReading } = interrupted()
    const { auth, ada } = await createTestAuth({ store })
    const { id } = await auth.users.find(ada.email)
    afterReading(() => store.users.remove(id))

    await expect(auth.login(ada, caller)).rejects.toMatchObject({ code: 'invalid_credentials' })
    expect(await store.sessions.listLive({ userId: id, now: new Date(0), limit: 9 })).toEqual([])
  })

  test('another login rewrote the hash: the right password still comes in', async () => {
    const { store, afterReading } = interrupted()
    const { ada, clock } = await createTestAuth({ store })
    const auth = createAuth({ store, clock, passwords: { passes: 3 } })
    afterReading(() => auth.login(ada, caller))

    await expect(auth.login(ada, caller)).resolves.toBeDefined()
  })
})

test('a hash that cannot be rewritten keeps nobody out', async () => {
  const store = withPorts(memoryStore(), ({ users }) => ({
    users: { ...users, replacePasswordHash: () => Promise.reject(new Error('disk full')) },
  }))
  const warnings: string[] = []
  const warn = (_: object, text: string): void => void warnings.push(text)
  const { ada, clock } = await createTestAuth({ store })
  const auth = createAuth({ store, clock, passwords: { passes: 3 }, log: { ...silentLog, warn } })

  await expect(auth.login(ada, caller)).resolves.toBeDefined()
  expect(warnings).toHaveLength(1)
})

test('a session that ends while its password changes gets no new tokens', async () => {
  const { auth, ada } = await createTestAuth()
  const { accessToken } = await auth.login(ada, caller)
  const { user, session } = await auth.authenticate(accessToken)
  const change = { current: ada.password, next: 'quiet lemon orchard' }
  await auth.store.sessions.revoke(session.id, new Date())

  await expect(
    auth.changePassword({ user, sessionId: session.id }, change, caller),
  ).rejects.toMatchObject({ code: 'session_revoked' })
})
