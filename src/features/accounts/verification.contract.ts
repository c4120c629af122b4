import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Contract, race } from '../../testing/place.js'
import { instant, later, sampleUser, withEmail, withUsername } from '../../testing/samples.js'

const proof = { canonicalEmail: 'a@b.de', dropsPassword: false, now: later }

/** What every store of accounts must prove of addresses that are proved. */
export const verificationContract: Contract = {
  'an address is verified once, and the password stays': async ({ store }) => {
    const user = sampleUser({ ...withEmail('a@b.de'), ...withUsername('ada') })
    const other = sampleUser(withEmail('b@b.de'))
    await store.users.createIfAbsent(user)
    await store.users.createIfAbsent(other)

    equal(await store.users.verifyEmail(user.id, proof), true)
    const verified = { ...user, emailVerified: true, updatedAt: later }
    deepEqual(await store.users.find(user.id), verified)
    equal(await store.users.verifyEmail(user.id, { ...proof, dropsPassword: true }), false)
    deepEqual(await store.users.find(user.id), verified)
    deepEqual(await store.users.find(other.id), other)
  },

  'A-094: with the proof goes the password that was set before it': async ({ store }) => {
    for (const passwordHash of ['planted', null]) {
      const user = sampleUser({ ...withEmail(`${passwordHash}@b.de`), passwordHash })
      await store.users.createIfAbsent(user)
      const claim = { canonicalEmail: `${passwordHash}@b.de`, dropsPassword: true, now: later }

      equal(await store.users.verifyEmail(user.id, claim), true)
      const claimed = { ...user, emailVerified: true, passwordHash: null, updatedAt: later }
      deepEqual(await store.users.find(user.id), claimed)
      equal(await store.users.recordLogin(user.id, 'planted', later), false)
    }
  },

  'A-083 A-213: it is proved to the byte, and of nobody else': async ({ store }) => {
    const [user, without] = [sampleUser(withEmail('a@b.de')), sampleUser()]
    await store.users.createIfAbsent(user)
    await store.users.createIfAbsent(without)

    for (const canonicalEmail of ['A@b.de', 'a@b.de ', ' a@b.de', 'á@b.de', '', 'null'])
      for (const { id } of [user, without])
        equal(await store.users.verifyEmail(id, { ...proof, canonicalEmail }), false)
    equal(await store.users.verifyEmail('nobody', proof), false)
    deepEqual(await store.users.find(user.id), user)
    deepEqual(await store.users.find(without.id), without)
  },

  'of many who prove one address at once, one is told true': async (place) => {
    const user = sampleUser(withEmail('a@b.de'))
    await place.store.users.createIfAbsent(user)
    const told = await race(place, async ({ users }, gate, index) => {
      equal((await users.find(user.id))?.emailVerified, false)
      await gate()
      return users.verifyEmail(user.id, { ...proof, dropsPassword: index % 2 === 0 })
    })

    equal(told.filter(Boolean).length, 1)
    const isDropped = told.indexOf(true) % 2 === 0
    equal((await place.store.users.find(user.id))?.passwordHash === null, isDropped)
  },

  'A-096: who signs in by a password while it is dropped is in before or not at all': async (
    place,
  ) => {
    const user = sampleUser(withEmail('a@b.de'))
    await place.store.users.createIfAbsent(user)
    const told = await race(place, async ({ users }, gate, index) => {
      ok(await users.find(user.id))
      await gate()
      if (index === 7) return users.verifyEmail(user.id, { ...proof, dropsPassword: true })
      await users.recordLogin(user.id, user.passwordHash, instant)
      return false
    })

    equal(told[7], true)
    equal((await place.store.users.find(user.id))?.passwordHash, null)
    equal(await place.store.users.recordLogin(user.id, user.passwordHash, later), false)
  },
}
