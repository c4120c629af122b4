import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Contract, race } from '../../testing/place.js'
import { longestEvent, sampleEvent } from '../../testing/samples.js'
import type { AuthEvent, RecordedEvent } from './store.js'

const withoutSequence = ({ sequence: _, ...event }: RecordedEvent): AuthEvent => event

/** What every trail of events must prove. */
export const eventContract: Contract = {
  'events read back as they were written, in the order of recording': async ({ store }) => {
    const events = [longestEvent(), sampleEvent(), sampleEvent({ type: 'sessions.ended' })]
    for (const event of events) await store.events.append(event)
    const trail = await store.events.list({ limit: 100 })

    deepEqual(trail.map(withoutSequence), events)
    ok(trail.every((event, index) => index === 0 || event.sequence > sequenceBefore(trail, index)))
  },

  'the trail is read page by page, each event once': async ({ store }) => {
    for (let count = 0; count < 7; count += 1) {
      await store.events.append(sampleEvent({ details: { count } }))
    }
    const counts: unknown[] = []
    let afterSequence: number | undefined
    for (;;) {
      const page = await store.events.list({ afterSequence, limit: 3 })
      ok(page.length <= 3)
      if (page.length === 0) break
      counts.push(...page.map(({ details }) => details.count))
      afterSequence = page.at(-1)?.sequence
    }

    deepEqual(counts, [0, 1, 2, 3, 4, 5, 6])
  },

  'the trail of one account holds its events only, also page by page': async ({ store }) => {
    for (const subjectId of ['ada', null, 'Ada', 'ada', 'ada ', 'bob', 'ada']) {
      await store.events.append(sampleEvent({ subjectId }))
    }
    const first = await store.events.list({ subjectId: 'ada', limit: 2 })
    const afterSequence = first.at(-1)?.sequence
    const rest = await store.events.list({ subjectId: 'ada', afterSequence, limit: 2 })

    equal(first.length, 2)
    equal(rest.length, 1)
    ok([...first, ...rest].every(({ subjectId }) => subjectId === 'ada'))
    deepEqual(await store.events.list({ subjectId: 'nobody', limit: 2 }), [])
  },

  'of many who record at once nobody is lost, and no number is given twice': async (place) => {
    await race(place, async ({ events }, gate, index) => {
      await gate()
      await events.append(sampleEvent({ details: { index } }))
    })
    const trail = await place.store.events.list({ limit: 100 })

    equal(new Set(trail.map(({ details }) => details.index)).size, 20)
    equal(new Set(trail.map(({ sequence }) => sequence)).size, 20)
  },
}

const sequenceBefore = (trail: readonly RecordedEvent[], index: number): number =>
  trail[index - 1]?.sequence ?? Number.NaN
