import type { Identity, IdentityStore, SpentStore } from '../../features/oauth/store.js'
import type { Access } from './access.js'
import { type DocumentOf, is, toDocument } from './documents.js'
import { isDuplicate } from './faults.js'

export const mongoIdentities = ({ run, isInTransaction }: Access): IdentityStore => {
  const find: IdentityStore['find'] = async (provider, subject) => {
    const found = await run(({ identities }, options) =>
      identities.findOne({ provider: is(provider), subject: is(subject) }, options),
    )
    return found === null ? undefined : toIdentity(found)
  }
  const list = async (userId: string): Promise<Identity[]> => {
    const found = await run(({ identities }, options) =>
      identities
        .find({ userId: is(userId) }, options)
        .sort({ createdAt: 1, _id: 1 })
        .toArray(),
    )
    return found.map(toIdentity)
  }
  const insertIfAbsent = async (identity: Identity): Promise<boolean> => {
    // a duplicate ends a transaction, so it is looked for first; in a race the whole work runs again
    if (isInTransaction && (await find(identity.provider, identity.subject))) return false
    try {
      await run(({ identities }, options) => identities.insertOne(toDocument(identity), options))
      return true
    } catch (error) {
      if (isInTransaction || !isDuplicate(error)) throw error
      return false
    }
  }
  const isLast = (others: readonly Identity[], leavesOneOf: readonly string[] | undefined) =>
    leavesOneOf !== undefined && !others.some(({ provider }) => leavesOneOf.includes(provider))

  return {
    insertIfAbsent,
    find,
    list,
    refresh: async (id, news) => {
      const { matchedCount } = await run(({ identities }, options) =>
        identities.updateOne({ _id: is(id) }, { $set: news }, options),
      )
      return matchedCount === 1
    },
    use: async (id, userId, now) => {
      const own = { _id: is(id), userId: is(userId) }
      // a change that changes nothing is in nobody's way, and two may come in within one millisecond
      const change = { $set: { lastUsedAt: now }, $inc: { touched: 1 } }
      const { matchedCount } = await run(({ identities }, options) =>
        identities.updateOne(own, change, options),
      )
      return matchedCount === 1
    },
    remove: async ({ userId, id, leavesOneOf }) => {
      // two transactions that touch the same documents cannot both go on
      await run(({ identities }, options) =>
        identities.updateMany({ userId: is(userId) }, { $inc: { touched: 1 } }, options),
      )
      const all = await list(userId)
      const identity = all.find((one) => one.id === id)
      if (identity === undefined) return 'missing'
      const others = all.filter((one) => one.id !== id)
      if (isLast(others, leavesOneOf)) return 'last'
      const { deletedCount } = await run(({ identities }, options) =>
        identities.deleteOne({ _id: is(id) }, options),
      )
      if (deletedCount === 0) return 'missing'
      // without transactions another removal may have run meanwhile: then nobody has removed anything
      if (isInTransaction || !isLast(await list(userId), leavesOneOf)) return 'removed'
      await insertIfAbsent(identity)
      return 'last'
    },
    removeAll: async (userId) => {
      const { deletedCount } = await run(({ identities }, options) =>
        identities.deleteMany({ userId: is(userId) }, options),
      )
      return deletedCount
    },
  }
}

const toIdentity = ({ _id, ...found }: DocumentOf<Identity>): Identity => ({
  id: _id,
  userId: found.userId,
  provider: found.provider,
  subject: found.subject,
  email: found.email ?? null,
  firstName: found.firstName ?? null,
  lastName: found.lastName ?? null,
  picture: found.picture ?? null,
  sealedTokens: found.sealedTokens ?? null,
  createdAt: found.createdAt,
  lastUsedAt: found.lastUsedAt,
})

export const mongoSpent = ({ run, isInTransaction }: Access): SpentStore => ({
  spend: async (id, expiresAt) => {
    if (isInTransaction) {
      const other = await run(({ spent }, options) => spent.findOne({ _id: is(id) }, options))
      if (other !== null) return false
    }
    try {
      await run(({ spent }, options) => spent.insertOne({ _id: id, expiresAt }, options))
      return true
    } catch (error) {
      if (isInTransaction || !isDuplicate(error)) throw error
      return false
    }
  },
  removeExpired: async (before, limit) => {
    const expired = { expiresAt: { $lte: before } }
    const found = await run(({ spent }, options) =>
      spent
        .find(expired, { ...options, projection: { _id: 1 } })
        .sort({ expiresAt: 1 })
        .limit(limit)
        .toArray(),
    )
    if (found.length === 0) return 0
    const { deletedCount } = await run(({ spent }, options) =>
      spent.deleteMany({ _id: { $in: found.map(({ _id }) => _id) }, ...expired }, options),
    )
    return deletedCount
  },
})
