import { AuthError } from '../../errors.js'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import { within } from '../../lib/within.js'
import type { MemoryCounters } from './memory-counters.js'
import type { Count, RateCounters } from './store.js'

/** A count, and whether this process was alone when it was made. */
export type Hit = Count & { isAlone: boolean }

type Deps = { shared: RateCounters; local: MemoryCounters; clock: Clock; log: Log }

/**
 * Counters that all instances share as long as they answer, and those of this process as long as they do not. Once they are
 * away nobody waits for them: they are asked again every second, beside the requests.
 */
export const createSharedCounters = ({ shared, local, clock, log }: Deps) => {
  let isAway = false
  let askedAt = 0

  const hit = (key: string, windowSeconds: number, most: number): Hit | Promise<Hit> => {
    if (isAway) {
      lookAgain(key, windowSeconds, most)
      return countAlone(key, windowSeconds)
    }
    const count = shared.hit(key, windowSeconds, most)
    if (!(count instanceof Promise)) return together(count)
    return within(patienceMilliseconds, count).then(together, (error: unknown) => {
      leave(error)
      return countAlone(key, windowSeconds)
    })
  }

  const together = (count: Count): Hit => ({ ...count, isAlone: false })

  const countAlone = (key: string, windowSeconds: number): Hit => ({
    ...local.hit(key, windowSeconds),
    isAlone: true,
  })

  const leave = (error: unknown): void => {
    if (isAway) return
    isAway = true
    askedAt = clock().getTime()
    log.warn(
      { err: error instanceof AuthError ? error.cause : error },
      'the shared rate limits cannot be reached: until they can, this process counts alone, at half of each limit',
    )
  }

  const lookAgain = (key: string, windowSeconds: number, most: number): void => {
    const now = clock().getTime()
    if (Math.abs(now - askedAt) < restMilliseconds) return
    askedAt = now
    const count = Promise.resolve(shared.hit(key, windowSeconds, most))
    within(patienceMilliseconds, count).then(comeBack, () => {})
  }

  const comeBack = (): void => {
    if (!isAway) return
    isAway = false
    log.warn({}, 'the shared rate limits can be reached again, and count for all instances')
  }

  return { hit }
}
export type SharedCounters = ReturnType<typeof createSharedCounters>

const patienceMilliseconds = 500
const restMilliseconds = 1_000
