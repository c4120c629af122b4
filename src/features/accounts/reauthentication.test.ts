import { describe, expect, test } from 'vitest'
import { arrivalOf } from '../../testing/arrivals.js'
import { sampleSession } from '../../testing/samples.js'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1', userAgent: 'test', requestId: 'request-1' }
const next = 'a very quiet orchard'
const email = 'bea@example.com'
const refusal = (code: string) => expect.objectContaining({ code })

/** Bea, who came through Google and has no password. */
const signedIn = async () => {
  const made = await createTestAuth()
  const { auth } = made
  const grant = await auth.rooms.social.logIn(arrivalOf(email), caller)
  const { user, session } = await auth.authenticate(grant.accessToken)
  const setPassword = (current?: string, sessionId = session.id) =>
    auth.changePassword({ user, sessionId }, { current, next }, caller)
  const remove = (password?: string, sessionId = session.id) =>
    auth.deleteAccount(user, { password, sessionId }, caller)
  return { ...made, grant, user, session, setPassword, remove }
}

describe('a first password', () => {
  test('is set by who signed in a short time ago, and ends the other sessions', async () => {
    const { auth, grant, setPassword, session } = await signedIn()
    const other = await auth.rooms.social.logIn(arrivalOf(email), caller)
    const renewed = await setPassword()

    expect((await auth.authenticate(renewed.accessToken)).session.id).toBe(session.id)
    expect(renewed.refreshToken).not.toBe(grant.refreshToken)
    await expect(auth.authenticate(other.accessToken)).rejects.toEqual(refusal('invalid_token'))
    await expect(auth.login({ email, password: next }, caller)).resolves.toBeDefined()
    await expect(auth.rooms.social.logIn(arrivalOf(email), caller)).resolves.toBeDefined()
  })

  test('is set once: the second time the first one is asked for', async () => {
    const { setPassword } = await signedIn()
    const told = await Promise.allSettled([setPassword(), setPassword()])

    expect(told.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await expect(setPassword()).rejects.toMatchObject({ code: 'invalid_body' })
    await expect(setPassword(next)).resolves.toBeDefined()
  })

  test('is no guess that could be right: what is sent as the present one is wrong', async () => {
    const { setPassword } = await signedIn()
    for (const guess of ['', 'null', next])
      await expect(setPassword(guess)).rejects.toEqual(refusal('wrong_password'))
  })

  test('is measured by the policy like every other', async () => {
    const { auth, user, session } = await signedIn()
    const short = auth.changePassword({ user, sessionId: session.id }, { next: 'short' }, caller)

    await expect(short).rejects.toEqual(refusal('invalid_body'))
  })
})

describe('a recent sign-in', () => {
  test('is one of the last ten minutes', async () => {
    const { clock, setPassword, remove } = await signedIn()
    clock.advance('601s')

    await expect(setPassword()).rejects.toEqual(refusal('reauthentication_required'))
    await expect(remove()).rejects.toEqual(refusal('reauthentication_required'))
  })

  test('is not made recent by a refresh', async () => {
    const { auth, clock, grant, setPassword } = await signedIn()
    clock.advance('11m')
    await auth.refresh(grant.refreshToken, caller)

    await expect(setPassword()).rejects.toEqual(refusal('reauthentication_required'))
  })

  test('is that of this user, still stands, and was one: nobody opened a session of before', async () => {
    const { auth, ada, user, session, clock, setPassword } = await signedIn()
    const { accessToken } = await auth.login(ada, caller)
    const others = (await auth.authenticate(accessToken)).session
    const legacy = sampleSession({ userId: user.id, method: 'legacy', createdAt: clock() })
    const ended = sampleSession({ userId: user.id, createdAt: clock(), revokedAt: clock() })
    for (const one of [legacy, ended]) await auth.store.sessions.insert(one)

    for (const { id } of [others, legacy, ended, { id: 'nobody' }])
      await expect(setPassword(undefined, id)).rejects.toEqual(refusal('reauthentication_required'))
    await expect(setPassword(undefined, session.id)).resolves.toBeDefined()
  })
})

describe('deleting an account without a password', () => {
  test('needs a recent sign-in, and takes identities along', async () => {
    const { auth, user, grant, remove } = await signedIn()
    await expect(remove('a guess')).rejects.toEqual(refusal('wrong_password'))
    await remove()

    await expect(auth.authenticate(grant.accessToken)).rejects.toEqual(refusal('invalid_token'))
    expect(await auth.store.identities.list(user.id)).toEqual([])
    const again = await auth.rooms.social.logIn(arrivalOf(email), caller)
    expect(again.user?.id).not.toBe(user.id)
  })

  test('with a password asks for it, however recent the sign-in', async () => {
    const { auth, user, setPassword, remove } = await signedIn()
    await setPassword()

    await expect(remove()).rejects.toMatchObject({ code: 'invalid_body' })
    await expect(remove(next)).resolves.toBeUndefined()
    expect(await auth.store.users.find(user.id)).toBeUndefined()
  })
})
