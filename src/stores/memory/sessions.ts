import type { Session, SessionStore } from '../../features/sessions/store.js'
import type { Table } from './table.js'

export const memorySessions = (table: Table<Session>): SessionStore => {
  const revoke = (session: Session, now: Date): void => table.put({ ...session, revokedAt: now })

  const insertIfAbsent = async (session: Session): Promise<boolean> => {
    if (table.get(session.id)) return false
    table.put(session)
    return true
  }

  return {
    insert: async (session) => {
      if (!(await insertIfAbsent(session))) throw new Error('The id of a new session is taken')
    },
    insertIfAbsent,
    find: async (id) => table.get(id),
    listLive: async ({ userId, now, afterId, limit }) =>
      table
        .filter((session) => session.userId === userId)
        .filter((session) => session.revokedAt === null && session.expiresAt > now)
        .filter((session) => afterId === undefined || session.id < afterId)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit),
    rotate: async ({ id, generation, next = generation + 1, now, expiresAt }) => {
      const session = table.get(id)
      if (session?.generation !== generation || session.revokedAt !== null) return false
      table.put({ ...session, generation: next, lastUsedAt: now, expiresAt })
      return true
    },
    revoke: async (id, now) => {
      const session = table.get(id)
      if (session === undefined || session.revokedAt !== null) return false
      revoke(session, now)
      return true
    },
    revokeAll: async (userId, now, exceptId) => {
      const ended = table.filter(
        (session) =>
          session.userId === userId && session.revokedAt === null && session.id !== exceptId,
      )
      for (const session of ended) revoke(session, now)
      return ended.length
    },
    revokeBeyond: async ({ userId, newestId, keep, now }) => {
      const ended = table
        .filter((session) => session.userId === userId && session.id !== newestId)
        .filter((session) => session.revokedAt === null && session.expiresAt > now)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(keep - 1)
      for (const session of ended) revoke(session, now)
      return ended.length
    },
    removeAll: async (userId) => {
      for (const { id } of table.filter((session) => session.userId === userId)) table.remove(id)
    },
    removeExpired: async (before, limit) => {
      const expired = table
        .filter((session) => session.expiresAt <= before)
        .sort((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime())
        .slice(0, limit)
      for (const { id } of expired) table.remove(id)
      return expired.length
    },
  }
}
