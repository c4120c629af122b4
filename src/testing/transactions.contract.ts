import { deepEqual, equal, rejects } from 'node:assert/strict'
import type { User } from '../features/accounts/store.js'
import type { Session } from '../features/sessions/store.js'
import type { Ports, Store } from '../stores/store.js'
import { type Contract, race, storeOf } from './place.js'
import {
  instant,
  lastInstant,
  later,
  sampleEvent,
  sampleIdentity,
  sampleKey,
  sampleSession,
  sampleTry,
  sampleUser,
  withEmail,
  withUsername,
} from './samples.js'

const proof = { canonicalEmail: 'a@b.de', now: later }
const failure = new Error('The work changed its mind')

/** A place that is lived in: an account with two sessions, and a key. */
const furnish = async ({ users, sessions, keys, attempts, identities }: Store) => {
  const user = sampleUser({ ...withEmail('a@b.de'), ...withUsername('ada') })
  const [one, two] = [sampleSession({ userId: user.id }), sampleSession({ userId: user.id })]
  const key = sampleKey(1)
  const identity = sampleIdentity({ userId: user.id })
  await users.createIfAbsent(user)
  await sessions.insert(one)
  await sessions.insert(two)
  await keys.append(key)
  await identities.insertIfAbsent(identity)
  await identities.insertIfAbsent(sampleIdentity({ userId: user.id, subject: '2' }))
  await attempts.reserve([sampleTry('one', 2), sampleTry('two', 1, { address: 'here' })], instant)
  return { user, one, two, key, identity }
}

/** Everything a place holds of what `furnish` put there, and of what came later. */
const inventory = async (
  store: Store,
  { user, one, two }: Awaited<ReturnType<typeof furnish>>,
) => ({
  users: await store.users.list({ limit: 100 }),
  byName: await store.users.findByUsername('ada'),
  sessions: [await store.sessions.find(one.id), await store.sessions.find(two.id)],
  live: await store.sessions.listLive({ userId: user.id, now: later, limit: 100 }),
  keys: await store.keys.list(),
  events: await store.events.list({ limit: 100 }),
  identities: await store.identities.list(user.id),
  blocked: await store.attempts.listBlocked({ now: instant, limit: 100 }),
})

type Furniture = { user: User; one: Session; two: Session } & Record<'key' | 'identity', Kept>
type Kept = { id: string }

/** Every verb that changes something, each with an effect that can be seen. */
const changes = (
  { user, one, two, key, identity }: Furniture,
  ports: Ports,
): Record<string, () => Promise<unknown>> => ({
  createIfAbsent: () => ports.users.createIfAbsent(sampleUser(withEmail('new@b.de'))),
  updateProfile: () => ports.users.updateProfile(user.id, withUsername('other'), later),
  replacePasswordHash: () =>
    ports.users.replacePasswordHash(user.id, user.passwordHash, 'changed', later),
  recordLogin: () => ports.users.recordLogin(user.id, 'changed', later),
  verifyEmail: () => ports.users.verifyEmail(user.id, { ...proof, dropsPassword: true }),
  setActive: () => ports.users.setActive(user.id, false, later),
  insert: () => ports.sessions.insert(sampleSession({ userId: user.id })),
  insertIfAbsent: () => ports.sessions.insertIfAbsent(sampleSession({ userId: user.id })),
  rotate: () => ports.sessions.rotate({ id: one.id, generation: 0, now: later, expiresAt: later }),
  revoke: () => ports.sessions.revoke(two.id, later),
  revokeAll: () => ports.sessions.revokeAll(user.id, later),
  removeAll: () => ports.sessions.removeAll(user.id),
  append: () => ports.events.append(sampleEvent()),
  'keys append': () => ports.keys.append(sampleKey(2)),
  'keys remove': () => ports.keys.remove(key.id),
  reserve: () => ports.attempts.reserve([sampleTry('one', 2)], instant),
  fail: () => ports.attempts.fail('one', instant, later),
  giveBack: () => ports.attempts.giveBack([{ key: 'two', blockedUntil: lastInstant }]),
  clear: () => ports.attempts.clear(['two']),
  clearAll: () => ports.attempts.clearAll({ address: 'here' }),
  removeForgotten: () => ports.attempts.removeForgotten(instant, 9),
  'identities insertIfAbsent': () =>
    ports.identities.insertIfAbsent(sampleIdentity({ userId: user.id, subject: '3' })),
  'identities refresh': () =>
    ports.identities.refresh(identity.id, { ...sampleIdentity(), lastName: 'new' }),
  'identities use': () => ports.identities.use(identity.id, user.id, later),
  'identities remove': () => ports.identities.remove({ userId: user.id, id: identity.id }),
  'identities removeAll': () => ports.identities.removeAll(user.id),
  remove: () => ports.users.remove(user.id),
})

