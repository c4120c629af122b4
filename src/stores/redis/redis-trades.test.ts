import { beforeEach, describe, expect, test } from 'vitest'
import { isReachable, openService } from '../../../test/services/services.js'
import { createAuth } from '../../auth.js'
import { AuthError } from '../../errors.js'
import { legacyStore, opaqueToken } from '../../testing/legacy.js'
import { createTestAuth, type TestAuth } from '../../testing/test-auth.js'
import { memoryStore } from '../memory/memory.js'
import type { Store } from '../store.js'
import { withPorts } from '../with-ports.js'
import { redisPorts } from './redis.js'

/** Sessions lie in Redis and events elsewhere: a trade is still one session, and a commit that fails costs nobody theirs. */
describe.skipIf(!isReachable('redis'))('a token of before, with sessions in Redis', () => {
  const caller = { address: '192.0.2.1' }
  let place: TestAuth
  let token: string
  let id: string
  let fails = false
  const { store: tokens, kept } = legacyStore()
  const legacy = { until: '2100-01-01', profile: 'envelope', tokens } as const

  beforeEach(async () => {
    const url = await (await openService('redis')).fresh()
    const inner = memoryStore()
    const transaction: Store['transaction'] = (work) =>
      inner.transaction(async (ports) => {
        const result = await work(ports)
        if (fails) throw new AuthError('store_unavailable')
        return result
      })
    const store = withPorts({ ...inner, transaction }, redisPorts(url, { allowVolatile: true }))
    place = await createTestAuth({ store, legacy })
    id = (await place.auth.users.find(place.ada.email)).id
    token = opaqueToken()
    kept.set(token, { userId: id, expiresAt: new Date(place.clock().getTime() + 86_400_000) })
    return () => place.auth.close()
  })
  const live = async () => (await place.auth.sessions.list(id)).length

  test('is worth one session, however many bring it to two instances', async () => {
    const { auth, clock } = place
    const other = createAuth({ store: auth.store, legacy, clock })
    const grants = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 ? other : auth).refresh(token, caller)),
    )

    expect(new Set(grants.map(({ refreshToken }) => refreshToken)).size).toBe(1)
    expect(await live()).toBe(1)
  })

  test('is traded by the next try when the database could not commit', async () => {
    const { auth } = place
    fails = true
    await expect(auth.refresh(token, caller)).rejects.toMatchObject({ code: 'store_unavailable' })
    fails = false

    expect(await auth.refresh(token, caller)).toHaveProperty('refreshToken')
    expect(await live()).toBe(1)
  })
})
