import type { Clock } from '../../lib/clock.js'
import { createQueue, type Queue } from '../../lib/queue.js'
import type { Count } from './store.js'

/** Counters of this process. However many keys somebody makes up, so many are kept and no more. */
export type MemoryCounters = {
  hit(key: string, windowSeconds: number): Count
  /** Counts several at once; says also when the window ends, in milliseconds since 1970. */
  add(key: string, windowSeconds: number, times: number): Count & { endsAt: number }
  /** Takes back what was counted in the window that ends then. */
  subtract(key: string, times: number, endsAt: number): void
  /** How many keys are kept at this moment. */
  size(): number
}

type Counter = { count: number; endsAt: number; level: Queue; risesAt: number }

type Deps = {
  clock: Clock
  /** How many keys are kept. */
  most?: number
}

/**
 * Keys stand on levels: with every doubling of its count a key goes one up. When there are too many, the oldest of the
 * lowest level that has more than its share is forgotten, so that thousands of addresses that ask once push out each
 * other and not the one that is at its limit; and a level that is filled up leaves room on those below it.
 */
export const createMemoryCounters = ({ clock, most = 50_000 }: Deps): MemoryCounters => {
  const counters = new Map<string, Counter>()
  const ground = createQueue()
  const levels = [ground, ...Array.from({ length: 31 }, createQueue)]
  const share = Math.floor(most / (2 * levels.length))
  let sweptAt = Number.NEGATIVE_INFINITY

  const add: MemoryCounters['add'] = (key, windowSeconds, times) => {
    const now = clock().getTime()
    const windowMilliseconds = windowSeconds * 1000
    const known = counters.get(key)
    const left = known === undefined ? 0 : known.endsAt - now
    // a window that is longer than it can be was begun by a clock that has been set back since
    const isOn = known !== undefined && left > 0 && left <= windowMilliseconds
    const counter = isOn ? known : begin(key, now + windowMilliseconds)
    counter.count += times
    while (counter.count >= counter.risesAt) rise(key, counter)
    if (!isOn && counters.size > most) makeRoom(now)
    const { count, endsAt } = counter
    return { count, resetSeconds: isOn ? Math.ceil(left / 1000) : windowSeconds, endsAt }
  }

  const begin = (key: string, endsAt: number): Counter => {
    counters.get(key)?.level.remove(key)
    const counter: Counter = { count: 0, endsAt, level: ground, risesAt: 2 }
    counters.set(key, counter)
    ground.add(key)
    return counter
  }

  const rise = (key: string, counter: Counter): void => {
    counter.risesAt *= 2
    const next = levels[levels.indexOf(counter.level) + 1]
    if (next === undefined) return
    counter.level.remove(key)
    next.add(key)
    counter.level = next
  }

  const makeRoom = (now: number): void => {
    if (isSweepDue(now)) sweep(now)
    if (counters.size <= most) return
    const oldest = levels.find(({ size }) => size() > share)?.oldest()
    if (oldest !== undefined) forget(oldest)
  }

  /** It looks at every key, so not for every one that comes. */
  const isSweepDue = (now: number): boolean => Math.abs(now - sweptAt) >= sweepMilliseconds

  const sweep = (now: number): void => {
    sweptAt = now
    for (const [key, { endsAt }] of counters) if (endsAt <= now) forget(key)
  }

  const forget = (key: string): void => {
    counters.get(key)?.level.remove(key)
    counters.delete(key)
  }

  const hit: MemoryCounters['hit'] = (key, windowSeconds) => {
    const { count, resetSeconds } = add(key, windowSeconds, 1)
    return { count, resetSeconds }
  }

  const subtract: MemoryCounters['subtract'] = (key, times, endsAt) => {
    const known = counters.get(key)
    if (known?.endsAt === endsAt) known.count -= times
  }

  return { hit, add, subtract, size: () => counters.size }
}

const sweepMilliseconds = 10_000
