import { beforeEach, describe, expect, test } from 'vitest'
import { isReachable, openService } from '../../../test/services/services.js'
import { AuthError } from '../../errors.js'
import { createTestAuth, type TestAuth } from '../../testing/test-auth.js'
import { memoryStore } from '../memory/memory.js'
import type { Store } from '../store.js'
import { withPorts } from '../with-ports.js'
import { redisPorts } from './redis.js'

/** Redis has done its part and the database cannot commit. Nobody has more than before, and a retry works. */
describe.skipIf(!isReachable('redis'))('a commit that fails after Redis', () => {
  let place: TestAuth
  let fails: boolean
  const caller = {}
  const refused = { code: 'store_unavailable' }

  const open = (url: string): Store => {
    const inner = memoryStore()
    const transaction: Store['transaction'] = (work) =>
      inner.transaction(async (ports) => {
        const result = await work(ports)
        if (fails) throw new AuthError('store_unavailable')
        return result
      })
    return withPorts({ ...inner, transaction }, redisPorts(url, { allowVolatile: true }))
  }
  /** While the database cannot commit. */
  const failing = async (work: () => Promise<unknown>): Promise<void> => {
    fails = true
    await expect(work()).rejects.toMatchObject(refused)
    fails = false
  }

  beforeEach(async () => {
    fails = false
    const url = await (await openService('redis')).fresh()
    place = await createTestAuth({ store: open(url) })
    return () => place.auth.close()
  })

  test('costs no session: the same token is answered with the one successor', async () => {
    const { auth, ada, clock } = place
    const first = await auth.login(ada, caller)
    await failing(() => auth.refresh(first.refreshToken, caller))
    clock.advance('5s')
    const [one, two] = [
      await auth.refresh(first.refreshToken, caller),
      await auth.refresh(first.refreshToken, caller),
    ]

    expect(one.refreshToken).toBe(two.refreshToken)
    expect((await auth.refresh(one.refreshToken, caller)).refreshToken).not.toBe(one.refreshToken)
  })

  test('lets nobody in', async () => {
    const { auth, ada, events } = place
    await failing(() => auth.login(ada, caller))

    expect(events.map(({ type }) => type)).not.toContain('login.succeeded')
    expect(await auth.login(ada, caller)).toHaveProperty('refreshToken')
  })

  test('leaves the old password and ends the other sessions', async () => {
    const { auth, ada } = place
    const [mine, other] = [await auth.login(ada, caller), await auth.login(ada, caller)]
    const signedIn = await auth.authenticate(mine.accessToken)
    const next = 'a wholly different sentence 9'
    const change = { current: ada.password, next }
    await failing(() =>
      auth.changePassword({ user: signedIn.user, sessionId: signedIn.session.id }, change, caller),
    )

    await expect(auth.refresh(other.refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
    expect(await auth.refresh(mine.refreshToken, caller)).toHaveProperty('refreshToken')
    await expect(auth.login({ ...ada, password: next }, caller)).rejects.toMatchObject({
      code: 'invalid_credentials',
    })
    expect(await auth.login(ada, caller)).toHaveProperty('refreshToken')
  })

  test('ends a stolen session all the same', async () => {
    const { auth, ada, clock } = place
    const first = await auth.login(ada, caller)
    const second = await auth.refresh(first.refreshToken, caller)
    clock.advance('1m')
    await failing(() => auth.refresh(first.refreshToken, caller))

    for (const { refreshToken } of [first, second])
      await expect(auth.refresh(refreshToken, caller)).rejects.toMatchObject({
        code: 'session_revoked',
      })
  })

  test('of a deletion leaves the account, signed out everywhere', async () => {
    const { auth, ada } = place
    const grant = await auth.login(ada, caller)
    const { user } = await auth.authenticate(grant.accessToken)
    await failing(() => auth.deleteAccount(user, ada.password, caller))

    await expect(auth.refresh(grant.refreshToken, caller)).rejects.toMatchObject({
      code: 'invalid_token',
    })
    expect(await auth.login(ada, caller)).toHaveProperty('refreshToken')
  })
})
