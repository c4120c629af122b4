import { describe, expect, test } from 'vitest'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1' }
const cli = { actor: 'cli' }
const password = 'quiet lemon orchard'

describe('an operator', () => {
  test('makes accounts with an address, a username, or both, by the same rules', async () => {
    const { auth, events } = await createTestAuth()
    const bob = await auth.users.create({ username: 'Bob', password }, cli)

    expect(bob).toMatchObject({ username: 'Bob', email: null })
    expect(bob).not.toHaveProperty('passwordHash')
    expect(events.at(-1)).toMatchObject({
      type: 'account.created',
      actorId: 'cli',
      subjectId: bob.id,
    })
    await expect(auth.users.create({ password }, cli)).rejects.toMatchObject({
      code: 'invalid_body',
    })
    await expect(auth.users.create({ username: 'BOB', password }, cli)).rejects.toMatchObject({
      code: 'username_taken',
    })
    await expect(
      auth.users.create({ username: 'carol', password: 'short' }, cli),
    ).rejects.toMatchObject({ code: 'invalid_body' })
  })

  test('finds an account by id, address or username in any case', async () => {
    const { auth } = await createTestAuth()
    const bob = await auth.users.create({ email: 'Bob@b.example', username: 'Bob', password }, cli)
    for (const name of [bob.id, 'bob@B.example', 'BOB']) {
      expect((await auth.users.find(name)).id).toBe(bob.id)
    }
    for (const name of ['', 'nobody', 'nobody@b.example', '\u0432ob', bob.id.toUpperCase()]) {
      await expect(auth.users.find(name)).rejects.toMatchObject({ code: 'account_not_found' })
    }
  })

  test('A-083: a letter that folds into another finds nobody', async () => {
    const { auth } = await createTestAuth()
    await auth.users.create({ username: 'kelvin', password }, cli)

    await expect(auth.users.find('\u212aelvin')).rejects.toMatchObject({
      code: 'account_not_found',
    })
  })

  test('lists accounts in order, page by page, without hashes', async () => {
    const { auth, clock } = await createTestAuth()
    for (let count = 0; count < 4; count += 1) {
      clock.advance('1s')
      await auth.users.create({ username: `user-${count}`, password }, cli)
    }
    const first = await auth.users.list({ limit: 3 })
    const rest = await auth.users.list({ limit: 3, afterId: first.at(-1)?.id ?? '' })

    expect([...first, ...rest].map(({ username }) => username)).toEqual([
      ...[null, 'user-0', 'user-1', 'user-2', 'user-3'],
    ])
    expect(JSON.stringify(first)).not.toContain('argon2')
  })

  test('A-042: disabling ends all sessions at once, here and for refreshing', async () => {
    const { auth, ada, events } = await createTestAuth()
    const grant = await auth.login(ada, caller)
    await auth.authenticate(grant.accessToken)

    expect(await auth.users.setActive(ada.email, false, cli)).toMatchObject({ isActive: false })
    await expect(auth.authenticate(grant.accessToken)).rejects.toMatchObject({ status: 401 })
    await expect(auth.refresh(grant.refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
    await expect(auth.login(ada, caller)).rejects.toMatchObject({ code: 'account_disabled' })

    await auth.users.setActive(ada.email, true, cli)
    await expect(auth.refresh(grant.refreshToken, caller)).rejects.toMatchObject({ status: 401 })
    await expect(auth.login(ada, caller)).resolves.toBeDefined()
    expect(events.map(({ type }) => type)).toEqual([
      ...['login.succeeded', 'account.disabled', 'login.refused', 'account.enabled'],
      ...['login.succeeded', 'login.new_device'],
    ])
  })

  test('resets a password: all sessions end, the policy holds', async () => {
    const { auth, ada, events } = await createTestAuth()
    const grant = await auth.login(ada, caller)

    await expect(auth.users.resetPassword(ada.email, 'short', cli)).rejects.toMatchObject({
      code: 'invalid_body',
    })
    await auth.users.resetPassword(ada.email, password, cli)
    await expect(auth.authenticate(grant.accessToken)).rejects.toMatchObject({ status: 401 })
    await expect(auth.login(ada, caller)).rejects.toMatchObject({ code: 'invalid_credentials' })
    await expect(auth.login({ ...ada, password }, caller)).resolves.toBeDefined()
    expect(events.filter(({ type }) => type === 'password.reset')).toHaveLength(1)
  })

  test('two resets at the same time both succeed, one after the other', async () => {
    const { auth, ada } = await createTestAuth()
    await Promise.all([
      auth.users.resetPassword(ada.email, `${password} one`, cli),
      auth.users.resetPassword(ada.email, `${password} two`, cli),
    ])
    const logins = await Promise.allSettled([
      auth.login({ ...ada, password: `${password} one` }, caller),
      auth.login({ ...ada, password: `${password} two` }, caller),
    ])

    expect(logins.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test.each(['find', 'setActive', 'resetPassword'] as const)('%s nobody is told', async (verb) => {
    const { auth } = await createTestAuth()
    const calls = {
      find: () => auth.users.find('nobody'),
      setActive: () => auth.users.setActive('nobody', false, cli),
      resetPassword: () => auth.users.resetPassword('nobody', password, cli),
    }

    await expect(calls[verb]()).rejects.toMatchObject({ code: 'account_not_found', status: 404 })
  })
})
