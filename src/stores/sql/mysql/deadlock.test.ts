import { describe, expect, onTestFinished, test } from 'vitest'
import { isReachable, openService } from '../../../../test/services/services.js'
import type { UserStore } from '../../../features/accounts/store.js'
import { createArrivalGate } from '../../../testing/place.js'
import { instant, later, sampleUser, withUsername } from '../../../testing/samples.js'
import { sqlStore } from '../sql.js'

/** Meets a deadlock, and then writes. */
const ways: Record<string, (users: UserStore, other: string, name: string) => Promise<unknown>> = {
  'although the work caught the error': async (users, other, name) => {
    await users.setActive(other, false, later).catch(() => {})
    return users.createIfAbsent(sampleUser(withUsername(name)))
  },
  'although the work asked for the next before it knew': async (users, other, name) => {
    const [, created] = await Promise.all([
      users.setActive(other, false, later),
      users.createIfAbsent(sampleUser(withUsername(name))),
    ])
    return created
  },
}

describe.skipIf(!isReachable('mysql'))('a deadlock', () => {
  test.each(Object.entries(ways))('undoes a work whole, %s', async (_, goOn) => {
    const store = sqlStore(await (await openService('mysql')).fresh())
    onTestFinished(() => store.close())
    await store.migrate()
    const [one, two] = [sampleUser(), sampleUser()]
    for (const user of [one, two]) await store.users.createIfAbsent(user)
    const gate = createArrivalGate(2)
    let attempts = 0
    const work = (mine: string, other: string, name: string) =>
      store.transaction(async ({ users }) => {
        attempts += 1
        await users.setActive(mine, false, instant)
        await gate()
        return goOn(users, other, name)
      })
    const outcomes = await Promise.all([work(one.id, two.id, 'ada'), work(two.id, one.id, 'bob')])

    expect(outcomes).toEqual(['created', 'created'])
    expect(attempts).toBe(3)
    const users = await store.users.list({ limit: 9 })
    const active = users.filter(({ isActive }) => isActive).map(({ username }) => username)
    expect(active.toSorted()).toEqual(['ada', 'bob'])
    expect(users).toHaveLength(4)
  })

  test('a verb that nobody waited for does not reach into the next work', async () => {
    const store = sqlStore(`${await (await openService('mysql')).fresh()}?pool=1`)
    onTestFinished(() => store.close())
    await store.migrate()
    let users: UserStore | undefined
    await store.transaction(async (ports) => {
      users = ports.users
    })

    await expect(users?.createIfAbsent(sampleUser())).rejects.toThrow('The transaction is over')
    expect(await store.users.list({ limit: 9 })).toEqual([])
  })
})
