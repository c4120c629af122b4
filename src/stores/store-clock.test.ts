import { expect, test } from 'vitest'
import { createStoreClock } from './store-clock.js'

const noon = new Date('2026-11-21T12:00:00Z')
const after = (seconds: number): Date => new Date(noon.getTime() + seconds * 1000)
const local = (): Date => noon

test.each([60, -60, 2, -3600])('a store that is %d s ahead is followed', async (seconds) => {
  const { clock, start, stop } = createStoreClock({
    place: { now: async () => after(seconds) },
    local,
  })
  await start()
  stop()

  expect(Math.abs(clock().getTime() - after(seconds).getTime())).toBeLessThan(100)
})

test.each([0, 0.5, -0.9])('jitter of %d s is not', async (seconds) => {
  const { clock, start, stop } = createStoreClock({
    place: { now: async () => after(seconds) },
    local,
  })
  await start()
  stop()

  expect(clock()).toEqual(noon)
})

test('a store without a clock, or one that does not answer, leaves ours as it is', async () => {
  const away = { now: () => Promise.reject(new Error('away')) }
  for (const place of [undefined, {}, away]) {
    const { clock, start, stop } = createStoreClock({ place, local })
    await start()
    stop()

    expect(clock()).toEqual(noon)
  }
})
