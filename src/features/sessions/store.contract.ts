import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict'
import { addSeconds } from '../../lib/clock.js'
import { createId } from '../../lib/id.js'
import type { Store } from '../../stores/store.js'
import { type Contract, race } from '../../testing/place.js'
import {
  instant,
  later,
  longestSession,
  longestUser,
  sampleSession,
  sampleUser,
} from '../../testing/samples.js'
import type { Session } from './store.js'

/** What every store of sessions must prove. */
export const sessionContract: Contract = {
  'a session reads back as it was written': async ({ store }) => {
    for (const session of [sampleSession(), longestSession()]) {
      await store.sessions.insert(session)
      deepEqual(await store.sessions.find(session.id), session)
    }
    equal(await store.sessions.find('nobody'), undefined)
    equal(await store.sessions.find(''), undefined)
  },

  'an id is never given twice': async ({ store }) => {
    const session = sampleSession()
    await store.sessions.insert(session)

    await rejects(store.sessions.insert({ ...session, userId: 'thief' }))
    deepEqual(await store.sessions.find(session.id), session)
  },

  'rotation advances the generation by one and moves the times, and nothing else': async ({
    store,
  }) => {
    const { id, ...session } = sampleSession({ generation: 41 })
    await store.sessions.insert({ id, ...session })
    const rotation = { id, generation: 41, next: 50, now: later, expiresAt: addSeconds(later, 60) }

    equal(await store.sessions.rotate(rotation), true)
    deepEqual(await store.sessions.find(id), {
      ...session,
      id,
      generation: 50,
      lastUsedAt: later,
      expiresAt: rotation.expiresAt,
    })
  },

  'rotation is refused for another generation, an ended session, and no session': async ({
    store,
  }) => {
    const live = sampleSession({ generation: 5 })
    const ended = sampleSession({ generation: 5, revokedAt: instant })
    for (const session of [live, ended]) await store.sessions.insert(session)
    const rotate = (id: string, generation: number) =>
      store.sessions.rotate({ id, generation, now: later, expiresAt: later })

    for (const generation of [4, 6, 0]) equal(await rotate(live.id, generation), false)
    equal(await rotate(ended.id, 5), false)
    equal(await rotate('nobody', 5), false)
    deepEqual(await store.sessions.find(live.id), live)
    deepEqual(await store.sessions.find(ended.id), ended)
  },

  'a session ends once, and keeps the instant of its end': async ({ store }) => {
    const session = sampleSession()
    await store.sessions.insert(session)

    equal(await store.sessions.revoke(session.id, instant), true)
    equal(await store.sessions.revoke(session.id, later), false)
    equal(await store.sessions.revoke('nobody', later), false)
    deepEqual(await store.sessions.find(session.id), { ...session, revokedAt: instant })
  },

  'live sessions are those of the user that neither ended nor expired, newest first': async ({
    store,
  }) => {
    const userId = 'ada'
    const of = (seconds: number, part = {}) =>
      sampleSession({ id: createId(addSeconds(instant, seconds)), userId, ...part })
    const [oldest, newest, middle] = [of(1), of(3), of(2)]
    const others = [
      of(4, { revokedAt: instant }),
      of(5, { expiresAt: later }),
      of(6, { userId: 'Ada' }),
      of(7, { userId: 'ada ' }),
    ]
    for (const session of [oldest, newest, middle, ...others]) await store.sessions.insert(session)

    const list = (who: string, now: Date) =>
      store.sessions.listLive({ userId: who, now, limit: 100 })
    deepEqual(await list(userId, later), [newest, middle, oldest])
    equal((await list(userId, addSeconds(later, -0.001))).length, 4)
    deepEqual(await list('nobody', later), [])
  },

  'all sessions of a user end but the excepted one, and are counted': async ({ store }) => {
    const [kept, one, two] = Array.from({ length: 3 }, () => sampleSession({ userId: 'ada' }))
    const ended = sampleSession({ userId: 'ada', revokedAt: instant })
    const foreign = sampleSession({ userId: 'bob' })
    for (const session of [kept, one, two, ended, foreign]) {
      if (session !== undefined) await store.sessions.insert(session)
    }

    equal(await store.sessions.revokeAll('ada', later, kept?.id), 2)
    deepEqual(await store.sessions.listLive({ userId: 'ada', now: later, limit: 9 }), [kept])
    deepEqual((await store.sessions.find(ended.id))?.revokedAt, instant)
    equal(await store.sessions.revokeAll('ada', later), 1)
    equal(await store.sessions.revokeAll('ada', later), 0)
    deepEqual(await store.sessions.find(foreign.id), foreign)
  },

  'the excepted session protects nobody but its own user': async ({ store }) => {
    const [ada, bob] = [sampleSession({ userId: 'ada' }), sampleSession({ userId: 'bob' })]
    for (const session of [ada, bob]) await store.sessions.insert(session)

    equal(await store.sessions.revokeAll('ada', later, bob.id), 1)
  },

  'of too many live sessions of a user the oldest end': async ({ store: { sessions } }) => {
    const of = (seconds: number, part = {}) =>
      sampleSession({ userId: 'ada', id: createId(addSeconds(instant, seconds)), ...part })
    const [one, two, three, four] = [of(1), of(2), of(3), of(4)]
    const uncounted = [
      of(5, { revokedAt: instant }),
      of(6, { expiresAt: later }),
      of(0, { userId: 'bob' }),
    ]
    for (const session of [one, two, three, four, ...uncounted]) await sessions.insert(session)
    const keep = async (count: number, { id: newestId }: Session) => {
      const surplus = { userId: 'ada', newestId, keep: count, now: later }
      const ended = await sessions.revokeBeyond(surplus)
      return [ended, await sessions.listLive({ userId: 'ada', now: later, limit: 9 })]
    }

    deepEqual(await keep(5, four), [0, [four, three, two, one]])
    deepEqual(await keep(4, four), [0, [four, three, two, one]])
    deepEqual(await keep(3, four), [1, [four, three, two]])
    deepEqual((await sessions.find(one.id))?.revokedAt, later)
    deepEqual(await keep(2, two), [1, [four, two]]) // the clocks of two instances may differ
    deepEqual(await keep(1, two), [1, [two]])
    deepEqual(await keep(1, two), [0, [two]])
    for (const session of uncounted) deepEqual(await sessions.find(session.id), session)
  },

  'A-053: however many log in at once, no more are left than may be, and the newest stays': async (
    place,
  ) => {
    const user = sampleUser()
    await place.store.users.createIfAbsent(user)
    const signIn = (store: Store) =>
      store.transaction(async ({ users, sessions }) => {
        const session = sampleSession({ userId: user.id })
        ok(await users.recordLogin(user.id, user.passwordHash, later))
        await sessions.insert(session)
        const { id: newestId, userId } = session
        await sessions.revokeBeyond({ userId, newestId, keep: 5, now: later })
        return newestId
      })
    const first = [await signIn(place.store), await signIn(place.store), await signIn(place.store)]
    const ids = await race(place, (store, gate) => gate().then(() => signIn(store)))
    const left = await place.store.sessions.listLive({ userId: user.id, now: later, limit: 99 })

    ok(left.length <= 5)
    equal(left[0]?.id, [...first, ...ids].sort().at(-1))
  },

  'all sessions of a user are removed, and of nobody else': async ({ store }) => {
    const [ada, bob] = [sampleSession({ userId: 'ada' }), sampleSession({ userId: 'bob' })]
    for (const session of [ada, bob]) await store.sessions.insert(session)
    await store.sessions.removeAll('ada')
    await store.sessions.removeAll('nobody')

    equal(await store.sessions.find(ada.id), undefined)
    deepEqual(await store.sessions.find(bob.id), bob)
  },

  'live sessions are listed page by page, each once': async ({ store }) => {
    const sessions = Array.from({ length: 7 }, () => sampleSession({ userId: 'ada' }))
    for (const session of sessions) await store.sessions.insert(session)
    const listed: string[] = []
    let afterId: string | undefined
    for (;;) {
      const query = { userId: 'ada', now: later, limit: 3 }
      const page = await store.sessions.listLive({ ...query, afterId })
      ok(page.length <= 3)
      if (page.length === 0) break
      listed.push(...page.map(({ id }) => id))
      notEqual(page.at(-1)?.id, afterId)
      afterId = page.at(-1)?.id
    }

    deepEqual(
      listed,
      sessions
        .map(({ id }) => id)
        .sort()
        .reverse(),
    )
  },

  'a session and its user are read together': async ({ store }) => {
    const user = longestUser()
    const [session, orphan] = [sampleSession({ userId: user.id }), longestSession()]
    await store.users.createIfAbsent(user)
    await store.sessions.insert(session)
    await store.sessions.insert(orphan)

    deepEqual(await store.findSessionAndUser(session.id), { session, user })
    deepEqual(await store.findSessionAndUser(orphan.id), { session: orphan, user: undefined })
    equal(await store.findSessionAndUser('nobody'), undefined)
  },

  'R-26: expired sessions are removed in small batches, the oldest first, and no others': async ({
    store,
  }) => {
    const of = (seconds: number, part = {}) =>
      sampleSession({ userId: 'ada', expiresAt: addSeconds(later, seconds), ...part })
    const expired = [of(-1), of(-3), of(-2), of(0, { revokedAt: instant })]
    const live = [of(1), of(0.001, { revokedAt: instant })]
    for (const session of [...expired, ...live]) await store.sessions.insert(session)
    const find = (session: Session | undefined) => store.sessions.find(session?.id ?? '')

    if (store.sessions.forgetsExpired) {
      equal(await store.sessions.removeExpired(later, 100), 0)
      for (const session of live) deepEqual(await find(session), session)
      return
    }
    equal(await store.sessions.removeExpired(later, 2), 2)
    deepEqual([await find(expired[1]), await find(expired[2])], [undefined, undefined])
    deepEqual(await find(expired[0]), expired[0])
    equal(await store.sessions.removeExpired(later, 100), 2)
    equal(await store.sessions.removeExpired(later, 100), 0)
    for (const session of live) deepEqual(await find(session), session)
  },

  'R-02: of many who rotate one generation at once, one does': async (place) => {
    const session = sampleSession()
    await place.store.sessions.insert(session)
    const rotated = await race(place, async ({ sessions }, gate) => {
      const read = await sessions.find(session.id)
      await gate()
      return sessions.rotate({
        id: session.id,
        generation: read?.generation ?? -1,
        now: later,
        expiresAt: later,
      })
    })

    equal(rotated.filter(Boolean).length, 1)
    equal((await place.store.sessions.find(session.id))?.generation, 1)
  },

  'of many who end one session at once, one does': async (place) => {
    const session = sampleSession()
    await place.store.sessions.insert(session)
    const ended = await race(place, async ({ sessions }, gate) => {
      ok(await sessions.find(session.id))
      await gate()
      return sessions.revoke(session.id, later)
    })

    equal(ended.filter(Boolean).length, 1)
  },

  'of many who end all sessions at once, together they end each once': async (place) => {
    for (let count = 0; count < 5; count += 1) {
      await place.store.sessions.insert(sampleSession({ userId: 'ada' }))
    }
    const ended = await race(place, async ({ sessions }, gate) => {
      equal((await sessions.listLive({ userId: 'ada', now: later, limit: 9 })).length, 5)
      await gate()
      return sessions.revokeAll('ada', later)
    })

    equal(
      ended.reduce((sum, count) => sum + count, 0),
      5,
    )
  },

  'a session that ends while it is rotated does not live on': async (place) => {
    const session = sampleSession()
    await place.store.sessions.insert(session)
    const outcomes = await race(place, async ({ sessions }, gate, index) => {
      const read = await sessions.find(session.id)
      await gate()
      if (index === 10) return sessions.revoke(session.id, later)
      const generation = read?.generation ?? -1
      return sessions.rotate({ id: session.id, generation, now: later, expiresAt: later })
    })

    ok(outcomes[10])
    deepEqual((await place.store.sessions.find(session.id))?.revokedAt, later)
  },
}
