import { isIP } from 'node:net'
import type { Caller } from '../../lib/caller.js'
import type { Clock } from '../../lib/clock.js'
import { addressKey } from '../../lib/ip-address.js'
import type { Store } from '../../stores/store.js'
import type { Events } from '../events/events.js'
import { type AttemptKeys, kindOf } from '../limits/attempt-keys.js'
import type { AttemptRow, AttemptStore } from '../limits/store.js'
import type { Administration } from './administration.js'

/** Locks: who has to wait because of wrong passwords, as an operator sees and ends it. */
type Deps = {
  store: Pick<Store, 'users' | 'attempts'>
  events: Events
  clock: Clock
  administration: Pick<Administration, 'find'>
  keys: Pick<AttemptKeys, 'ofAddress'>
}

/** A key that is blocked at this moment. */
export type Lock = {
  /** Stands for this lock in `afterKey`. */
  key: string
  /** account: for everybody but known devices; pair: for one address; address: on all accounts; device: a known one. */
  kind: string
  /** Null for an address, and for names that no account has. */
  userId: string | null
  email: string | null
  /** What is counted by: an IPv4 address, or the /64 of an IPv6 one. */
  address: string | null
  failures: number
  until: Date
}

export const createLocks = ({ store, events, clock, administration, keys }: Deps) => {
  /** In order of key, at most `limit` (up to 1,000) behind `afterKey`. */
  const list = async ({
    afterKey,
    limit = 100,
  }: {
    afterKey?: string
    limit?: number
  } = {}): Promise<Lock[]> => {
    const query = { now: clock(), afterKey, limit: Math.min(limit, mostLocks) }
    return Promise.all((await store.attempts.listBlocked(query)).map(lockOf))
  }

  const lockOf = async (row: AttemptRow): Promise<Lock> => {
    const user = row.subjectId === null ? undefined : await store.users.find(row.subjectId)
    return {
      key: row.key,
      kind: kindOf(row.key),
      userId: row.subjectId,
      email: user?.email ?? null,
      address: row.address,
      failures: row.failures,
      until: row.blockedUntil ?? row.lastAt,
    }
  }

  /**
   * Forgets the failed tries on an account (by id, e-mail address or username), or from an address, or all that have led to a
   * lock. Returns how many counts are gone.
   *
   * @throws AuthError `account_not_found`
   */
  const clear = async (of: string | { all: true }, caller: Caller): Promise<number> => {
    if (typeof of !== 'string') return clearEverything(caller)
    const address = of.replace(/\/64$/, '')
    if (isIP(address) !== 0) return clearAddress(addressKey(address), caller)
    const { id } = await administration.find(of)
    return record(caller, { subjectId: id }, ({ clearAll }) => clearAll({ subjectId: id }))
  }

  const clearAddress = (address: string, caller: Caller): Promise<number> =>
    record(caller, { address }, async (attempts) => {
      const whole = await attempts.clear([keys.ofAddress(address)]) // others may share its row
      return whole + (await attempts.clearAll({ address }))
    })

  const clearEverything = (caller: Caller): Promise<number> =>
    record(caller, {}, async (attempts) => {
      let count = 0
      for (;;) {
        const rows = await attempts.listBlocked({ now: clock(), limit: mostLocks })
        if (rows.length === 0) return count
        count += await attempts.clear(rows.map(({ key }) => key))
      }
    })

  const record = (
    caller: Caller,
    { subjectId, address }: { subjectId?: string; address?: string },
    forget: (attempts: AttemptStore) => Promise<number>,
  ): Promise<number> =>
    events.commit(async (ports) => {
      const count = await forget(ports.attempts)
      await ports.record('locks.cleared', caller, {
        ...(subjectId !== undefined && { subjectId }),
        details: { count, ...(address !== undefined && { address }) },
      })
      return count
    })

  return { list, clear }
}
export type Locks = ReturnType<typeof createLocks>

const mostLocks = 1000
