import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Contract, race } from '../../testing/place.js'
import { instant, later, longestIdentity, sampleIdentity } from '../../testing/samples.js'
import type { Identity, IdentityNews } from './store.js'

/** Subjects that a lenient collation takes for one. */
const twins = [
  'a',
  'A',
  'á',
  'a\u0301',
  'ａ',
  'a ',
  ' a',
  'a\u00a0',
  'а',
  'a\u200b',
  '1',
  '01',
  '1.0',
]

const both = ['google', 'github']

const news: IdentityNews = {
  email: 'new@b.de',
  firstName: 'Ada 👋',
  lastName: null,
  picture: 'https://example.com/new.png',
  sealedTokens: 'v1.new',
  lastUsedAt: later,
}

/** A user with one login at each of these providers, in this order. */
const identitiesOf = (userId: string, providers: readonly string[] = both): Identity[] =>
  providers.map((provider, index) => {
    const createdAt = new Date(instant.getTime() + index)
    return sampleIdentity({ userId, provider, subject: `${userId} ${index}`, createdAt })
  })

/** What every store of identities must prove. */
export const identityContract: Contract = {
  'an identity reads back as it was written, by subject and by user': async ({ store }) => {
    for (const identity of [sampleIdentity(), longestIdentity()]) {
      equal(await store.identities.insertIfAbsent(identity), true)
      deepEqual(await store.identities.find(identity.provider, identity.subject), identity)
      deepEqual(await store.identities.list(identity.userId), [identity])
    }
  },

  'nobody is found under what was never written': async ({ store }) => {
    await store.identities.insertIfAbsent(sampleIdentity())

    for (const name of ['', 'null', 'nobody', "' or 1=1 --", '%', '2']) {
      equal(await store.identities.find('google', name), undefined)
      equal(await store.identities.find(name, '1'), undefined)
      deepEqual(await store.identities.list(name), [])
      equal(await store.identities.removeAll(name), 0)
    }
  },

  'A-211 A-213: subjects and providers are compared byte by byte': async ({ store }) => {
    for (const twin of twins) {
      const [subject, provider] = [sampleIdentity({ subject: twin }), { provider: twin }]
      equal(await store.identities.insertIfAbsent(subject), true, JSON.stringify(twin))
      equal(await store.identities.insertIfAbsent(sampleIdentity(provider)), true)
    }
    for (const twin of twins) {
      equal((await store.identities.find('google', twin))?.subject, twin)
      equal((await store.identities.find(twin, '1'))?.provider, twin)
    }
    equal(await store.identities.find('google', 'a  '), undefined)
    equal(await store.identities.find('Google', 'a'), undefined)
  },

  'one subject at one provider is one identity, whoever wants it': async ({ store }) => {
    const first = sampleIdentity()
    equal(await store.identities.insertIfAbsent(first), true)

    equal(await store.identities.insertIfAbsent(first), false)
    equal(await store.identities.insertIfAbsent(sampleIdentity()), false)
    equal(await store.identities.insertIfAbsent(sampleIdentity({ provider: 'github' })), true)
    deepEqual(await store.identities.find('google', '1'), first)
  },

  'those of a user are listed oldest first, and only those': async ({ store }) => {
    const own = identitiesOf('ada', ['google', 'github', 'gitlab'])
    for (const identity of [...own.toReversed(), ...identitiesOf('Ada'), ...identitiesOf('ada ')])
      await store.identities.insertIfAbsent(identity)

    deepEqual(await store.identities.list('ada'), own)
  },

  'news replace what was said before, and nothing else': async ({ store }) => {
    const [one, other] = [longestIdentity(), sampleIdentity()]
    await store.identities.insertIfAbsent(one)
    await store.identities.insertIfAbsent(other)

    equal(await store.identities.refresh(one.id, news), true)
    deepEqual(await store.identities.find(one.provider, one.subject), { ...one, ...news })
    deepEqual(await store.identities.find('google', '1'), other)
    equal(await store.identities.refresh('nobody', news), false)
  },

  'its use is noted for its user, and for nobody else': async ({ store }) => {
    const identity = sampleIdentity({ userId: 'ada' })
    await store.identities.insertIfAbsent(identity)

    for (const stranger of ['bob', 'Ada', 'ada ', ''])
      equal(await store.identities.use(identity.id, stranger, later), false)
    equal(await store.identities.use('nobody', 'ada', later), false)
    deepEqual(await store.identities.find('google', '1'), identity)
    equal(await store.identities.use(identity.id, 'ada', later), true)
    equal(await store.identities.use(identity.id, 'ada', later), true)
    deepEqual(await store.identities.find('google', '1'), { ...identity, lastUsedAt: later })
  },

  'one is removed only by its user, and its subject is free then': async ({ store }) => {
    const [google, github] = identitiesOf('ada')
    const [id = '', other] = [google?.id, identitiesOf('bob', ['google'])[0]]
    for (const identity of [google, github, other])
      if (identity) await store.identities.insertIfAbsent(identity)

    for (const userId of ['bob', 'Ada', 'ada ', ''])
      equal(await store.identities.remove({ userId, id }), 'missing')
    equal(await store.identities.remove({ userId: 'ada', id: 'nobody' }), 'missing')
    equal(await store.identities.remove({ userId: 'ada', id }), 'removed')
    equal(await store.identities.remove({ userId: 'ada', id }), 'missing')
    deepEqual(await store.identities.list('ada'), [github])
    deepEqual(await store.identities.list('bob'), [other])
    equal(await store.identities.use(id, 'ada', later), false)
    equal(await store.identities.insertIfAbsent({ ...(google ?? sampleIdentity()) }), true)
  },

  'the last one of some providers stays where it has to': async ({ store }) => {
    const [google, github, gone] = identitiesOf('ada', ['google', 'github', 'gone'])
    for (const identity of [google, github, gone])
      if (identity) await store.identities.insertIfAbsent(identity)
    const remove = (identity: Identity | undefined, leavesOneOf?: readonly string[]) =>
      store.identities.remove({ userId: 'ada', id: identity?.id ?? '', leavesOneOf })

    equal(await remove(gone, []), 'last')
    equal(await remove(google, ['google', 'Github', 'github ']), 'last')
    equal(await remove(google, both), 'removed')
    equal(await remove(github, both), 'last')
    equal(await remove(google, both), 'missing')
    equal(await remove(gone, both), 'removed')
    deepEqual(await store.identities.list('ada'), [github])
    equal(await remove(github), 'removed')
  },

  'all of a user are removed and counted, and nobody else’s': async ({ store }) => {
    const others = [...identitiesOf('Ada'), ...identitiesOf('ada ')]
    for (const identity of [...identitiesOf('ada'), ...others])
      await store.identities.insertIfAbsent(identity)

    equal(await store.identities.removeAll('ada'), 2)
    equal(await store.identities.removeAll('ada'), 0)
    deepEqual(await store.identities.list('ada'), [])
    deepEqual(await store.identities.list('Ada'), others.slice(0, 2))
    deepEqual(await store.identities.list('ada '), others.slice(2))
  },

  'of many who bring one subject at once, one is told that it is theirs': async (place) => {
    const told = await race(place, async ({ identities }, gate, index) => {
      equal(await identities.find('google', '1'), undefined)
      await gate()
      const userId = `user ${index}`
      return (await identities.insertIfAbsent(sampleIdentity({ userId }))) ? [userId] : []
    })

    equal(told.flat().length, 1)
    equal((await place.store.identities.find('google', '1'))?.userId, told.flat()[0])
  },

  'of many who remove the last two at once, one does, and one identity stays': async (place) => {
    const pair = identitiesOf('ada')
    for (const identity of pair) await place.store.identities.insertIfAbsent(identity)
    const told = await race(place, async ({ identities }, gate, index) => {
      equal((await identities.list('ada')).length, 2)
      await gate()
      const id = pair[index % 2]?.id ?? ''
      return identities.remove({ userId: 'ada', id, leavesOneOf: both })
    })

    equal(told.filter((outcome) => outcome === 'removed').length, 1)
    equal(told.filter((outcome) => outcome === 'last').length, 10)
    equal((await place.store.identities.list('ada')).length, 1)
  },

  'of many who remove one at once, one is told so': async (place) => {
    const [google, github] = identitiesOf('ada')
    for (const identity of [google, github])
      if (identity) await place.store.identities.insertIfAbsent(identity)
    const told = await race(place, async ({ identities }, gate) => {
      ok(await identities.find('google', 'ada 0'))
      await gate()
      return identities.remove({ userId: 'ada', id: google?.id ?? '', leavesOneOf: both })
    })

    deepEqual(told.toSorted(), [...Array(19).fill('missing'), 'removed'])
    deepEqual(await place.store.identities.list('ada'), [github])
  },
}

