import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { type Contract, race, storeOf } from '../../testing/place.js'
import { longestUser, sampleUser, withEmail, withUsername } from '../../testing/samples.js'
import type { Addition, User, UserStore } from './store.js'

type Extra = Required<Pick<UserStore, 'addMany' | 'tryMany' | 'nextNumber' | 'raiseNumber'>>

const extrasOf = ({ addMany, tryMany, nextNumber, raiseNumber }: UserStore): Extra => {
  if (!addMany || !tryMany || !nextNumber || !raiseNumber) throw new Error('A verb is missing')
  return { addMany, tryMany, nextNumber, raiseNumber }
}

const person = (index: number, part: Partial<User> = {}): User =>
  sampleUser({ ...withEmail(`person${index}@b.de`), ...withUsername(`person${index}`), ...part })

const count = (additions: readonly Addition[], addition: Addition): number =>
  additions.filter((each) => each === addition).length

/** What every store of accounts must prove that takes in accounts of another place. */
export const additionContract: Contract = {
  'many accounts are added at once and read back as they were written': async ({ store }) => {
    const { addMany, tryMany } = extrasOf(store.users)
    const users = [longestUser(), ...Array.from({ length: 236 }, (_, index) => person(index))]

    deepEqual(await tryMany(users), Array(237).fill('created'))
    deepEqual(await store.users.list({ limit: 300 }), [])
    deepEqual(await addMany(users), Array(237).fill('created'))
    const inOrder = users.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    deepEqual(await store.users.list({ limit: 300 }), inOrder)
    deepEqual(await addMany([]), [])
  },

  'accounts that are there already are told one by one and stay as they are': async ({ store }) => {
    const { addMany, tryMany } = extrasOf(store.users)
    const before = [person(1), person(2), person(3)]
    equal(count(await addMany(before), 'created'), 3)
    const [one, two, three] = before
    const again = [
      person(100),
      { ...person(101), id: one?.id ?? '' },
      { ...person(1, { passwordHash: 'another' }), id: one?.id ?? '' },
      person(102, withEmail(two?.email ?? '')),
      person(103, withUsername(three?.username ?? '')),
      person(104),
    ]

    const told = ['created', 'id_taken', 'present', 'email_taken', 'username_taken', 'created']
    deepEqual(await tryMany(again), told)
    deepEqual(await addMany(again), told)
    for (const user of before) deepEqual(await store.users.find(user.id), user)
    equal((await store.users.list({ limit: 100 })).length, 5)
    deepEqual(await addMany(again), ['present', ...told.slice(1, 5), 'present'])
  },

  'of two in one list that are in each other’s way the first comes in': async ({ store }) => {
    const { addMany, tryMany } = extrasOf(store.users)
    const first = person(1)
    const list = [
      first,
      { ...person(2), id: first.id },
      person(3, withEmail(first.email ?? '')),
      person(4, withUsername(first.username ?? '')),
      person(5),
      person(6, withEmail('person3@b.de')), // the third did not come in and occupies nothing
    ]

    const told = ['created', 'id_taken', 'email_taken', 'username_taken', 'created', 'created']
    deepEqual(await tryMany(list), told)
    deepEqual(await addMany(list), told)
    equal((await store.users.list({ limit: 100 })).length, 3)
  },

  'accounts without address and name are in nobody’s way': async ({ store }) => {
    const { addMany } = extrasOf(store.users)
    const users = Array.from({ length: 12 }, () => sampleUser())

    equal(count(await addMany(users), 'created'), 12)
    equal(count(await addMany(users), 'present'), 12)
  },

  'a work that fails takes the many accounts it added back': async ({ store }) => {
    const users = Array.from({ length: 12 }, (_, index) => person(index))
    const failure = new Error('The work fails')
    const work = store.transaction(async (ports) => {
      equal(count(await extrasOf(ports.users).addMany(users), 'created'), 12)
      throw failure
    })

    await rejects(work, failure)
    deepEqual(await store.users.list({ limit: 100 }), [])
  },

  'R-07: of many who add overlapping lists at once, each account comes in once': async (place) => {
    const users = Array.from({ length: 40 }, (_, index) => person(index))
    const additions = await race(place, async (store, gate, index) => {
      const { addMany, tryMany } = extrasOf(store.users)
      const own = users
        .slice(index, index + 20)
        .map((user) => (index % 2 === 0 ? user : { ...user, id: sampleUser().id }))
      equal(count(await tryMany(own), 'created'), 20)
      await gate()
      return addMany(own)
    })

    equal(count(additions.flat(), 'created'), 39)
    const kept = await place.store.users.list({ limit: 100 })
    equal(kept.length, 39)
    equal(new Set(kept.map(({ canonicalEmail }) => canonicalEmail)).size, 39)
  },

  'numbers begin at 1, and each of many callers at once is given another': async (place) => {
    equal(await extrasOf(place.store.users).nextNumber(), 1)
    const given = await Promise.all(
      Array.from({ length: 50 }, (_, index) => extrasOf(storeOf(place, index).users).nextNumber()),
    )

    const inOrder = given.map(Number).sort((a, b) => a - b)
    equal(new Set(inOrder).size, 50)
    ok((inOrder[0] ?? 0) > 1)
  },

  'numbers go on above the one they were raised to, and are never lowered': async (place) => {
    const [one, other] = [extrasOf(storeOf(place, 0).users), extrasOf(storeOf(place, 1).users)]
    await one.raiseNumber(41)
    equal(await other.nextNumber(), 42)
    await other.raiseNumber(7)
    equal(await one.nextNumber(), 43)
    await Promise.all([one.raiseNumber(5_000_000_000), other.raiseNumber(100), one.nextNumber()])

    ok(Number(await other.nextNumber()) > 5_000_000_000)
  },
}
