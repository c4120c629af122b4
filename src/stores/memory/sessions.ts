import type { Session, SessionStore } from '../../features/sessions/store.js'
import type { Table } from './table.js'

export const memorySessions = (table: Table<Session>): SessionStore => {
  const revoke = (session: Session, now: Date): void => table.put({ ...session, revokedAt: now })

  return {
    insert: async (session) => {
      if (table.get(session.id)) throw new Error('The id of a new session is taken')
      table.put(session)
    },
    find: async (id) => table.get(id),
    listLive: async (userId, now) =>
      table
        .filter((session) => session.userId === userId)
        .filter((session) => session.revokedAt === null && session.expiresAt > now)
        .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1)),
    rotate: async ({ id, generation, now, expiresAt }) => {
      const session = table.get(id)
      if (session?.generation !== generation || session.revokedAt !== null) return false
      table.put({ ...session, generation: generation + 1, lastUsedAt: now, expiresAt })
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
    removeAll: async (userId) => {
      for (const { id } of table.filter((session) => session.userId === userId)) table.remove(id)
    },
  }
}
