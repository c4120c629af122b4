import { expect, test } from 'vitest'
import { together } from './together.js'

test('who asks at the same time is given the same answer, who comes later a new one', async () => {
  let asked = 0
  const ask = together(async () => {
    asked += 1
    await new Promise((resolve) => setImmediate(resolve))
    if (asked === 2) throw new Error('away')
    return asked
  })

  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1])
  const failed = await Promise.allSettled([ask(), ask()])
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await ask()).toBe(3)
})
