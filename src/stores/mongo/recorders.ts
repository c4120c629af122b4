import type { Recorder, RecorderStore } from '../../features/events/store.js'
import type { Access } from './access.js'
import { type DocumentOf, is, toDocument } from './documents.js'
import { isDuplicate } from './faults.js'

export const mongoRecorders = ({ run, isInTransaction }: Access): RecorderStore => ({
  append: async (recorder) => {
    if (isInTransaction) {
      const same = { $or: [{ _id: is(recorder.id) }, { number: is(recorder.number) }] }
      const other = await run(({ recorders }, options) => recorders.findOne(same, options))
      if (other !== null) return false
    }
    try {
      await run(({ recorders }, options) => recorders.insertOne(toDocument(recorder), options))
      return true
    } catch (error) {
      if (isInTransaction || !isDuplicate(error)) throw error
      return false
    }
  },
  last: async () => {
    const found = await run(({ recorders }, options) =>
      recorders.findOne({}, { ...options, sort: { number: -1 } }),
    )
    return found === null ? undefined : toRecorder(found)
  },
  list: async ({ afterNumber, limit }) => {
    const found = await run(({ recorders }, options) =>
      recorders
        .find({ number: { $gt: afterNumber } }, options)
        .sort({ number: 1 })
        .limit(limit)
        .toArray(),
    )
    return found.map(toRecorder)
  },
  writeCheckpoint: async (id, checkpointNumber, checkpoint) => {
    const older = { _id: is(id), checkpointNumber: { $lt: checkpointNumber } }
    const change = { $set: { checkpoint, checkpointNumber } }
    const { modifiedCount } = await run(({ recorders }, options) =>
      recorders.updateOne(older, change, options),
    )
    return modifiedCount === 1
  },
  writeBases: async (id, basesNumber, bases) => {
    const before = { _id: is(id), basesNumber: is(basesNumber - 1) }
    const change = { $set: { bases, basesNumber } }
    const { modifiedCount } = await run(({ recorders }, options) =>
      recorders.updateOne(before, change, options),
    )
    return modifiedCount === 1
  },
})

const toRecorder = ({ _id, ...found }: DocumentOf<Recorder>): Recorder => ({ id: _id, ...found })
