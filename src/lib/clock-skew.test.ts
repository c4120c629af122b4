import { expect, test } from 'vitest'
import { isTooMuch, measureSkew } from './clock-skew.js'

const noon = new Date('2026-11-21T12:00:00Z')
const shifted = (seconds: number): Date => new Date(noon.getTime() + seconds * 1000)
const measure = (otherSeconds: number) =>
  measureSkew(
    async () => shifted(otherSeconds),
    () => noon,
  )

test.each([0, 4, -4, 6, -6, 60, -3600])(
  'a clock that is %d s off is measured so',
  async (seconds) => {
    const skew = await measure(seconds)

    expect(skew.seconds).toBeCloseTo(-seconds, 1)
    expect(skew.uncertaintySeconds).toBeLessThan(0.5)
    expect(isTooMuch(skew)).toBe(Math.abs(seconds) > 5)
  },
)

test.each([
  [5, 0, false],
  [5.1, 0, true],
  [-5.1, 0, true],
  [8, 4, false],
  [-9.5, 4, true],
])('%d s with an answer that took %d s each way is too much: %s', (seconds, slow, expected) => {
  expect(isTooMuch({ seconds, uncertaintySeconds: slow })).toBe(expected)
})

test('whoever does not answer has no time to tell', async () => {
  await expect(
    measureSkew(
      () => Promise.reject(new Error('away')),
      () => noon,
    ),
  ).rejects.toThrow('away')
})
