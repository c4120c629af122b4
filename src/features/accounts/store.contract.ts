import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict'
import { type Contract, race } from '../../testing/place.js'
import {
  instant,
  later,
  longestUser,
  sampleUser,
  withEmail,
  withUsername,
} from '../../testing/samples.js'
import type { User } from './store.js'

/** Spellings that a lenient collation takes for one: case, accents, width, and blanks at the end. */
const twins = ['ada', 'Ada', 'ADA', 'adá', 'ada\u0301', 'ａda', 'ada ', ' ada', 'ada\u00a0', 'adа']

/** What every store of accounts must prove. */
export const userContract: Contract = {
  'an account without anything optional reads back as it was written': async ({ store }) => {
    const user = sampleUser({ passwordHash: null })
    equal(await store.users.createIfAbsent(user), 'created')

    deepEqual(await store.users.find(user.id), user)
  },

  'an account with the longest values reads back by id, address and name': async ({ store }) => {
    const user = longestUser()
    await store.users.createIfAbsent(user)

    deepEqual(await store.users.find(user.id), user)
    deepEqual(await store.users.findByEmail(user.canonicalEmail ?? ''), user)
    deepEqual(await store.users.findByUsername(user.canonicalUsername ?? ''), user)
  },

  'nobody is found under what was never written': async ({ store }) => {
    await store.users.createIfAbsent(sampleUser())

    for (const name of ['', 'null', 'nobody', "' or 1=1 --", '%']) {
      equal(await store.users.find(name), undefined)
      equal(await store.users.findByEmail(name), undefined)
      equal(await store.users.findByUsername(name), undefined)
    }
  },

  'what a caller does to a row it read or wrote stays with the caller': async ({ store }) => {
    const written = sampleUser({ createdAt: new Date(instant), updatedAt: new Date(instant) })
    const kept = structuredClone(written)
    await store.users.createIfAbsent(written)
    written.createdAt.setTime(1)
    const read = await store.users.find(written.id)
    read?.updatedAt.setTime(1)

    deepEqual(await store.users.find(written.id), kept)
  },

  'a taken address is told before a taken name, and nothing is written': async ({ store }) => {
    await store.users.createIfAbsent(sampleUser({ ...withEmail('a@b.de'), ...withUsername('ada') }))
    const both = sampleUser({ ...withEmail('a@b.de'), ...withUsername('ada') })
    const name = sampleUser({ ...withEmail('c@d.de'), ...withUsername('ada') })

    equal(await store.users.createIfAbsent(both), 'email_taken')
    equal(await store.users.createIfAbsent(name), 'username_taken')
    equal(await store.users.findByEmail('c@d.de'), undefined)
    equal(await store.users.find(both.id), undefined)
  },

  'an id is never given twice': async ({ store }) => {
    const user = sampleUser(withEmail('a@b.de'))
    await store.users.createIfAbsent(user)

    await rejects(store.users.createIfAbsent({ ...user, ...withEmail('c@d.de') }))
    deepEqual(await store.users.find(user.id), user)
  },

  'A-083 A-211 A-213: names and addresses are compared byte by byte': async ({ store }) => {
    for (const twin of twins) {
      const user = sampleUser({ ...withEmail(`${twin}@b.de`), ...withUsername(twin) })
      equal(await store.users.createIfAbsent(user), 'created', JSON.stringify(twin))
    }
    for (const twin of twins) {
      equal((await store.users.findByUsername(twin))?.username, twin)
      equal((await store.users.findByEmail(`${twin}@b.de`))?.username, twin)
    }
    equal(await store.users.findByUsername('aDA'), undefined)
    equal(await store.users.findByUsername('ada  '), undefined)
  },

  'a profile change touches what it names, and nothing else': async ({ store }) => {
    const user = longestUser()
    await store.users.createIfAbsent(user)
    const change = { firstName: 'Ada 👋', lastName: null }

    equal(await store.users.updateProfile(user.id, change, later), 'updated')
    deepEqual(await store.users.find(user.id), { ...user, ...change, updatedAt: later })
  },

  'a name can be removed, kept in another spelling, and taken once free': async ({ store }) => {
    const [ada, bob] = [sampleUser(withUsername('ada')), sampleUser()]
    await store.users.createIfAbsent(ada)
    await store.users.createIfAbsent(bob)

    equal(await rename(ada, 'ADA', 'ada'), 'updated')
    equal((await store.users.findByUsername('ada'))?.username, 'ADA')
    equal(await rename(bob, 'ada', 'ada'), 'username_taken')
    equal((await store.users.find(bob.id))?.username, null)
    equal(await rename(ada, null, null), 'updated')
    equal(await rename(bob, 'ada', 'ada'), 'updated')
    equal((await store.users.findByUsername('ada'))?.id, bob.id)

    function rename(user: User, username: string | null, canonicalUsername: string | null) {
      return store.users.updateProfile(user.id, { username, canonicalUsername }, later)
    }
  },

  'changes to nobody are told apart from changes': async ({ store }) => {
    await store.users.createIfAbsent(sampleUser(withUsername('ada')))
    const taken = { username: 'ada', canonicalUsername: 'ada' }

    equal(await store.users.updateProfile('nobody', { firstName: 'A' }, later), 'missing')
    equal(await store.users.updateProfile('nobody', taken, later), 'missing')
    equal(await store.users.replacePasswordHash('nobody', null, 'new', later), false)
    equal(await store.users.setActive('nobody', true, later), false)
    equal(await store.users.recordLogin('nobody', null, later), false)
    equal(await store.users.remove('nobody'), false)
  },

  'a hash is replaced only if it still is the one that was read': async ({ store }) => {
    const [user, without] = [
      sampleUser({ passwordHash: 'old' }),
      sampleUser({ passwordHash: null }),
    ]
    await store.users.createIfAbsent(user)
    await store.users.createIfAbsent(without)

    for (const wrong of ['OLD', 'old ', '', null]) {
      equal(await store.users.replacePasswordHash(user.id, wrong, 'new', later), false)
    }
    equal(await store.users.replacePasswordHash(without.id, 'null', 'new', later), false)
    equal(await store.users.replacePasswordHash(user.id, 'old', 'new', later), true)
    equal(await store.users.replacePasswordHash(without.id, null, 'first', later), true)
    deepEqual(await store.users.find(user.id), { ...user, passwordHash: 'new', updatedAt: later })
    equal((await store.users.find(without.id))?.passwordHash, 'first')
  },

  'an account is disabled and enabled': async ({ store }) => {
    const user = sampleUser()
    await store.users.createIfAbsent(user)

    equal(await store.users.setActive(user.id, false, later), true)
    deepEqual(await store.users.find(user.id), { ...user, isActive: false, updatedAt: later })
    equal(await store.users.setActive(user.id, true, later), true)
    equal((await store.users.find(user.id))?.isActive, true)
  },

  'a login is noted only for an active account whose hash is the checked one': async ({
    store,
  }) => {
    for (const passwordHash of ['hash', null]) {
      const user = sampleUser({ passwordHash })
      await store.users.createIfAbsent(user)
      equal(await store.users.recordLogin(user.id, 'other', later), false)
      equal(await store.users.recordLogin(user.id, passwordHash, later), true)
      deepEqual(await store.users.find(user.id), { ...user, lastLoginAt: later })

      await store.users.setActive(user.id, false, later)
      equal(await store.users.recordLogin(user.id, passwordHash, instant), false)
      deepEqual((await store.users.find(user.id))?.lastLoginAt, later)
    }
  },

  'a removed account is gone, and its address and name are free': async ({ store }) => {
    const names = { ...withEmail('a@b.de'), ...withUsername('ada') }
    const [first, second] = [sampleUser(names), sampleUser(names)]
    await store.users.createIfAbsent(first)

    equal(await store.users.remove(first.id), true)
    equal(await store.users.find(first.id), undefined)
    equal(await store.users.findByEmail('a@b.de'), undefined)
    equal(await store.users.createIfAbsent(second), 'created')
    equal((await store.users.findByUsername('ada'))?.id, second.id)
  },

  'accounts are listed by id, page by page, each once': async ({ store }) => {
    const users = Array.from({ length: 7 }, () => sampleUser())
    for (const user of users) await store.users.createIfAbsent(user)
    const listed: string[] = []
    let afterId: string | undefined
    for (;;) {
      const page = await store.users.list({ afterId, limit: 3 })
      ok(page.length <= 3)
      if (page.length === 0) break
      listed.push(...page.map(({ id }) => id))
      notEqual(page.at(-1)?.id, afterId)
      afterId = page.at(-1)?.id
    }

    deepEqual(listed, users.map(({ id }) => id).sort())
  },

  'R-07: of many who take one address at once, one gets it': async (place) => {
    const outcomes = await race(place, async ({ users }, gate) => {
      equal(await users.findByEmail('a@b.de'), undefined)
      await gate()
      return users.createIfAbsent(sampleUser(withEmail('a@b.de')))
    })

    deepEqual(outcomes.toSorted(), ['created', ...Array(19).fill('email_taken')])
    equal((await place.store.users.list({ limit: 100 })).length, 1)
  },

  'of many who take one name at once, new or by renaming, one gets it': async (place) => {
    const outcomes = await race(place, async ({ users }, gate, index) => {
      const user = sampleUser()
      if (index < 10) await users.createIfAbsent(user)
      equal(await users.findByUsername('ada'), undefined)
      await gate()
      return index < 10
        ? users.updateProfile(user.id, withUsername('ada'), later)
        : users.createIfAbsent({ ...user, ...withUsername('ada') })
    })

    equal(outcomes.filter((outcome) => outcome === 'username_taken').length, 19)
    const users = await place.store.users.list({ limit: 100 })
    equal(users.filter(({ canonicalUsername }) => canonicalUsername === 'ada').length, 1)
  },

  'of many who replace one hash at once, one does': async (place) => {
    const user = sampleUser({ passwordHash: 'old' })
    await place.store.users.createIfAbsent(user)
    const winners = await race(place, async ({ users }, gate, index) => {
      const read = await users.find(user.id)
      await gate()
      const hash = `new ${index}`
      const won = await users.replacePasswordHash(user.id, read?.passwordHash ?? null, hash, later)
      return won ? [hash] : []
    })

    equal(winners.flat().length, 1)
    equal((await place.store.users.find(user.id))?.passwordHash, winners.flat()[0])
  },

  'of many who remove one account at once, one does': async (place) => {
    const user = sampleUser()
    await place.store.users.createIfAbsent(user)
    const removed = await race(place, async ({ users }, gate) => {
      ok(await users.find(user.id))
      await gate()
      return users.remove(user.id)
    })

    equal(removed.filter(Boolean).length, 1)
  },
}
