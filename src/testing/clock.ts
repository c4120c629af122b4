import { addSeconds, type Clock } from '../lib/clock.js'
import { parseDuration } from '../lib/duration.js'

/** A clock that stands still until it is moved. Calling it gives the present instant. */
export type TestClock = Clock & {
  /**
   * Moves the clock forward.
   *
   * @param duration a whole number and a unit: '10s', '16m', '12h', '30d'
   * @throws Error when it is anything else
   */
  advance(duration: string): void
}

/**
 * A clock for tests: nothing sleeps, and a token expires when the test says so.
 *
 * @param start the first instant. Default: the first of January 2026, midnight UTC
 * @example
 * const clock = createTestClock()
 * const auth = createAuth({ store: memoryStore(), clock })
 * clock.advance('16m')
 */
export const createTestClock = (start = new Date('2026-01-01T00:00:00.000Z')): TestClock => {
  let now = start
  const clock: Clock = () => new Date(now)
  return Object.assign(clock, {
    advance: (duration: string): void => {
      const seconds = parseDuration(duration)
      if (seconds === undefined) throw new Error(`Not a duration: ${duration}`)
      now = addSeconds(now, seconds)
    },
  })
}
