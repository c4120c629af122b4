import { describe, expect, test } from 'vitest'
import { createTestClock } from '../../testing/testing.js'
import { createMemoryCounters } from './memory-counters.js'

describe('a counter in memory', () => {
  test('counts from its first hit on, and begins again when the window is over', () => {
    const clock = createTestClock()
    const { hit } = createMemoryCounters({ clock })

    expect(hit('a', 60)).toEqual({ count: 1, resetSeconds: 60 })
    clock.advance('59s')
    expect(hit('a', 60)).toEqual({ count: 2, resetSeconds: 1 })
    expect(hit('b', 60)).toEqual({ count: 1, resetSeconds: 60 })
    clock.advance('1s')
    expect(hit('a', 60)).toEqual({ count: 1, resetSeconds: 60 })
    expect(hit('b', 60)).toEqual({ count: 2, resetSeconds: 59 })
  })

  test('does not stand still when the clock is set back', () => {
    let now = new Date('2026-01-02T00:00:00Z')
    const { hit } = createMemoryCounters({ clock: () => now })
    for (let count = 0; count < 9; count += 1) hit('a', 60)
    now = new Date('2026-01-01T00:00:00Z')

    expect(hit('a', 60)).toEqual({ count: 1, resetSeconds: 60 })
    now = new Date('2026-01-01T00:00:30Z')
    expect(hit('a', 60)).toEqual({ count: 2, resetSeconds: 30 })
  })

  test('takes any text for a key', () => {
    const { hit } = createMemoryCounters({ clock: createTestClock() })
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '']) {
      expect(hit(key, 60).count).toBe(1)
      expect(hit(key, 60).count).toBe(2)
    }
  })

  test('goes on counting after millions', () => {
    const { hit } = createMemoryCounters({ clock: createTestClock() })
    let last = 0
    for (let count = 0; count < 3_000_000; count += 1) last = hit('a', 60).count

    expect(last).toBe(3_000_000)
  })
})

describe('A-195: so many keys are kept and no more', () => {
  /** Somebody who asks so often from each of so many addresses. */
  const flood = (
    { hit }: ReturnType<typeof createMemoryCounters>,
    { addresses, times = 1, name = 'flood' }: { addresses: number; times?: number; name?: string },
  ): void => {
    for (let address = 0; address < addresses; address += 1)
      for (let time = 0; time < times; time += 1) hit(`${name}${address}`, 60)
  }

  test('a million addresses do not push out the one that is at its limit', () => {
    const counters = createMemoryCounters({ clock: createTestClock() })
    for (let count = 0; count < 5; count += 1) counters.hit('guesser', 60)
    flood(counters, { addresses: 1_000_000 })

    expect(counters.size()).toBe(50_000)
    expect(counters.hit('guesser', 60).count).toBe(6)
  })

  test('addresses that all ask as often as the limit leave newcomers room to be counted in', () => {
    const counters = createMemoryCounters({ clock: createTestClock() })
    flood(counters, { addresses: 60_000, times: 5 })
    expect(counters.size()).toBe(50_000)

    for (let count = 1; count <= 9; count += 1) {
      expect(counters.hit('newcomer', 60).count).toBe(count)
      flood(counters, { addresses: 300, name: `other${count}-` })
    }
  })

  test('what is over makes room before anything that still counts', () => {
    const clock = createTestClock()
    const counters = createMemoryCounters({ clock, most: 100 })
    flood(counters, { addresses: 100, times: 5, name: 'past' })
    clock.advance('61s')
    flood(counters, { addresses: 100, name: 'present' })
    for (let address = 0; address < 100; address += 1)
      expect(counters.hit(`present${address}`, 60).count).toBe(2)
  })

  test('and a clock that is set back does not keep what is over for ever', () => {
    let now = new Date('2026-01-02T00:00:00Z')
    const counters = createMemoryCounters({ clock: () => now, most: 100 })
    flood(counters, { addresses: 200, times: 5, name: 'past' })
    now = new Date('2026-01-01T00:00:00Z')
    flood(counters, { addresses: 100, name: 'present' })

    expect(counters.size()).toBe(100)
    expect(counters.hit('present99', 60).count).toBe(2)
  })
})
