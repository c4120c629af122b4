import type { KeyStore, SigningKey } from '../../features/tokens/store.js'
import type { Access } from './access.js'
import { type DocumentOf, is, toDocument } from './documents.js'
import { isDuplicate } from './faults.js'

export const mongoKeys = ({ run, isInTransaction }: Access): KeyStore => ({
  append: async (key) => {
    if (isInTransaction) {
      const same = { $or: [{ _id: is(key.id) }, { sequence: is(key.sequence) }] }
      const other = await run(({ keys }, options) => keys.findOne(same, options))
      if (other !== null) return false
    }
    try {
      await run(({ keys }, options) => keys.insertOne(toDocument(key), options))
      return true
    } catch (error) {
      if (isInTransaction || !isDuplicate(error)) throw error
      return false
    }
  },
  list: async () => {
    const found = await run(({ keys }, options) =>
      keys.find({}, options).sort({ sequence: 1 }).toArray(),
    )
    return found.map(toKey)
  },
  remove: async (id) => {
    await run(({ keys }, options) => keys.deleteOne({ _id: is(id) }, options))
  },
})

const toKey = ({ _id, ...found }: DocumentOf<SigningKey>): SigningKey => ({ id: _id, ...found })
