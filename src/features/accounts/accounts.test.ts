import { describe, expect, test } from 'vitest'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1', userAgent: 'test' }
const password = 'quiet lemon orchard'

const field = (name: string, code: string) => ({
  code: 'invalid_body',
  fields: [{ field: name, code, detail: expect.any(String) }],
})

const signedIn = async (options = {}) => {
  const test = await createTestAuth(options)
  const grant = await test.auth.login(test.ada, caller)
  const { user, session } = await test.auth.authenticate(grant.accessToken)
  return { ...test, grant, user, session }
}

describe('registration', () => {
  test('gives an account of its own, and a session', async () => {
    const { auth, clock } = await createTestAuth()
    const grant = await auth.register(
      {
        email: 'Bob@Example.com',
        password,
        username: 'Bob',
        firstName: 'Bo\u0308b',
        lastName: '漢',
      },
      caller,
    )

    expect(grant.user).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      email: 'Bob@Example.com',
      username: 'Bob',
      firstName: 'B\u00f6b',
      lastName: '漢',
      emailVerified: false,
      isActive: true,
      roles: [],
      createdAt: clock(),
      updatedAt: clock(),
      lastLoginAt: clock(),
    })
    expect((await auth.authenticate(grant.accessToken)).user.id).toBe(grant.user?.id)
  })

  test('takes what is optional as null, empty or left out', async () => {
    const { auth } = await createTestAuth()
    const { user } = await auth.register(
      { email: 'bob@example.com', password, username: null, firstName: '', lastName: undefined },
      caller,
    )

    expect(user).toMatchObject({ username: null, firstName: null, lastName: null })
  })

  test.each([
    ['ADA@example.com', 'email_taken'],
    ['ada@EXAMPLE.COM', 'email_taken'],
  ])('an address is taken in every case of its letters: %s', async (email, code) => {
    const { auth } = await createTestAuth()

    await expect(auth.register({ email, password }, caller)).rejects.toMatchObject({
      code,
      status: 409,
    })
  })

  test('a username is taken in every case of its letters', async () => {
    const { auth } = await createTestAuth()
    await auth.register({ email: 'a@example.com', password, username: 'Bobby' }, caller)

    await expect(
      auth.register({ email: 'b@example.com', password, username: 'bOBBY' }, caller),
    ).rejects.toMatchObject({ code: 'username_taken', status: 409 })
  })

  test('R-07: one address at the same time in ten spellings makes one account', async () => {
    const { auth } = await createTestAuth()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => {
        const email = index % 2 === 0 ? 'BOB@example.com' : 'bob@EXAMPLE.com'
        return auth.register({ email, password }, caller)
      }),
    )

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'email_taken' })
    }
    expect(await auth.users.list()).toHaveLength(2)
  })

  test.each([
    ['email', 'invalid_email', { email: 'nonsense' }],
    ['email', 'invalid_email', { email: '' }],
    ['email', 'invalid_email', { email: 'm\u0131ke＠example.com' }],
    ['email', 'required', { email: null }],
    ['email', 'required', { email: undefined }],
    ['username', 'invalid_username', { username: 'ab' }],
    ['username', 'invalid_username', { username: '-abc' }],
    ['username', 'invalid_username', { username: 'abc.' }],
    ['username', 'invalid_username', { username: 'a b c' }],
    ['username', 'invalid_username', { username: 'a@b.example' }],
    ['username', 'invalid_username', { username: 'ädä' }],
    ['username', 'invalid_username', { username: '\u212aelvin' }],
    ['username', 'invalid_username', { username: 'x'.repeat(65) }],
    ['username', 'invalid_username', { username: 'abc\n' }],
    ['first_name', 'invalid_name', { firstName: 'x'.repeat(101) }],
    ['first_name', 'invalid_name', { firstName: 'two\nlines' }],
    ['last_name', 'invalid_name', { lastName: 'a\0b' }],
    ['last_name', 'invalid_name', { lastName: 'a\u202eb' }],
    ['last_name', 'invalid_name', { lastName: 'a\ud800' }],
    ['password', 'password_too_short', { password: 'short' }],
    ['password', 'password_contains_identity', { password: 'my name is bob.miller' }],
    [
      'password',
      'password_contains_identity',
      { password: 'Zebulon likes apples', firstName: 'Zebulon' },
    ],
    ['password', 'password_contains_identity', { password: 'latchkey and more' }],
  ])('%s %s: %j', async (name, code, part) => {
    const { auth } = await createTestAuth()
    const input = { email: 'bob.miller@example.com', password, ...part }

    await expect(auth.register(input, caller)).rejects.toMatchObject(field(name, code))
    expect(await auth.users.list()).toHaveLength(1)
  })

  test('the longest names and usernames are welcome', async () => {
    const { auth } = await createTestAuth()
    const names = {
      username: 'x'.repeat(64),
      firstName: '🦊'.repeat(100),
      lastName: "O'Neill-{{7*7}}",
    }
    const { user } = await auth.register({ email: 'bob@example.com', password, ...names }, caller)

    expect(user).toMatchObject(names)
  })
})

describe('the profile', () => {
  test('only what is named changes; null removes', async () => {
    const { auth, user, clock } = await signedIn()
    await auth.updateProfile(user, { firstName: 'Ada', lastName: 'Lovelace' }, caller)
    clock.advance('1m')
    const changed = await auth.updateProfile(user, { lastName: null, username: 'Countess' }, caller)

    expect(changed).toMatchObject({
      firstName: 'Ada',
      lastName: null,
      username: 'Countess',
      updatedAt: clock(),
    })
    expect(changed).toMatchObject(await auth.users.find('countess'))
  })

  test('a username in another case is the same one, for its owner and for everybody', async () => {
    const { auth, user } = await signedIn()
    await auth.updateProfile(user, { username: 'countess' }, caller)
    const bob = await auth.register({ email: 'bob@example.com', password, username: 'bob' }, caller)
    const { user: second } = await auth.authenticate(bob.accessToken)

    expect(await auth.updateProfile(user, { username: 'COUNTESS' }, caller)).toMatchObject({
      username: 'COUNTESS',
    })
    await expect(
      auth.updateProfile(second, { username: 'Countess', firstName: 'Bob' }, caller),
    ).rejects.toMatchObject({ code: 'username_taken' })
    expect(await auth.users.find('bob')).toMatchObject({ firstName: null })
  })

  test('the next call sees the new profile, not a remembered one', async () => {
    const { auth, user, grant } = await signedIn()
    await auth.updateProfile(user, { firstName: 'Ada' }, caller)

    expect((await auth.authenticate(grant.accessToken)).user.firstName).toBe('Ada')
  })

  test('the only name an account has cannot be removed', async () => {
    const { auth } = await createTestAuth()
    await auth.users.create({ username: 'nameless', password }, caller)
    const { accessToken } = await auth.login({ username: 'nameless', password }, caller)
    const { user } = await auth.authenticate(accessToken)

    await expect(auth.updateProfile(user, { username: null }, caller)).rejects.toMatchObject(
      field('username', 'required'),
    )
    await expect(auth.login({ username: 'nameless', password }, caller)).resolves.toBeDefined()
  })
})