/** What every store must prove of its transactions. */
export const transactionContract: Contract = {
  'the changes of a work all happen, and its result is handed on': async ({ store }) => {
    const user = sampleUser()
    const result = await store.transaction(async ({ users, events }) => {
      await users.createIfAbsent(user)
      await events.append(sampleEvent({ subjectId: user.id }))
      return ['done']
    })

    deepEqual(result, ['done'])
    deepEqual(await store.users.find(user.id), user)
    equal((await store.events.list({ subjectId: user.id, limit: 9 })).length, 1)
  },

  'a work reads what it has written': async ({ store }) => {
    const { user, one } = await furnish(store)
    await store.transaction(async ({ users, sessions, keys, events }) => {
      await users.updateProfile(user.id, withUsername('other'), later)
      equal((await users.findByUsername('other'))?.id, user.id)
      equal(await users.findByUsername('ada'), undefined)
      await users.remove(user.id)
      equal(await users.find(user.id), undefined)
      deepEqual(await users.list({ limit: 9 }), [])
      await sessions.rotate({ id: one.id, generation: 0, now: later, expiresAt: later })
      equal((await sessions.find(one.id))?.generation, 1)
      await sessions.revoke(one.id, later)
      equal((await sessions.listLive({ userId: user.id, now: instant, limit: 9 })).length, 1)
      equal(await keys.append(sampleKey(1)), false)
      await events.append(sampleEvent())
      equal((await events.list({ limit: 9 })).length, 1)
    })
  },

  'a work that throws leaves everything as it was, whatever it had done': async ({ store }) => {
    const present = await furnish(store)
    const before = await inventory(store, present)
    const outcome = store.transaction(async (ports) => {
      for (const change of Object.values(changes(present, ports))) await change()
      throw failure
    })

    await rejects(outcome, failure)
    deepEqual(await inventory(store, present), before)
  },

  'each single change is undone by a later failure of its work': async ({ store }) => {
    const present = await furnish(store)
    const before = await inventory(store, present)
    for (const name of Object.keys(changes(present, store))) {
      const outcome = store.transaction(async (ports) => {
        await changes(present, ports)[name]?.()
        throw failure
      })
      await rejects(outcome, failure)
      deepEqual(await inventory(store, present), before, name)
    }
  },

  'what a failed work has spent, or forgotten, is as it was': async ({ store }) => {
    await store.spent.spend('old', instant)
    const outcome = store.transaction(async ({ spent }) => {
      equal(await spent.spend('new', lastInstant), true)
      equal(await spent.spend('new', lastInstant), false)
      equal(await spent.spend('old', lastInstant), false)
      equal(await spent.removeExpired(instant, 9), 1)
      throw failure
    })

    await rejects(outcome, failure)
    equal(await store.spent.spend('new', lastInstant), true)
    equal(await store.spent.spend('old', lastInstant), false)
  },

  'a failed verb inside a work that goes on costs nothing else of it': async ({ store }) => {
    const { user } = await furnish(store)
    await store.transaction(async ({ users, identities, spent, events }) => {
      equal(await users.createIfAbsent(sampleUser(withEmail('a@b.de'))), 'email_taken')
      equal(await identities.insertIfAbsent(sampleIdentity()), false)
      equal(await spent.spend('flow', later), true)
      equal(await spent.spend('flow', later), false)
      const other = sampleUser()
      await users.createIfAbsent(other)
      equal(await users.updateProfile(other.id, withUsername('ada'), later), 'username_taken')
      await events.append(sampleEvent({ subjectId: user.id }))
    })

    equal((await store.users.list({ limit: 9 })).length, 2)
    equal((await store.events.list({ limit: 9 })).length, 1)
  },

  'works that begin together neither see nor undo each other': async (place) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        place.store.transaction(async ({ users, events }) => {
          await users.createIfAbsent(sampleUser(withUsername(`user-${index}`)))
          await events.append(sampleEvent({ details: { index } }))
          if (index % 2 === 1) throw failure
        }),
      ),
    )
    const even = Array.from({ length: 10 }, (_, index) => index * 2)

    equal(outcomes.filter(({ status }) => status === 'rejected').length, 10)
    const trail = await place.store.events.list({ limit: 100 })
    deepEqual(trail.map(({ details }) => details.index).toSorted(byNumber), even)
    equal((await place.store.users.list({ limit: 100 })).length, 10)
  },

  'nobody outside sees a change before its work is done': async ({ store }) => {
    const present = await furnish(store)
    const before = await inventory(store, present)
    await store.transaction(async (ports) => {
      for (const [name, change] of Object.entries(changes(present, ports))) {
        await change()
        deepEqual(await inventory(store, present), before, name)
      }
    })

    equal(await store.users.find(present.user.id), undefined)
  },

  'what one instance has written, all others read at once': async ({ store, instances }) => {
    for (const [index, instance] of instances.entries()) {
      const user = sampleUser(withUsername(`user-${index}`))
      await instance.users.createIfAbsent(user)
      for (const other of [store, ...instances]) deepEqual(await other.users.find(user.id), user)
    }
  },

  'many works on one row lose no update': async (place) => {
    const session = sampleSession()
    await place.store.sessions.insert(session)
    const rotateOnce = (store: Store) =>
      store.transaction(async ({ sessions, events }) => {
        const read = await sessions.find(session.id)
        const generation = read?.generation ?? -1
        const rotation = { id: session.id, generation, now: later, expiresAt: later }
        if (!(await sessions.rotate(rotation))) return false
        await events.append(sampleEvent({ sessionId: session.id }))
        return true
      })
    await race(place, async (store, gate) => {
      await gate()
      while (!(await rotateOnce(store))) {} // whoever came second reads again
    })

    equal((await place.store.sessions.find(session.id))?.generation, 20)
    equal((await place.store.events.list({ limit: 100 })).length, 20)
  },

  'a way in that is removed lets nobody in afterwards, nor stays who came in before': async (
    place,
  ) => {
    const { user, identity } = await furnish(place.store)
    await race(place, async (store, gate, index) => {
      await gate()
      await store.transaction(async ({ identities, sessions }) => {
        if (index === 7) {
          await identities.remove({ userId: user.id, id: identity.id })
          await sessions.revokeAll(user.id, later)
        } else if (await identities.use(identity.id, user.id, later)) {
          await sessions.insert(sampleSession({ userId: user.id }))
        }
      })
    })

    deepEqual(await place.store.sessions.listLive({ userId: user.id, now: later, limit: 99 }), [])
  },

  'works that lock the same rows in opposite order all end': async (place) => {
    const [one, two] = [sampleUser(), sampleUser()]
    for (const user of [one, two]) await place.store.users.createIfAbsent(user)
    const works = [true, false, true, false].map((isActive, index) =>
      storeOf(place, index).transaction(async ({ users }) => {
        for (const { id } of isActive ? [one, two] : [two, one])
          await users.setActive(id, isActive, later)
      }),
    )
    await Promise.all(works)

    const states = (await place.store.users.list({ limit: 9 })).map(({ isActive }) => isActive)
    equal(states[0], states[1])
  },
}

const byNumber = (a: unknown, b: unknown): number => Number(a) - Number(b)
