import { describe, expect, test } from 'vitest'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1', userAgent: 'test' }
const password = 'quiet lemon orchard'
const next = 'another quiet orchard'

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

describe('changing the password', () => {
  test('A-051: ends the other sessions and keeps this one, with new tokens', async () => {
    const { auth, ada, grant, user, session, events } = await signedIn()
    const other = await auth.login(ada, caller)
    const renewed = await auth.changePassword(
      { user, sessionId: session.id },
      { current: ada.password, next },
      caller,
    )

    expect(renewed.refreshToken).not.toBe(grant.refreshToken)
    expect((await auth.authenticate(renewed.accessToken)).session.id).toBe(session.id)
    await expect(auth.refresh(renewed.refreshToken, caller)).resolves.toBeDefined()
    await expect(auth.authenticate(other.accessToken)).rejects.toMatchObject({
      code: 'invalid_token',
    })
    await expect(auth.refresh(other.refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
    await expect(auth.login(ada, caller)).rejects.toMatchObject({ code: 'invalid_credentials' })
    await expect(auth.login({ ...ada, password: next }, caller)).resolves.toBeDefined()
    expect(events.filter(({ type }) => type === 'password.changed')).toMatchObject([
      { subjectId: user.id, sessionId: session.id, actorId: user.id },
    ])
  })

  test('S-05: needs the present one, and notes a wrong one', async () => {
    const { auth, ada, user, session, events } = await signedIn()
    const who = { user, sessionId: session.id }

    await expect(
      auth.changePassword(who, { current: 'wrong', next }, caller),
    ).rejects.toMatchObject({ code: 'wrong_password', status: 403 })
    expect(events.at(-1)).toMatchObject({ type: 'password.change_failed', outcome: 'failure' })
    await expect(auth.login(ada, caller)).resolves.toBeDefined()
  })

  test('measures the new one by the policy, under its own name', async () => {
    const { auth, ada, user, session } = await signedIn()
    const change = (text: string) =>
      auth.changePassword(
        { user, sessionId: session.id },
        { current: ada.password, next: text },
        caller,
      )

    await expect(change('short')).rejects.toMatchObject(field('new_password', 'password_too_short'))
    await expect(change('i am Ada, hello')).rejects.toMatchObject(
      field('new_password', 'password_contains_identity'),
    )
  })

  test('twice at once from the same password succeeds once', async () => {
    const { auth, ada, user, session } = await signedIn()
    const change = (text: string) =>
      auth.changePassword(
        { user, sessionId: session.id },
        { current: ada.password, next: text },
        caller,
      )
    const outcomes = await Promise.allSettled([change(`${next} one`), change(`${next} two`)])

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  test('works with the password of now, even right after it was rewritten elsewhere', async () => {
    const { auth, ada, user, session } = await signedIn()
    await auth.users.resetPassword(ada.email, next, caller)
    const stale = { user, sessionId: session.id } // what another instance may remember for a second

    await expect(
      auth.changePassword(stale, { current: ada.password, next: `${next}!` }, caller),
    ).rejects.toMatchObject({ code: 'wrong_password' })
    await expect(auth.deleteAccount(user, ada.password, caller)).rejects.toMatchObject({
      code: 'wrong_password',
    })
    await expect(auth.deleteAccount(user, next, caller)).resolves.toBeUndefined()
  })

  test('a login that had checked the old password before the change gets no session', async () => {
    const { auth, ada, user, session } = await signedIn()
    const { recordLogin } = auth.store.users
    expect(await recordLogin(user.id, user.passwordHash, new Date())).toBe(true)
    await auth.changePassword(
      { user, sessionId: session.id },
      { current: ada.password, next },
      caller,
    )

    expect(await recordLogin(user.id, user.passwordHash, new Date())).toBe(false)
  })

  test('logins at the same moment end up refused or ended, never signed in', async () => {
    const { auth, ada, user, session } = await signedIn()
    const who = { user, sessionId: session.id }
    const [changed, ...logins] = await Promise.allSettled([
      auth.changePassword(who, { current: ada.password, next }, caller),
      ...Array.from({ length: 8 }, () => auth.login(ada, caller)),
    ])

    expect(changed.status).toBe('fulfilled')
    for (const login of logins) {
      if (login.status === 'rejected') {
        expect(login.reason).toMatchObject({ code: 'invalid_credentials' })
        continue
      }
      await expect(auth.refresh(login.value.refreshToken, caller)).rejects.toMatchObject({
        code: 'session_revoked',
      })
    }
  })
})

describe('deleting the account', () => {
  test('needs the password, and takes sessions and names along', async () => {
    const { auth, ada, grant, user, events } = await signedIn()
    await expect(auth.deleteAccount(user, 'wrong', caller)).rejects.toMatchObject({
      code: 'wrong_password',
    })
    await auth.deleteAccount(user, ada.password, caller)

    await expect(auth.authenticate(grant.accessToken)).rejects.toMatchObject({ status: 401 })
    await expect(auth.refresh(grant.refreshToken, caller)).rejects.toMatchObject({ status: 401 })
    await expect(auth.login(ada, caller)).rejects.toMatchObject({ code: 'invalid_credentials' })
    expect(await auth.store.sessions.listLive(user.id, new Date(0))).toEqual([])
    expect(events.filter(({ type }) => type === 'account.deleted')).toHaveLength(1)
  })

  test('A-041: who registers again is somebody else; old tokens stay dead', async () => {
    const { auth, ada, grant, user } = await signedIn()
    await auth.deleteAccount(user, ada.password, caller)
    const again = await auth.register(ada, caller)

    expect(again.user?.id).not.toBe(user.id)
    await expect(auth.authenticate(grant.accessToken)).rejects.toMatchObject({ status: 401 })
    await expect(auth.refresh(grant.refreshToken, caller)).rejects.toMatchObject({ status: 401 })
  })
})
