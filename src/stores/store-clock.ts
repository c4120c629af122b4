import { type Clock, systemClock } from '../lib/clock.js'
import { measureSkew } from '../lib/clock-skew.js'
import type { Place } from './store.js'

/**
 * One clock for all instances. Times that are kept are compared by whoever reads them, so where the database has a clock
 * of its own and ours is off by more than jitter, ours follows it.
 */
type Deps = { place: Pick<Place, 'now'> | undefined; local?: Clock }

const jitterSeconds = 1
const seldomMilliseconds = 30_000

export const createStoreClock = ({ place, local = systemClock }: Deps) => {
  let aheadMilliseconds = 0
  let timer: NodeJS.Timeout | undefined
  const ask = place?.now

  /** Whoever does not answer leaves things as they were. */
  const look = async (): Promise<void> => {
    const skew = ask && (await measureSkew(ask, local).catch(() => undefined))
    if (skew === undefined) return
    const isOff = Math.abs(skew.seconds) - skew.uncertaintySeconds > jitterSeconds
    aheadMilliseconds = isOff ? Math.round(skew.seconds * 1000) : 0
  }

  return {
    clock: (): Date =>
      aheadMilliseconds === 0 ? local() : new Date(local().getTime() - aheadMilliseconds),
    /** Sets the clock, and goes on looking now and then. */
    start: async (): Promise<void> => {
      await look()
      if (ask !== undefined) timer ??= setInterval(() => void look(), seldomMilliseconds).unref()
    },
    stop: (): void => clearInterval(timer),
  }
}
