import { describe, expect, test } from 'vitest'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1', userAgent: 'test' }
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
    const query = { userId: user.id, now: new Date(0), limit: 9 }
    expect(await auth.store.sessions.listLive(query)).toEqual([])
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
