import { addSeconds, type Clock } from '../lib/clock.js'
import { parseDuration } from '../lib/duration.js'

/** A clock that stands still until it is moved. */
export type TestClock = Clock & {
  /** '16m', '10s', '30d' */
  advance(duration: string): void
}

export const createTestClock = (start = new Date('2026-01-01T00:00:00.000Z')): TestClock => {
  let now = start
  const clock: Clock = () => now
  return Object.assign(clock, {
    advance: (duration: string): void => {
      const seconds = parseDuration(duration)
      if (seconds === undefined) throw new Error(`Not a duration: ${duration}`)
      now = addSeconds(now, seconds)
    },
  })
}
