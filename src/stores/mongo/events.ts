import type { EventStore, RecordedEvent } from '../../features/events/store.js'
import type { Access } from './access.js'
import { type DocumentOf, is, toDocument } from './documents.js'

/** The document that counts events; its number is the last that was given. */
export const eventCounter = 'events'

export const mongoEvents = ({ run, runOutside, isInTransaction }: Access): EventStore => {
  /** Outside, or all that record at the same time would be in each other's way. A work that fails leaves a gap. */
  const nextSequence = async (): Promise<number> => {
    const counter = await runOutside(({ counters }, options) =>
      counters.findOneAndUpdate(
        { _id: eventCounter },
        { $inc: { last: 1 } },
        { ...options, returnDocument: 'after' },
      ),
    )
    if (counter === null) throw new Error('The counter of events is gone: run the migrations')
    return counter.last
  }

  return {
    append: async (event) => {
      const document = toDocument({ ...event, sequence: await nextSequence() })
      await run(({ events }, options) => events.insertOne(document, options))
    },
    list: async ({ subjectId, afterSequence = 0, newestFirst = false, limit }) => {
      const about = subjectId === undefined ? {} : { subjectId: is(subjectId) }
      const found = await run(({ events }, options) =>
        events
          .find({ ...about, sequence: { $gt: afterSequence } }, options)
          .sort({ sequence: newestFirst ? -1 : 1 })
          .limit(limit)
          .toArray(),
      )
      return found.map(toEvent)
    },
    remove: async (sequences) => {
      const rounds = isInTransaction ? [[...sequences]] : oneByOne(sequences)
      for (const $in of rounds)
        await run(({ events }, options) => events.deleteMany({ sequence: { $in } }, options))
    },
  }
}

/** Newest first: where it is cut off, the rest can still be proved from the side where it begins. */
const oneByOne = (sequences: readonly number[]): number[][] =>
  sequences.toSorted((one, other) => other - one).map((sequence) => [sequence])

const toEvent = ({ _id, ...found }: DocumentOf<RecordedEvent>): RecordedEvent => ({
  id: _id,
  ...unchained,
  ...found,
})

/** Events of an earlier version have no such fields. */
const unchained = { chain: null, number: null, mac: null }
