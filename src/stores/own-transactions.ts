import type { User, UserStore } from '../features/accounts/store.js'
import type { AttemptStore, Reservation } from '../features/limits/store.js'
import type { Ports, Store } from './store.js'

/** Ports whose reading verbs run directly and whose changing verbs run in a transaction of their own. */
export const withOwnTransactions = (
  { users, sessions, keys, events, attempts, recorders, identities, spent }: Ports,
  transaction: Store['transaction'],
): Ports => ({
  users: {
    ...users,
    createIfAbsent: (user) => transaction((ports) => ports.users.createIfAbsent(user)),
    updateProfile: (id, change, now) =>
      transaction((ports) => ports.users.updateProfile(id, change, now)),
    replacePasswordHash: (id, from, to, now) =>
      transaction((ports) => ports.users.replacePasswordHash(id, from, to, now)),
    setActive: (id, isActive, now) =>
      transaction((ports) => ports.users.setActive(id, isActive, now)),
    verifyEmail: (id, proof) => transaction((ports) => ports.users.verifyEmail(id, proof)),
    recordLogin: (id, hash, now) => transaction((ports) => ports.users.recordLogin(id, hash, now)),
    remove: (id) => transaction((ports) => ports.users.remove(id)),
    ...ownExtras(users, transaction),
  },
  sessions: {
    ...sessions,
    insert: (session) => transaction((ports) => ports.sessions.insert(session)),
    insertIfAbsent: (session) => transaction((ports) => ports.sessions.insertIfAbsent(session)),
    rotate: (rotation) => transaction((ports) => ports.sessions.rotate(rotation)),
    revoke: (id, now) => transaction((ports) => ports.sessions.revoke(id, now)),
    revokeAll: (userId, now, exceptId) =>
      transaction((ports) => ports.sessions.revokeAll(userId, now, exceptId)),
    revokeBeyond: (surplus) => transaction((ports) => ports.sessions.revokeBeyond(surplus)),
    removeAll: (userId) => transaction((ports) => ports.sessions.removeAll(userId)),
    removeExpired: (before, limit) =>
      transaction((ports) => ports.sessions.removeExpired(before, limit)),
  },
  keys: {
    ...keys,
    append: (key) => transaction((ports) => ports.keys.append(key)),
    remove: (id) => transaction((ports) => ports.keys.remove(id)),
  },
  events: {
    ...events,
    append: (event) => transaction((ports) => ports.events.append(event)),
    remove: (sequences) => transaction((ports) => ports.events.remove(sequences)),
  },
  recorders: {
    ...recorders,
    append: (recorder) => transaction((ports) => ports.recorders.append(recorder)),
    writeCheckpoint: (id, number, checkpoint) =>
      transaction((ports) => ports.recorders.writeCheckpoint(id, number, checkpoint)),
    writeBases: (id, number, bases) =>
      transaction((ports) => ports.recorders.writeBases(id, number, bases)),
  },
  attempts: {
    ...attempts,
    reserve: reserveIn(transaction),
    giveBack: (rows, forgotten) => transaction((ports) => ports.attempts.giveBack(rows, forgotten)),
    fail: (key, now, until) => transaction((ports) => ports.attempts.fail(key, now, until)),
    clear: (keys) => transaction((ports) => ports.attempts.clear(keys)),
    clearAll: (of) => transaction((ports) => ports.attempts.clearAll(of)),
    removeForgotten: (before, limit) =>
      transaction((ports) => ports.attempts.removeForgotten(before, limit)),
  },
  identities: {
    ...identities,
    insertIfAbsent: (identity) => transaction((ports) => ports.identities.insertIfAbsent(identity)),
    refresh: (id, news) => transaction((ports) => ports.identities.refresh(id, news)),
    use: (id, userId, now) => transaction((ports) => ports.identities.use(id, userId, now)),
    remove: (removal) => transaction((ports) => ports.identities.remove(removal)),
    removeAll: (userId) => transaction((ports) => ports.identities.removeAll(userId)),
  },
  spent: {
    ...spent,
    spend: (id, expiresAt) => transaction((ports) => ports.spent.spend(id, expiresAt)),
    removeExpired: (before, limit) =>
      transaction((ports) => ports.spent.removeExpired(before, limit)),
  },
})

/** Of a try that is refused nothing is kept, so that the server has nothing to write to its disk. */
const reserveIn =
  (transaction: Store['transaction']): AttemptStore['reserve'] =>
  async (tries, now) => {
    let refused: Reservation | undefined
    const work = transaction(async ({ attempts }) => {
      refused = undefined
      const reservation = await attempts.reserve(tries, now)
      if (reservation.outcome === 'reserved') return reservation
      refused = reservation
      throw new Error('The try is refused')
    })
    return work.catch((error: unknown) => {
      if (refused === undefined) throw error
      return refused
    })
  }

/** What not every place of users has, there and inside of its transactions. */
const ownExtras = (
  { addMany, nextNumber, raiseNumber }: UserStore,
  transaction: Store['transaction'],
): Pick<UserStore, 'addMany' | 'nextNumber' | 'raiseNumber'> => ({
  ...(addMany && {
    addMany: (users: readonly User[]) =>
      transaction((ports) => ports.users.addMany?.(users) ?? missing()),
  }),
  ...(nextNumber && {
    nextNumber: () => transaction(({ users }) => users.nextNumber?.() ?? missing()),
  }),
  ...(raiseNumber && {
    raiseNumber: (least: number) =>
      transaction(({ users }) => users.raiseNumber?.(least) ?? missing()),
  }),
})

const missing = (): never => {
  throw new Error('Users have fewer verbs inside of a transaction than outside')
}
