import type { AttemptRow, AttemptStore } from '../../features/limits/store.js'
import { reserveOn } from '../reserving.js'
import type { Access } from './access.js'
import { type Documents, is } from './documents.js'
import { isDuplicate } from './faults.js'

type AttemptDocument = Documents['attempts']

export const mongoAttempts = ({ run, isInTransaction }: Access): AttemptStore => {
  const giveBackOne = async (key: string, blockedUntil: Date | null): Promise<void> => {
    // a pipeline, so that the server looks and writes as one
    const isOurs = { $eq: ['$blockedUntil', blockedUntil] }
    await run(({ attempts }, options) =>
      attempts.updateOne(
        { _id: is(key), failures: { $gt: 0 } },
        [
          {
            $set: {
              failures: { $subtract: ['$failures', 1] },
              blockedUntil: { $cond: [isOurs, null, '$blockedUntil'] },
            },
          },
        ],
        options,
      ),
    )
  }
  const clear: AttemptStore['clear'] = async (keys) => {
    const { deletedCount } = await run(({ attempts }, options) =>
      attempts.deleteMany({ _id: { $in: [...keys] } }, options),
    )
    return deletedCount
  }
  const giveBack: AttemptStore['giveBack'] = async (rows, forgotten = []) => {
    if (forgotten.length > 0) await clear(forgotten)
    for (const { key, blockedUntil } of rows) await giveBackOne(key, blockedUntil)
  }

  return {
    standsAlone: true,
    reserve: reserveOn({
      find: async (keys) => {
        const found = await run(({ attempts }, options) =>
          attempts.find({ _id: { $in: [...keys] } }, options).toArray(),
        )
        return found.map(toAttempt)
      },
      insert: async (row) => {
        try {
          await run(({ attempts }, options) => attempts.insertOne(toDocument(row), options))
          return true
        } catch (error) {
          // a duplicate ends a transaction, which is then run again
          if (isInTransaction || !isDuplicate(error)) throw error
          return false
        }
      },
      // one document matched means that nobody came in between: the server compares and swaps as one
      swap: async ({ key, failures, lastAt, blockedUntil }, after) => {
        const { _id, ...set } = toDocument(after)
        const { matchedCount } = await run(({ attempts }, options) =>
          attempts.updateOne(
            {
              _id: is(key),
              failures: is(failures),
              lastAt: is(lastAt),
              blockedUntil: is(blockedUntil),
            },
            { $set: set },
            options,
          ),
        )
        return matchedCount === 1
      },
      giveBack,
    }),
    giveBack,
    fail: async (key, now, until) => {
      await run(({ attempts }, options) =>
        attempts.updateOne(
          { _id: is(key) },
          // null is less than every date
          { $set: { lastAt: now }, ...(until && { $max: { blockedUntil: until } }) },
          options,
        ),
      )
    },
    clear,
    clearAll: async (of) => {
      const matching =
        'subjectId' in of ? { subjectId: is(of.subjectId) } : { address: is(of.address) }
      const { deletedCount } = await run(({ attempts }, options) =>
        attempts.deleteMany(matching, options),
      )
      return deletedCount
    },
    listBlocked: async ({ now, afterKey = '', limit }) => {
      const found = await run(({ attempts }, options) =>
        attempts
          .find({ _id: { $gt: afterKey }, blockedUntil: { $gt: now } }, options)
          .sort({ _id: 1 })
          .limit(limit)
          .toArray(),
      )
      return found.map(toAttempt)
    },
    removeForgotten: async (before, limit) => {
      const forgotten = { lastAt: { $lte: before } }
      const found = await run(({ attempts }, options) =>
        attempts
          .find(forgotten, { ...options, projection: { _id: 1 } })
          .sort({ lastAt: 1 })
          .limit(limit)
          .toArray(),
      )
      if (found.length === 0) return 0
      const ids = found.map(({ _id }) => _id)
      const { deletedCount } = await run(({ attempts }, options) =>
        attempts.deleteMany({ _id: { $in: ids }, ...forgotten }, options),
      )
      return deletedCount
    },
  }
}

const toDocument = ({ key, ...rest }: AttemptRow): AttemptDocument => ({ _id: key, ...rest })

const toAttempt = ({ _id, ...found }: AttemptDocument): AttemptRow => ({
  key: _id,
  subjectId: found.subjectId ?? null,
  address: found.address ?? null,
  failures: found.failures,
  lastAt: found.lastAt,
  blockedUntil: found.blockedUntil ?? null,
})
