import type { User, UserStore } from '../../features/accounts/store.js'
import { addedOf, additionsTo, textsOf } from '../additions.js'
import type { Table } from './table.js'

/** The last number that was given; a transaction that fails leaves a gap. */
export type LastNumber = { last: number }

export const memoryUsers = (table: Table<User>, number: LastNumber): UserStore => {
  const change = (id: string, part: Partial<User>): boolean => {
    const user = table.get(id)
    if (user === undefined) return false
    table.put({ ...user, ...part })
    return true
  }
  const isTaken = (
    key: 'canonicalEmail' | 'canonicalUsername',
    value: string | null,
    ownId: string,
  ): boolean =>
    value !== null && table.find((user) => user[key] === value && user.id !== ownId) !== undefined

  const inTheWay = (users: readonly User[]): User[] => {
    const [ids, emails, names] = occupied.map((member) => new Set(textsOf(users, member)))
    return table.filter(
      ({ id, canonicalEmail, canonicalUsername }) =>
        ids?.has(id) ||
        emails?.has(canonicalEmail ?? '') ||
        names?.has(canonicalUsername ?? '') ||
        false,
    )
  }
  const tryMany = async (users: readonly User[]) => additionsTo(inTheWay(users), users)

  return {
    tryMany,
    addMany: async (users) => {
      const additions = await tryMany(users)
      for (const user of addedOf(users, additions)) table.put(user)
      return additions
    },
    createIfAbsent: async (user) => {
      if (isTaken('canonicalEmail', user.canonicalEmail, user.id)) return 'email_taken'
      if (isTaken('canonicalUsername', user.canonicalUsername, user.id)) return 'username_taken'
      if (table.get(user.id)) throw new Error('The id of a new account is taken')
      table.put(user)
      return 'created'
    },
    nextNumber: async () => {
      number.last += 1
      return number.last
    },
    raiseNumber: async (least) => {
      number.last = Math.max(number.last, least)
    },
    find: async (id) => table.get(id),
    findByEmail: async (email) => table.find((user) => user.canonicalEmail === email),
    findByUsername: async (name) => table.find((user) => user.canonicalUsername === name),
    updateProfile: async (id, part, now) => {
      if (table.get(id) === undefined) return 'missing'
      if (part.canonicalUsername && isTaken('canonicalUsername', part.canonicalUsername, id))
        return 'username_taken'
      change(id, { ...part, updatedAt: now })
      return 'updated'
    },
    replacePasswordHash: async (id, from, to, now) =>
      table.get(id)?.passwordHash === from && change(id, { passwordHash: to, updatedAt: now }),
    setActive: async (id, isActive, now) => change(id, { isActive, updatedAt: now }),
    verifyEmail: async (id, { canonicalEmail, dropsPassword, now }) => {
      const user = table.get(id)
      if (user?.canonicalEmail !== canonicalEmail || user.emailVerified) return false
      const proved = { emailVerified: true, updatedAt: now }
      return change(id, dropsPassword ? { ...proved, passwordHash: null } : proved)
    },
    recordLogin: async (id, passwordHash, now) => {
      const user = table.get(id)
      if (!user?.isActive || user.passwordHash !== passwordHash) return false
      return change(id, { lastLoginAt: now })
    },
    remove: async (id) => table.remove(id),
    list: async ({ afterId = '', limit }) =>
      table
        .filter((user) => user.id > afterId)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit),
  }
}

const occupied = ['id', 'canonicalEmail', 'canonicalUsername'] as const
