import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { ServiceKind } from '../../scripts/find-services.mjs'
import type { Store } from '../../src/stores/store.js'
import { instant, sampleSession, sampleUser, withUsername } from '../../src/testing/samples.js'
import { isOwnable, type OwnService, openService } from '../services/services.js'

const unavailable = { code: 'store_unavailable' }
const longest = 5000

/** What every store on a server must do while that server is away, silent, or has no hand free. */
export const outages = (kind: ServiceKind, open: (url: string) => Store): void => {
  describe.skipIf(!isOwnable(kind))(`${kind}: outages`, () => {
    let server: OwnService
    beforeAll(async () => {
      server = await openService(kind, { own: true })
    })
    afterAll(() => server.stop())

    const openStore = async (parameters = ''): Promise<Store> => {
      const store = open(`${await server.fresh({ keep: true })}${parameters}`)
      onTestFinished(() => store.close())
      await store.migrate()
      return store
    }

    test.each(['stop', 'kill'] as const)('R-18: after a %s the same store goes on', async (how) => {
      const store = await openStore()
      const user = sampleUser()
      await store.users.createIfAbsent(user)
      await (how === 'kill' ? server.kill() : server.stop('fast'))

      await refusesAll(store)
      await server.start()
      await expect(store.users.find(user.id)).resolves.toEqual(user)
      await expect(useOf(store)).resolves.toBe('created')
    })

    test('R-19: a server that hangs is given up within 5 s, by a crowd too, and used again', async () => {
      const store = await openStore()
      await useOf(store) // connections that were good a moment ago
      server.pause()
      try {
        await refusesAll(store)
        const crowd = Array.from({ length: 50 }, () => inTime(store.users.find('nobody')))
        for (const outcome of await Promise.all(crowd)) expect(outcome).toMatchObject(unavailable)
      } finally {
        server.resume()
      }

      await expect(useOf(store)).resolves.toBe('created')
    })

    test('R-04: a work whose server dies leaves nothing behind', async () => {
      const store = await openStore()
      const user = sampleUser(withUsername('ada'))
      const work = store.transaction(async ({ users }) => {
        await users.createIfAbsent(user)
        await server.kill()
        await users.setActive(user.id, false, instant)
      })

      await expect(work).rejects.toMatchObject(unavailable)
      await server.start()
      expect(await store.users.find(user.id)).toBeUndefined()
      expect(await store.users.createIfAbsent(user)).toBe('created')
    })

    test('whoever finds all connections taken waits a while; the next one finds them free', async () => {
      const store = await openStore('?pool=1&timeout=1')
      await store.transaction(async ({ users }) => {
        const waiting = [store.users.find('nobody'), store.users.createIfAbsent(sampleUser())]
        for (const outcome of await Promise.all(waiting.map(inTime)))
          expect(outcome).toMatchObject(unavailable)
        await users.createIfAbsent(sampleUser())
      })

      expect(await store.users.list({ limit: 9 })).toHaveLength(1)
      await expect(useOf(store)).resolves.toBe('created')
    })

    test('whoever waits for a row that a stopped instance holds is told within 5 s', async () => {
      const store = await openStore()
      const [user, other] = [sampleUser(), sampleUser()]
      for (const each of [user, other]) await store.users.createIfAbsent(each)
      await store.transaction(async ({ users }) => {
        await users.setActive(user.id, false, instant)
        const waiting = store.users.setActive(user.id, true, instant)
        expect(await inTime(waiting)).toMatchObject(unavailable)
        expect(await store.users.setActive(other.id, false, instant)).toBe(true)
      })

      expect((await store.users.find(user.id))?.isActive).toBe(false)
    })

    test('a store that is closed twice, or before it was used, is closed', async () => {
      const store = open(await server.fresh({ keep: true }))
      await store.close()
      await store.close()
    })
  })
}

/** Everything that is asked of a store without its server. */
const refusesAll = async (store: Store): Promise<void> => {
  const asked = [
    store.users.find('nobody'),
    store.findSessionAndUser('nobody'),
    store.sessions.insert(sampleSession()),
    store.transaction(async ({ keys }) => keys.list()),
    store.places[0]?.ping(),
    store.migrate(),
  ]
  for (const outcome of await Promise.all(asked.map(inTime)))
    expect(outcome).toMatchObject(unavailable)
}

/** How a verb was refused, or that it came too late, or was not. */
const inTime = async (outcome: unknown): Promise<unknown> => {
  const begun = performance.now()
  try {
    await outcome
    return 'not refused'
  } catch (error) {
    return performance.now() - begun < longest ? error : 'too late'
  }
}

/** One of each kind of verb. */
const useOf = async (store: Store): Promise<string> => {
  const user = sampleUser()
  const outcome = await store.users.createIfAbsent(user)
  await store.sessions.insert(sampleSession({ userId: user.id }))
  await store.places[0]?.ping()
  await store.migrate()
  return outcome
}
