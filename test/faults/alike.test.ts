import { expect, test } from 'vitest'
import { majorityOf } from './alike.js'

test('a majority is told as soon as no further round could change it, and not before', () => {
  expect(majorityOf([], 3)).toBeUndefined()
  expect(majorityOf([true], 3)).toBeUndefined()
  expect(majorityOf([true, false], 3)).toBeUndefined()
  expect(majorityOf([true, true], 3)).toBe(true)
  expect(majorityOf([false, true, false], 3)).toBe(false)
})
