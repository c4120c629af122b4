import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Contract, race } from '../../testing/place.js'
import { longestEvent, sampleEvent, sampleRecorder } from '../../testing/samples.js'
import type { RecordedEvent } from './store.js'

const withoutSequence = ({ sequence: _, ...event }: RecordedEvent): object => event

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

  'the newest come first where that is asked for': async ({ store }) => {
    for (let count = 0; count < 5; count += 1) {
      await store.events.append(sampleEvent({ subjectId: 'ada', details: { count } }))
    }
    const newest = await store.events.list({ newestFirst: true, limit: 2 })
    const ofAda = await store.events.list({ subjectId: 'ada', newestFirst: true, limit: 3 })

    deepEqual(
      newest.map(({ details }) => details.count),
      [4, 3],
    )
    deepEqual(
      ofAda.map(({ details }) => details.count),
      [4, 3, 2],
    )
  },

  'events that are removed are gone; the others stay, and their numbers are not given again':
    async ({ store }) => {
      for (let count = 0; count < 5; count += 1) {
        await store.events.append(sampleEvent({ details: { count } }))
      }
      const before = await store.events.list({ limit: 9 })
      const numbers = before.map(({ sequence }) => sequence)
      const [first = 0, , third = 0, , fifth = 0] = numbers
      await store.events.remove([first, third, fifth])
      await store.events.remove([])
      await store.events.append(sampleEvent({ details: { count: 5 } }))
      const trail = await store.events.list({ limit: 9 })

      deepEqual(
        trail.map(({ details }) => details.count),
        [1, 3, 5],
      )
      ok((trail[2]?.sequence ?? 0) > fifth)
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

/** What every registry of recorders must prove. */
export const recorderContract: Contract = {
  'recorders read back as they were written, in the order of their numbers': async ({ store }) => {
    equal(await store.recorders.last(), undefined)
    const [first, second, tenth] = [1, 2, 10].map((number) => sampleRecorder(number))
    for (const recorder of [tenth, first, second])
      equal(recorder && (await store.recorders.append(recorder)), true)

    deepEqual(await store.recorders.last(), tenth)
    deepEqual(await store.recorders.list({ afterNumber: 0, limit: 9 }), [first, second, tenth])
    deepEqual(await store.recorders.list({ afterNumber: 1, limit: 1 }), [second])
    deepEqual(await store.recorders.list({ afterNumber: 10, limit: 9 }), [])
  },

  'a number or an id that is taken changes nothing': async ({ store }) => {
    const recorder = sampleRecorder(1)
    await store.recorders.append(recorder)

    equal(await store.recorders.append(sampleRecorder(1)), false)
    equal(await store.recorders.append(sampleRecorder(2, { id: recorder.id })), false)
    deepEqual(await store.recorders.list({ afterNumber: 0, limit: 9 }), [recorder])
  },

  'of many who register with one number at once, one does': async (place) => {
    const registered = await race(place, async ({ recorders }, gate) => {
      const number = ((await recorders.last())?.number ?? 0) + 1
      await gate()
      const recorder = sampleRecorder(number)
      return (await recorders.append(recorder)) ? [recorder] : []
    })

    equal(registered.flat().length, 1)
    deepEqual(await place.store.recorders.list({ afterNumber: 0, limit: 9 }), registered.flat())
  },

  'an older checkpoint never replaces a newer one': async ({ store: { recorders } }) => {
    const recorder = sampleRecorder(1, { checkpointNumber: 0 })
    await recorders.append(recorder)
    await recorders.append(sampleRecorder(2))

    equal(await recorders.writeCheckpoint(recorder.id, 2, 'second'), true)
    equal(await recorders.writeCheckpoint(recorder.id, 1, 'first'), false)
    equal(await recorders.writeCheckpoint(recorder.id, 2, 'another'), false)
    equal(await recorders.writeCheckpoint('nobody', 9, 'ninth'), false)
    const [first, second] = await recorders.list({ afterNumber: 0, limit: 9 })
    deepEqual(first, { ...recorder, checkpoint: 'second', checkpointNumber: 2 })
    equal(second?.checkpointNumber, 1)
  },

  'of many who write the next bases at once, one does': async (place) => {
    const recorder = sampleRecorder(1)
    await place.store.recorders.append(recorder)
    const written = await race(place, async ({ recorders }, gate, index) => {
      await gate()
      const bases = `bases of ${index}`
      return (await recorders.writeBases(recorder.id, 1, bases)) ? [bases] : []
    })
    const [bases] = written.flat()

    equal(written.flat().length, 1)
    equal(await place.store.recorders.writeBases(recorder.id, 3, 'too far'), false)
    deepEqual(await place.store.recorders.last(), { ...recorder, bases, basesNumber: 1 })
  },
}

const sequenceBefore = (trail: readonly RecordedEvent[], index: number): number =>
  trail[index - 1]?.sequence ?? Number.NaN
