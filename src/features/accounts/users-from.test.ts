import { hashSync } from '@node-rs/argon2'
import { describe, expect, test } from 'vitest'
import { createAuth } from '../../auth.js'
import { silentLog } from '../../lib/log.js'
import { memoryStore } from '../../stores/memory/memory.js'
import { type HostUser, usersFrom } from './users-from.js'

const caller = { address: '192.0.2.1' }
const password = 'quiet lemon orchard'
const weak = hashSync(password, { algorithm: 2, memoryCost: 1024, timeCost: 1 })
const strong = hashSync(password, { algorithm: 2, memoryCost: 19_456, timeCost: 2 })
const closed = { code: 'registration_closed', status: 403 }

const people: HostUser[] = [
  { username: 'ada', passwordHash: strong, email: 'Ada@example.com', role: 'admin' },
  { id: '7', username: 'bob', passwordHash: weak, roles: ['reader', 'writer'] },
  { username: 'carol', passwordHash: strong, isActive: false },
]

const openWith = (extra: Partial<Parameters<typeof createAuth>[0]> = {}) => {
  const asked: string[] = []
  const users = usersFrom(async (name) => {
    asked.push(name)
    return (
      people.find(({ id, username, email }) =>
        [id, username, email?.toLowerCase()].includes(name),
      ) ?? null
    )
  })
  return { auth: createAuth({ store: memoryStore(), users, ...extra }), asked }
}

describe('users of the host', () => {
  test('sign in by username or address, and stay signed in', async () => {
    const { auth, asked } = openWith()
    const grant = await auth.login({ username: 'Ada', password }, caller)
    const byAddress = await auth.login({ email: 'ADA@example.com', password }, caller)

    expect(grant.user).toMatchObject({ id: 'ada', username: 'ada', roles: ['admin'] })
    expect(byAddress.user?.id).toBe('ada')
    expect((await auth.authenticate(grant.accessToken)).user.username).toBe('ada')
    await expect(auth.refresh(grant.refreshToken, caller)).resolves.toBeDefined()
    expect(new Set(asked)).toEqual(new Set(['ada', 'ada@example.com']))
  })

  test('keep the id the host gives them, and all their roles', async () => {
    const { auth } = openWith()
    const { user, accessToken } = await auth.login({ username: 'bob', password }, caller)

    expect(user).toMatchObject({ id: '7', roles: ['reader', 'writer'], email: null })
    expect((await auth.authenticate(accessToken)).user.id).toBe('7')
  })

  test('who is unknown, whether told by null or undefined, is refused like a wrong password', async () => {
    const { auth } = openWith()
    for (const credentials of [
      { username: 'nobody', password },
      { username: 'ada', password: 'wrong' },
    ]) {
      await expect(auth.login(credentials, caller)).rejects.toMatchObject({
        code: 'invalid_credentials',
      })
    }
    await expect(auth.users.find('nobody')).rejects.toMatchObject({ code: 'account_not_found' })
  })

  test('who is not active is kept out', async () => {
    const { auth } = openWith()

    await expect(auth.login({ username: 'carol', password }, caller)).rejects.toMatchObject({
      code: 'account_disabled',
    })
  })

  test('are never written to: every change is refused, and ends', async () => {
    const { auth } = openWith()
    const { accessToken } = await auth.login({ username: 'ada', password }, caller)
    const { user, session } = await auth.authenticate(accessToken)
    const changes = [
      () => auth.register({ email: 'new@example.com', password }, caller),
      () => auth.users.create({ username: 'new-one', password }, caller),
      () => auth.updateProfile(user, { firstName: 'A' }, caller),
      () => auth.users.setActive('ada', false, caller),
      () => auth.users.resetPassword('ada', `${password}!`, caller),
      () => auth.deleteAccount(user, password, caller),
      () =>
        auth.changePassword(
          { user, sessionId: session.id },
          { current: password, next: `${password}!` },
          caller,
        ),
    ]
    for (const change of changes) await expect(change()).rejects.toMatchObject(closed)
    await expect(auth.authenticate(accessToken)).resolves.toBeDefined()
    expect(await auth.users.list()).toEqual([])
  })

  test('with an old hash sign in all the same, and nobody tries to rewrite it', async () => {
    const users = usersFrom(() => ({ username: 'bob', passwordHash: weak }))
    const tries: string[] = []
    const replacePasswordHash: typeof users.replacePasswordHash = (...given) => {
      tries.push(given[0])
      return users.replacePasswordHash(...given)
    }
    const warnings: string[] = []
    const warn = (_: object, text: string): void => void warnings.push(text)
    const { auth } = openWith({
      users: { ...users, replacePasswordHash },
      log: { ...silentLog, warn },
    })
    await expect(auth.login({ username: 'bob', password }, caller)).resolves.toBeDefined()

    expect(tries).toEqual([])
    expect(warnings).toEqual([])
  })
})
