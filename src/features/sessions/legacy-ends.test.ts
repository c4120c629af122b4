import { describe, expect, test } from 'vitest'
import { addSeconds } from '../../lib/clock.js'
import { accessSecret, legacyStore, opaqueToken } from '../../testing/legacy.js'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1' }
const revoked = { code: 'session_revoked' }

const moved = async () => {
  const { store, kept } = legacyStore()
  const test = await createTestAuth({
    profile: 'envelope',
    tokens: { secret: accessSecret },
    legacy: { until: '2100-01-01', tokens: store },
  })
  const { id } = await test.auth.users.find(test.ada.email)
  const issue = (): string => {
    const token = opaqueToken()
    kept.set(token, { userId: id, expiresAt: addSeconds(test.clock(), 86_400) })
    return token
  }
  return { ...test, id, issue, kept }
}

/** Somebody's tokens of before are sessions of theirs: what ends all sessions ends those that nobody has brought yet, too. */
describe('a token of before ends, untraded', () => {
  test('when it is signed out', async () => {
    const { auth, issue, events } = await moved()
    const token = issue()
    await auth.signOut({ refreshToken: token }, 'this', caller)
    await auth.signOut({ refreshToken: token }, 'this', caller)

    await expect(auth.refresh(token, caller)).rejects.toMatchObject(revoked)
    expect(events.map(({ type }) => type)).toEqual(['session.traded', 'session.ended'])
  })

  test('when it is handed back', async () => {
    const { auth, issue, events } = await moved()
    const token = issue()
    await auth.rooms.revoke(token, 'api', caller)

    await expect(auth.refresh(token, caller)).rejects.toMatchObject(revoked)
    expect(events.map(({ actorId }) => actorId)).toEqual(['client:api', 'client:api'])
  })

  test('when everybody is signed out by another session', async () => {
    const { auth, ada, issue } = await moved()
    const token = issue()
    const { refreshToken } = await auth.login(ada, caller)
    await auth.signOut({ refreshToken }, 'others', caller)

    await expect(auth.refresh(token, caller)).rejects.toMatchObject(revoked)
    expect(await auth.refresh(refreshToken, caller)).toHaveProperty('refreshToken')
  })

  test('when the password is changed or set anew, and logging in goes on', async () => {
    const { auth, ada, issue } = await moved()
    const token = issue()
    const { refreshToken } = await auth.login(ada, caller)
    const session = await auth.rooms.sessions.ofRefreshToken(refreshToken, caller)
    const next = 'a wholly different sentence 9'
    const who = { user: { id: session?.userId ?? '' }, sessionId: session?.id ?? '' }
    await auth.changePassword(who, { current: ada.password, next }, caller)

    await expect(auth.refresh(token, caller)).rejects.toMatchObject(revoked)
    expect(await auth.login({ ...ada, password: next }, caller)).toHaveProperty('refreshToken')
  })

  test('when an operator sets the password', async () => {
    const { auth, ada, issue } = await moved()
    const token = issue()
    await auth.users.resetPassword(ada.email, 'a wholly different sentence 9', caller)

    await expect(auth.refresh(token, caller)).rejects.toMatchObject(revoked)
  })

  test('when the account is disabled, also after it is enabled again', async () => {
    const { auth, ada, issue } = await moved()
    const [one, two] = [issue(), issue()]
    await auth.users.setActive(ada.email, false, caller)
    await expect(auth.refresh(one, caller)).rejects.toMatchObject(revoked)
    await auth.users.setActive(ada.email, true, caller)

    await expect(auth.refresh(two, caller)).rejects.toMatchObject(revoked)
  })

  test('when the account is gone', async () => {
    const { auth, ada, issue, id } = await moved()
    const [one, two] = [issue(), issue()]
    await auth.refresh(one, caller)
    await auth.deleteAccount({ id }, ada.password, caller)

    for (const token of [one, two])
      await expect(auth.refresh(token, caller)).rejects.toMatchObject({ code: 'invalid_token' })
  })
})
