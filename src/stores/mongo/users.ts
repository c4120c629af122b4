import type { Filter, UpdateFilter } from 'mongodb'
import type { ProfileChange, User, UserStore } from '../../features/accounts/store.js'
import type { Access } from './access.js'
import { mongoAdditions } from './add-users.js'
import { type Documents, is, toDocument } from './documents.js'
import { isDuplicate } from './faults.js'
import { mongoNumbers } from './numbers.js'

type UserDocument = Documents['users']

export const mongoUsers = (access: Access): UserStore => {
  const { run, isInTransaction } = access
  const one = async (filter: Filter<UserDocument>): Promise<User | undefined> => {
    const found = await run(({ users }, options) => users.findOne(filter, options))
    return found === null ? undefined : toUser(found)
  }
  const find = (id: string) => one({ _id: is(id) })
  const findByUsername = (name: string) => one({ canonicalUsername: is(name) })
  const holding = async (filter: Filter<UserDocument>, change: UpdateFilter<UserDocument>) => {
    const { matchedCount } = await run(({ users }, options) =>
      users.updateOne(filter, change, options),
    )
    return matchedCount === 1
  }
  const update = (filter: Filter<UserDocument>, set: Partial<UserDocument>) =>
    holding(filter, { $set: set })

  /** The address comes before the name; the server's error names only one of them, and not always rightly. */
  const takenBy = async (user: User): Promise<'email_taken' | 'username_taken' | undefined> => {
    const same: Filter<UserDocument>[] = [{ _id: is(user.id) }]
    if (user.canonicalEmail !== null) same.push({ canonicalEmail: is(user.canonicalEmail) })
    if (user.canonicalUsername !== null)
      same.push({ canonicalUsername: is(user.canonicalUsername) })
    const others = await run(({ users }, options) => users.find({ $or: same }, options).toArray())
    const shares = (key: 'canonicalEmail' | 'canonicalUsername') =>
      others.some((other) => user[key] !== null && other[key] === user[key])
    if (shares('canonicalEmail')) return 'email_taken'
    if (shares('canonicalUsername')) return 'username_taken'
    if (others.length > 0) throw new Error('The id of a new account is taken')
    return undefined
  }

  const insert = async (
    user: User,
    attemptsLeft: number,
  ): ReturnType<UserStore['createIfAbsent']> => {
    try {
      await run(({ users }, options) => users.insertOne(toDocument(user), options))
      return 'created'
    } catch (error) {
      if (isInTransaction || !isDuplicate(error)) throw error
    }
    const taken = await takenBy(user)
    if (taken !== undefined) return taken
    if (attemptsLeft === 0)
      throw new Error('A new account met others that were gone when looked for')
    return insert(user, attemptsLeft - 1)
  }

  const rename = async (id: string, set: Partial<UserDocument>, name: string) => {
    if (isInTransaction) {
      const holder = await findByUsername(name)
      if (holder !== undefined && holder.id !== id)
        return (await find(id)) ? 'username_taken' : 'missing'
    }
    try {
      return (await update({ _id: is(id) }, set)) ? 'updated' : 'missing'
    } catch (error) {
      if (isInTransaction || !isDuplicate(error)) throw error
      return 'username_taken'
    }
  }

  return {
    ...mongoNumbers(access),
    ...mongoAdditions(access),
    find,
    findByEmail: (email) => one({ canonicalEmail: is(email) }),
    findByUsername,
    // a duplicate would end a transaction, so there it is looked for first; in a race the whole work runs again
    createIfAbsent: async (user) => (isInTransaction && (await takenBy(user))) || insert(user, 3),
    updateProfile: async (id, change, now) => {
      const set = { ...toProfile(change), updatedAt: now }
      if (change.canonicalUsername) return rename(id, set, change.canonicalUsername)
      return (await update({ _id: is(id) }, set)) ? 'updated' : 'missing'
    },
    replacePasswordHash: (id, from, to, now) =>
      update({ _id: is(id), passwordHash: is(from) }, { passwordHash: to, updatedAt: now }),
    setActive: (id, isActive, now) => update({ _id: is(id) }, { isActive, updatedAt: now }),
    verifyEmail: (id, { canonicalEmail, dropsPassword, now }) =>
      update(
        { _id: is(id), canonicalEmail: is(canonicalEmail), emailVerified: false },
        { emailVerified: true, updatedAt: now, ...(dropsPassword && { passwordHash: null }) },
      ),
    recordLogin: (id, hash, now) =>
      holding(
        { _id: is(id), isActive: true, passwordHash: is(hash) },
        // two logins of one millisecond write the same instant: without the count the second one would hold nothing
        { $set: { lastLoginAt: now }, $inc: { touched: 1 } },
      ),
    remove: async (id) => {
      const { deletedCount } = await run(({ users }, options) =>
        users.deleteOne({ _id: is(id) }, options),
      )
      return deletedCount === 1
    },
    list: async ({ afterId = '', limit }) => {
      const found = await run(({ users }, options) =>
        users
          .find({ _id: { $gt: afterId } }, options)
          .sort({ _id: 1 })
          .limit(limit)
          .toArray(),
      )
      return found.map(toUser)
    },
  }
}

/** Null for what is not there: a document somebody else has put here may lack what was null to them. */
export const toUser = (found: UserDocument): User => ({
  id: found._id,
  email: found.email ?? null,
  canonicalEmail: found.canonicalEmail ?? null,
  username: found.username ?? null,
  canonicalUsername: found.canonicalUsername ?? null,
  firstName: found.firstName ?? null,
  lastName: found.lastName ?? null,
  emailVerified: found.emailVerified === true,
  isActive: found.isActive === true,
  roles: found.roles ?? [],
  passwordHash: found.passwordHash ?? null,
  createdAt: found.createdAt,
  updatedAt: found.updatedAt,
  lastLoginAt: found.lastLoginAt ?? null,
})

const toProfile = (change: ProfileChange): ProfileChange => {
  const named = Object.entries(change).filter(([, value]) => value !== undefined)
  return Object.fromEntries(named)
}
