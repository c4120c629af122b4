import { describe, expect, test } from 'vitest'
import { parseDuration } from './duration.js'

describe('a duration', () => {
  test.each([
    ['0s', 0],
    ['10s', 10],
    ['15m', 900],
    ['12h', 43_200],
    ['7d', 604_800],
    ['007d', 604_800],
    ['999999999s', 999_999_999],
  ])('%s is read', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  test.each([
    ...['', '10', 's', '10 s', ' 10s', '10s ', '10s\n', '-1s', '+1s', '1.5h', '1e3s', '0x10s'],
    ...['10S', '10ms', '1w', '1h30m', '1000000000s', '١٠s', 'NaNs', 'Infinityd'],
  ])('%j is not one', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
})
