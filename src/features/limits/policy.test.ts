import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addSeconds, secondsBetween } from '../../lib/clock.js'
import { countTry, delayAfter, forgetSeconds, kinds, type Policy, policiesOf } from './policy.js'
import type { Tally } from './store.js'

const now = new Date('2026-01-01T00:00:00.000Z')
const { pair, account, address, device } = policiesOf({ afterFailures: 10, duration: 900 })

const tally = (failures: number, part: Partial<Tally> = {}): Tally => ({
  failures,
  lastAt: now,
  blockedUntil: null,
  ...part,
})

const lockSecondsOf = ({ blockedUntil }: Tally): number | null =>
  blockedUntil && secondsBetween(now, blockedUntil)

const delaySecondsOf = (policy: Policy, failures: number): number | null => {
  const until = delayAfter(policy, failures, now)
  return until && secondsBetween(now, until)
}

describe('an account from one address, and a known device', () => {
  test.each([
    [1, null],
    [5, null],
    [6, 1],
    [7, 2],
    [8, 4],
    [9, 8],
    [10, null],
    [25, null],
  ])('after %i failures the wait is %s s', (failures, seconds) => {
    expect(delaySecondsOf(pair, failures)).toBe(seconds)
    expect(delaySecondsOf(device, failures)).toBe(seconds)
  })

  test.each([
    [9, null],
    [10, 900],
    [11, 1800],
    [12, 3600],
    [16, 57_600],
    [17, 86_400],
    [5000, 86_400],
  ])('failure %i locks for %s s', (failures, seconds) => {
    expect(lockSecondsOf(countTry(pair, tally(failures - 1), now))).toBe(seconds)
  })
})

describe('an account from everywhere, and an address on all accounts', () => {
  test.each([account, address])(
    'never wait, and are locked at five times as many: %j',
    (policy) => {
      expect(delaySecondsOf(policy, 49)).toBeNull()
      expect(lockSecondsOf(countTry(policy, tally(48), now))).toBeNull()
      expect(lockSecondsOf(countTry(policy, tally(49), now))).toBe(900)
      expect(lockSecondsOf(countTry(policy, tally(60), now))).toBe(900)
    },
  )

  test('after its lock an address begins anew, an account does not', () => {
    const ended = tally(50, { blockedUntil: now })

    expect(countTry(address, ended, now)).toMatchObject({ failures: 1, blockedUntil: null })
    expect(countTry(account, ended, now)).toMatchObject({ failures: 51 })
    expect(lockSecondsOf(countTry(account, ended, now))).toBe(900)
  })
})

describe('whatever the numbers', () => {
  const settings = fc.record({
    afterFailures: fc.integer({ min: 3, max: 1_000_000 }),
    duration: fc.integer({ min: 60, max: 86_400 }),
  })
  const policies = fc
    .tuple(settings, fc.constantFrom(...kinds))
    .map(([given, kind]) => policiesOf(given)[kind])
  const failures = fc.integer({ min: 0, max: 3_000_000 })
  const later = fc.integer({ min: 0, max: 2 * forgetSeconds })

  test('each failure counts one, until all are forgotten a day after the last', () => {
    fc.assert(
      fc.property(policies, failures, later, (policy, count, seconds) => {
        const after = countTry(policy, tally(count), addSeconds(now, seconds))
        expect(after.failures).toBe(seconds >= forgetSeconds ? 1 : count + 1)
        expect(after.lastAt).toEqual(addSeconds(now, seconds))
      }),
    )
  })

  test('a key is locked from its limit on and not before, never for more than a day', () => {
    fc.assert(
      fc.property(policies, failures, (policy, count) => {
        const seconds = lockSecondsOf(countTry(policy, tally(count), now))
        if (count + 1 < policy.limit) expect(seconds).toBeNull()
        else expect(seconds).toBeGreaterThanOrEqual(Math.min(policy.lockSeconds, forgetSeconds))
        expect(seconds ?? 0).toBeLessThanOrEqual(forgetSeconds)
      }),
    )
  })

  test('a lock is over before its failures are forgotten', () => {
    fc.assert(
      fc.property(policies, failures, (policy, count) => {
        const { blockedUntil, lastAt } = countTry(policy, tally(count), now)
        if (blockedUntil === null) return
        expect(blockedUntil.getTime()).toBeLessThanOrEqual(
          addSeconds(lastAt, forgetSeconds).getTime(),
        )
      }),
    )
  })

  test('waits grow with the failures, are never longer than the lock, and leave the first half alone', () => {
    fc.assert(
      fc.property(policies, failures, (policy, count) => {
        const [one, next] = [delaySecondsOf(policy, count), delaySecondsOf(policy, count + 1)]
        if (count <= policy.limit / 2) expect(one).toBeNull()
        if (one !== null && next !== null) expect(next).toBeGreaterThanOrEqual(one)
        expect(one ?? 0).toBeLessThanOrEqual(policy.lockSeconds)
      }),
    )
  })
})
