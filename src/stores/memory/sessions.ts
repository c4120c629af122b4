import type { Session, SessionStore } from '../../features/sessions/store.js'
import type { Table } from './table.js'

export const memorySessions = (table: Table<Session>): SessionStore => {
  const revoke = (session: Session, now: Date): void => table.put({ ...session, revokedAt: now })
  const ofUser = (userId: string): Session[] =>
    table.all().filter((session) => session.userId === userId)

  return {
    insert: async (session) => table.put(session),
    find: async (id) => table.get(id),
    listLive: async (userId, now) =>
      ofUser(userId)
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
      const ended = ofUser(userId).filter(
        ({ id, revokedAt }) => revokedAt === null && id !== exceptId,
      )
      for (const session of ended) revoke(session, now)
      return ended.length
    },
    removeAll: async (userId) => {
      for (const { id } of ofUser(userId)) table.remove(id)
    },
  }
}
