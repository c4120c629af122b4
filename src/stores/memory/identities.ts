import type { Identity, IdentityStore, SpentStore } from '../../features/oauth/store.js'
import type { Table } from './table.js'

export const memoryIdentities = (table: Table<Identity>): IdentityStore => {
  const of = (userId: string): Identity[] =>
    table
      .filter((identity) => identity.userId === userId)
      .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1))

  const find = (provider: string, subject: string): Identity | undefined =>
    table.find((identity) => identity.provider === provider && identity.subject === subject)

  return {
    insertIfAbsent: async (identity) => {
      if (find(identity.provider, identity.subject) || table.get(identity.id)) return false
      table.put(identity)
      return true
    },
    find: async (provider, subject) => find(provider, subject),
    list: async (userId) => of(userId),
    refresh: async (id, news) => {
      const identity = table.get(id)
      if (identity === undefined) return false
      table.put({ ...identity, ...news })
      return true
    },
    use: async (id, userId, now) => {
      const identity = table.get(id)
      if (identity?.userId !== userId) return false
      table.put({ ...identity, lastUsedAt: now })
      return true
    },
    remove: async ({ userId, id, leavesOneOf }) => {
      const all = of(userId)
      if (!all.some((identity) => identity.id === id)) return 'missing'
      const isLast = !all.some(
        (other) => other.id !== id && (leavesOneOf?.includes(other.provider) ?? true),
      )
      if (leavesOneOf !== undefined && isLast) return 'last'
      table.remove(id)
      return 'removed'
    },
    removeAll: async (userId) => {
      const all = of(userId)
      for (const { id } of all) table.remove(id)
      return all.length
    },
  }
}

export type Spent = { id: string; expiresAt: Date }

export const memorySpent = (table: Table<Spent>): SpentStore => ({
  spend: async (id, expiresAt) => {
    if (table.get(id)) return false
    table.put({ id, expiresAt })
    return true
  },
  removeExpired: async (before, limit) => {
    const expired = table
      .filter(({ expiresAt }) => expiresAt <= before)
      .sort((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime())
      .slice(0, limit)
    for (const { id } of expired) table.remove(id)
    return expired.length
  },
})