/** What every store of things that work once must prove. */
export const spentContract: Contract = {
  'what works once works once': async ({ store }) => {
    for (const id of ['flow 1', 'flow 2', 'exchange 1', 'x'.repeat(64)]) {
      equal(await store.spent.spend(id, later), true)
      equal(await store.spent.spend(id, later), false)
      equal(await store.spent.spend(id, instant), false)
    }
  },

  'A-211 A-213: what was spent is compared byte by byte': async ({ store }) => {
    for (const twin of twins) equal(await store.spent.spend(twin, later), true)
    for (const twin of twins) equal(await store.spent.spend(twin, later), false)
  },

  'what has expired is forgotten, the oldest first, a few at a time': async ({ store }) => {
    const at = (index: number): Date => new Date(instant.getTime() + index)
    for (const index of [4, 2, 0, 3, 1]) await store.spent.spend(`flow ${index}`, at(index))
    await store.spent.spend('flow 9', later)

    equal(await store.spent.removeExpired(new Date(instant.getTime() - 1), 9), 0)
    equal(await store.spent.removeExpired(at(3), 3), 3)
    equal(await store.spent.spend('flow 3', later), false)
    equal(await store.spent.spend('flow 2', later), true)
    equal(await store.spent.removeExpired(at(3), 3), 1)
    equal(await store.spent.removeExpired(at(3), 3), 0)
    equal(await store.spent.spend('flow 4', later), false)
    equal(await store.spent.spend('flow 9', later), false)
  },

  'R-05: of many who spend one thing at once, one is told true': async (place) => {
    const told = await race(place, async ({ spent }, gate) => {
      await gate()
      return spent.spend('flow 1', later)
    })

    equal(told.filter(Boolean).length, 1)
  },
}
