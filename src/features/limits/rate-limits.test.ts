import { describe, expect, test } from 'vitest'
import type { Log } from '../../lib/log.js'
import { silentLog } from '../../lib/log.js'
import { createTestClock } from '../../testing/testing.js'
import { createMemoryCounters } from './memory-counters.js'
import { createRateLimits } from './rate-limits.js'
import type { RateCounters } from './store.js'

const settings = { requests: 600, window: 30, login: 5, register: 0, refresh: 1 }

describe('rate limits', () => {
  test('let so many through, tell what is left, and begin again', async () => {
    const clock = createTestClock()
    const { count } = createRateLimits({ settings, shared: undefined, clock, log: silentLog })
    for (let left = 4; left >= 0; left -= 1)
      expect(await count('login', 'a')).toMatchObject({ remaining: left, isOver: false })
    clock.advance('20s')

    const over = { name: 'login', max: 5, windowSeconds: 60, remaining: 0, resetSeconds: 40 }
    expect(await count('login', 'a')).toEqual({ ...over, isOver: true })
    expect(await count('login', 'b')).toMatchObject({ remaining: 4, isOver: false })
    clock.advance('40s')
    expect(await count('login', 'a')).toMatchObject({ remaining: 4, isOver: false })
  })

  test('count each name apart, and nothing where the limit is 0', async () => {
    const clock = createTestClock()
    const { count } = createRateLimits({ settings, shared: undefined, clock, log: silentLog })
    for (let times = 0; times < 7; times += 1) await count('login', 'a')

    expect(await count('requests', 'a')).toMatchObject({ remaining: 599, windowSeconds: 30 })
    expect(await count('register', 'a')).toBeUndefined()
  })
})

/** Counters that all share, which can be away, hang, or talk nonsense. */
const createShared = (clock = createTestClock()) => {
  const state = { mood: 'well' as 'well' | 'away' | 'hanging', asked: 0 }
  const counters = createMemoryCounters({ clock })
  const shared: RateCounters = {
    hit: async (key, windowSeconds) => {
      state.asked += 1
      if (state.mood === 'hanging') await new Promise(() => {})
      if (state.mood === 'away') throw new Error('ECONNREFUSED')
      return counters.hit(key, windowSeconds)
    },
  }
  const said: string[] = []
  const log: Log = { ...silentLog, warn: (_fields, message) => said.push(message) }
  const open = () => createRateLimits({ settings, shared, clock, log })
  return { state, clock, said, open }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('limits that instances share', () => {
  test('count together', async () => {
    const { open } = createShared()
    const [one, other] = [open(), open()]
    for (let times = 0; times < 3; times += 1) await one.count('login', 'a')
    for (let times = 0; times < 2; times += 1) await other.count('login', 'a')

    expect(await one.count('login', 'a')).toMatchObject({ max: 5, isOver: true })
    expect(await other.count('login', 'a')).toMatchObject({ max: 5, isOver: true })
  })

  test('R-18: are counted alone at half when nobody answers: never without a limit, never closed', async () => {
    const { open, state } = createShared()
    const { count } = open()
    state.mood = 'away'
    const isOver = async (name: 'login' | 'refresh') => (await count(name, 'a'))?.isOver

    expect([await isOver('login'), await isOver('login'), await isOver('login')]).toEqual([
      false,
      false,
      false,
    ])
    expect(await isOver('login')).toBe(true)
    expect([await isOver('refresh'), await isOver('refresh')]).toEqual([false, true])
  })

  test('R-18: nobody waits for one that hangs but those who asked first', async () => {
    const { open, state, clock } = createShared()
    const { count } = open()
    state.mood = 'hanging'
    const started = performance.now()
    await Promise.all(Array.from({ length: 20 }, (_, index) => count('login', `${index}`)))
    const first = performance.now() - started
    expect(first).toBeLessThan(2_000)

    for (let second = 0; second < 30; second += 1) {
      clock.advance('1s')
      await count('login', 'a')
    }
    expect(performance.now() - started - first).toBeLessThan(400)
  })

  test('R-18: is asked again once a second, and comes back by itself; each is said once', async () => {
    const { open, state, clock, said } = createShared()
    const { count } = open()
    state.mood = 'away'
    for (let times = 0; times < 20; times += 1) await count('requests', 'a')
    expect(state.asked).toBe(1)
    clock.advance('1s')
    for (let times = 0; times < 20; times += 1) await count('requests', 'a')
    expect(state.asked).toBe(2)
    expect(said).toHaveLength(1)
    expect(said[0]).toContain('half')

    state.mood = 'well'
    clock.advance('1s')
    await count('requests', 'a')
    await settled()
    expect(await count('requests', 'a')).toMatchObject({ max: 600 })
    expect(said).toHaveLength(2)
    expect(said[1]).toContain('again')
  })

  test('R-18: is asked again also when the clock has been set back', async () => {
    let now = new Date('2026-01-02T00:00:00Z')
    const clock = Object.assign(() => now, { advance: () => {} })
    const { open, state } = createShared(clock)
    const { count } = open()
    state.mood = 'away'
    await count('requests', 'a')
    now = new Date('2026-01-01T00:00:00Z')
    await count('requests', 'a')

    expect(state.asked).toBe(2)
  })
})
