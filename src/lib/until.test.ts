import { expect, test } from 'vitest'
import { parseUntil } from './until.js'

test.each([
  ['2026-12-31', '2027-01-01T00:00:00.000Z'],
  ['2028-02-29', '2028-03-01T00:00:00.000Z'],
  ['2026-12-31T12:00Z', '2026-12-31T12:00:00.000Z'],
  ['2026-12-31T12:00:30.5+02:00', '2026-12-31T10:00:30.500Z'],
])('%s lasts until %s', (text, instant) => {
  expect(parseUntil(text)?.toISOString()).toBe(instant)
})

test.each([
  ...['', 'soon', '2026-02-30', '2026-13-01', '2026-2-3', '31.12.2026', '2026-12-31T12:00'],
  ...['2026-02-30T12:00Z', '2026-12-31 12:00Z', '2026-12-31T25:00Z', '1798675200', '2026-12-31\n'],
])('%j is no time', (text) => {
  expect(parseUntil(text)).toBeUndefined()
})
