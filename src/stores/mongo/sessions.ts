import type { Filter } from 'mongodb'
import type { Session, SessionStore } from '../../features/sessions/store.js'
import type { SessionAndUser } from '../store.js'
import type { Access } from './access.js'
import { collectionNames, type DocumentOf, type Documents, is, toDocument } from './documents.js'
import { isDuplicate } from './faults.js'
import { toUser } from './users.js'

type SessionDocument = DocumentOf<Session>

/** Not ended, and said so: a document without the field is nobody's live session. */
const notRevoked = { revokedAt: { $type: 'null' } } as const

export const mongoSessions = ({ run, isInTransaction }: Access): SessionStore => {
  const insert = (session: Session) =>
    run(({ sessions }, options) => sessions.insertOne(toDocument(session), options))

  const end = async (filter: Filter<SessionDocument>, now: Date): Promise<number> => {
    const { matchedCount } = await run(({ sessions }, options) =>
      sessions.updateMany({ ...filter, ...notRevoked }, { $set: { revokedAt: now } }, options),
    )
    return matchedCount
  }

  return {
    insert: async (session) => {
      try {
        await insert(session)
      } catch (error) {
        if (isDuplicate(error)) throw new Error('The id of a new session is taken')
        throw error
      }
    },
    insertIfAbsent: async (session) => {
      if (isInTransaction) {
        const other = await run(({ sessions }, options) =>
          sessions.findOne({ _id: is(session.id) }, { ...options, projection: { _id: 1 } }),
        )
        if (other !== null) return false
      }
      try {
        await insert(session)
        return true
      } catch (error) {
        if (isInTransaction || !isDuplicate(error)) throw error
        return false
      }
    },
    find: async (id) => {
      const found = await run(({ sessions }, options) => sessions.findOne({ _id: is(id) }, options))
      return found === null ? undefined : toSession(found)
    },
    listLive: async ({ userId, now, afterId, limit }) => {
      const found = await run(({ sessions }, options) =>
        sessions
          .find(
            {
              userId: is(userId),
              expiresAt: { $gt: now },
              ...notRevoked,
              ...(afterId !== undefined && { _id: { $lt: afterId } }),
            },
            options,
          )
          .sort({ _id: -1 })
          .limit(limit)
          .toArray(),
      )
      return found.map(toSession)
    },
    // one document matched means this caller won: the server compares and swaps as one
    rotate: async ({ id, generation, next = generation + 1, now, expiresAt }) => {
      const { matchedCount } = await run(({ sessions }, options) =>
        sessions.updateOne(
          { _id: is(id), generation: is(generation), ...notRevoked },
          { $set: { generation: next, lastUsedAt: now, expiresAt } },
          options,
        ),
      )
      return matchedCount === 1
    },
    revoke: async (id, now) => (await end({ _id: is(id) }, now)) === 1,
    revokeAll: (userId, now, exceptId) =>
      end({ userId: is(userId), ...(exceptId !== undefined && { _id: { $ne: exceptId } }) }, now),
    revokeBeyond: async ({ userId, newestId, keep, now }) => {
      const others = { userId: is(userId), expiresAt: { $gt: now }, _id: { $ne: newestId } }
      const found = await run(({ sessions }, options) =>
        sessions
          .find({ ...others, ...notRevoked }, { ...options, projection: { _id: 1 } })
          .sort({ _id: -1 })
          .skip(keep - 1)
          .toArray(),
      )
      return found.length === 0 ? 0 : end({ _id: { $in: found.map(({ _id }) => _id) } }, now)
    },
    removeAll: async (userId) => {
      await run(({ sessions }, options) => sessions.deleteMany({ userId: is(userId) }, options))
    },
    removeExpired: async (before, limit) => {
      const expired = { expiresAt: { $lte: before } }
      const found = await run(({ sessions }, options) =>
        sessions
          .find(expired, { ...options, projection: { _id: 1 } })
          .sort({ expiresAt: 1 })
          .limit(limit)
          .toArray(),
      )
      if (found.length === 0) return 0
      const ids = found.map(({ _id }) => _id)
      const { deletedCount } = await run(({ sessions }, options) =>
        sessions.deleteMany({ _id: { $in: ids }, ...expired }, options),
      )
      return deletedCount
    },
  }
}

/** Both in one round trip. */
export const findSessionAndUser =
  ({ run }: Access) =>
  async (sessionId: string): Promise<SessionAndUser | undefined> => {
    const [found] = await run(({ sessions }, options) =>
      sessions
        .aggregate<SessionDocument & { users: Documents['users'][] }>(
          [
            { $match: { _id: is(sessionId) } },
            {
              $lookup: {
                from: collectionNames.users,
                localField: 'userId',
                foreignField: '_id',
                as: 'users',
              },
            },
          ],
          options,
        )
        .toArray(),
    )
    if (found === undefined) return undefined
    const [user] = found.users
    return { session: toSession(found), user: user && toUser(user) }
  }

const toSession = (found: SessionDocument): Session => ({
  id: found._id,
  userId: found.userId,
  nonce: found.nonce,
  generation: found.generation,
  createdAt: found.createdAt,
  lastUsedAt: found.lastUsedAt,
  expiresAt: found.expiresAt,
  // missing is not null: what nobody said to be live has ended
  revokedAt: found.revokedAt === undefined ? found.createdAt : found.revokedAt,
  address: found.address ?? null,
  userAgent: found.userAgent ?? null,
  method: found.method,
})
