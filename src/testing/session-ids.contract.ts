import { deepEqual, equal } from 'node:assert/strict'
import { type Contract, race } from './place.js'
import { sampleEvent, sampleSession } from './samples.js'

/** What every store of sessions must prove of ids that are not new: something may happen once because an id exists once. */
export const sessionIdContract: Contract = {
  'an id that is taken is said to be, and the work goes on': async ({ store }) => {
    const session = sampleSession()
    equal(await store.sessions.insertIfAbsent(session), true)
    equal(await store.sessions.insertIfAbsent({ ...session, userId: 'thief' }), false)
    await store.transaction(async ({ sessions, events }) => {
      equal(await sessions.insertIfAbsent({ ...session, nonce: 'other' }), false)
      await events.append(sampleEvent({ sessionId: session.id }))
    })

    deepEqual(await store.sessions.find(session.id), session)
    equal((await store.events.list({ limit: 9 })).length, 1)
  },

  'of many who insert one id at once, one does': async (place) => {
    const session = sampleSession()
    const inserted = await race(place, async (store, gate, index) => {
      equal(await store.sessions.find(session.id), undefined)
      await gate()
      return store.transaction(async ({ sessions, events }) => {
        const isFirst = await sessions.insertIfAbsent({ ...session, userId: `user-${index}` })
        if (isFirst) await events.append(sampleEvent({ sessionId: session.id }))
        return isFirst
      })
    })

    equal(inserted.filter(Boolean).length, 1)
    const kept = await place.store.sessions.find(session.id)
    equal(kept?.userId, `user-${inserted.indexOf(true)}`)
    equal((await place.store.events.list({ limit: 9 })).length, 1)
  },
}
