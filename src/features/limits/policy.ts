import { addSeconds } from '../../lib/clock.js'
import type { Tally } from './store.js'

/** What failed tries lead to, by the numbers alone: a policy is told a tally and says what becomes of it. */
export type Policy = {
  /** With so many failures the key is locked. */
  limit: number
  lockSeconds: number
  /** Whether half as many failures make the key wait, and each failure behind the limit doubles the lock. */
  grows: boolean
  /** Whether a lock that has ended is the end of the failures, too. Else a single further one locks again. */
  pardons: boolean
}

export type LockSettings = { afterFailures: number; duration: number }

/** What a try is counted by. */
export const kinds = ['pair', 'account', 'address', 'device'] as const
export type Kind = (typeof kinds)[number]

/** So long after the last failure all of them are forgotten; no lock is longer. */
export const forgetSeconds = 86_400

/** How much more an account bears from all addresses together, and an address on all accounts. */
const broad = 5

export const policiesOf = ({ afterFailures, duration }: LockSettings): Record<Kind, Policy> => {
  const narrow = { limit: afterFailures, lockSeconds: duration, grows: true, pardons: false }
  const wide = { ...narrow, limit: afterFailures * broad, grows: false }
  return {
    pair: narrow,
    device: narrow,
    account: wide,
    // many people may share an address: what they mistype in a week must not lock them all out at every further slip
    address: { ...wide, pardons: true },
  }
}

/** The tally with one more failure. The lock is set with the try itself, before its outcome is known. */
export const countTry = (policy: Policy, before: Tally | undefined, now: Date): Tally => {
  const failures = (isForgotten(policy, before, now) ? 0 : (before?.failures ?? 0)) + 1
  return { failures, lastAt: now, blockedUntil: lockOf(policy, failures, now) }
}

const isForgotten = (policy: Policy, before: Tally | undefined, now: Date): boolean => {
  if (before === undefined || addSeconds(before.lastAt, forgetSeconds) <= now) return true
  return policy.pardons && before.blockedUntil !== null && before.blockedUntil <= now
}

const lockOf = (
  { limit, lockSeconds, grows }: Policy,
  failures: number,
  now: Date,
): Date | null => {
  if (failures < limit) return null
  const seconds = grows ? lockSeconds * 2 ** (failures - limit) : lockSeconds
  return addSeconds(now, Math.min(seconds, forgetSeconds))
}

/** Until when the key has to wait because so many tries have failed; null when it need not. */
export const delayAfter = (
  { limit, lockSeconds, grows }: Policy,
  failures: number,
  now: Date,
): Date | null => {
  const free = Math.floor(limit / 2)
  if (!grows || failures <= free || failures >= limit) return null
  return addSeconds(now, Math.min(2 ** (failures - free - 1), lockSeconds))
}
