import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import { createMemoryCounters } from './memory-counters.js'
import { createSharedCounters, type Hit, type SharedCounters } from './shared-counters.js'
import type { Count, RateCounters } from './store.js'

/** Limits of single routes, besides `requests`, which counts everything. */
export type RouteLimit = 'login' | 'register' | 'refresh'
export type LimitName = 'requests' | RouteLimit

/** Where a key stands under a limit, the present request counted. */
export type Standing = {
  name: LimitName
  /** How many there may be in a window. */
  max: number
  windowSeconds: number
  remaining: number
  /** Until the window ends. */
  resetSeconds: number
  isOver: boolean
}

/** How many in a window, by name; 0 limits nothing. `window` is that of `requests`, the others count by the minute. */
export type RateSettings = Readonly<Record<LimitName | 'window', number>>

type Deps = {
  settings: RateSettings
  /** Counters that all instances share. Without them each counts for itself. */
  shared: RateCounters | undefined
  clock: Clock
  log: Log
}

/** Rate limits: how often one may ask. Whoever is over a limit is counted on, and served again when the window ends. */
export const createRateLimits = ({ settings, shared, clock, log }: Deps) => {
  const local = createMemoryCounters({ clock })
  const together = shared && createSharedCounters({ shared, local, clock, log })

  const standingOf = (name: LimitName, by: Count, allowed: number): Standing => ({
    name,
    max: allowed,
    windowSeconds: windowOf(name),
    remaining: Math.max(0, allowed - by.count),
    resetSeconds: by.resetSeconds,
    isOver: by.count > allowed,
  })

  const windowOf = (name: LimitName): number =>
    name === 'requests' ? settings.window : secondsOfRoutes

  const countTogether = (
    counters: SharedCounters,
    name: LimitName,
    key: string,
  ): MaybeLater<Standing> => {
    const judged = (by: Hit): Standing =>
      standingOf(name, by, by.isAlone ? halfOf(settings[name]) : settings[name])
    const hit = counters.hit(key, windowOf(name), settings[name])
    return hit instanceof Promise ? hit.then(judged) : judged(hit)
  }

  /**
   * Counts one request of `by`, an address or a device. Undefined when there is no such limit. Counters of this process
   * answer at once, which every request feels.
   */
  const count = (name: LimitName, by: string): MaybeLater<Standing | undefined> => {
    if (settings[name] === 0) return undefined
    const key = `${name}:${by}`
    if (together !== undefined) return countTogether(together, name, key)
    return standingOf(name, local.hit(key, windowOf(name)), settings[name])
  }

  return { count }
}
export type RateLimits = ReturnType<typeof createRateLimits>

export type MaybeLater<Result> = Result | Promise<Result>

const secondsOfRoutes = 60

/** Nobody knows how many other processes count by themselves: never none, and never all that was allowed to all. */
const halfOf = (max: number): number => Math.ceil(max / 2)
