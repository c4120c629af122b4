import { expect } from 'vitest'
import type { Answer } from './calls.js'

/** The store is away: the caller is told when to come again, and loses nothing. */
export const expectUnavailable = ({ status, body, headers, text }: Answer): void => {
  expect([status, body.code], text).toEqual([503, 'store_unavailable'])
  expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  expect(headers['set-cookie']).toBeUndefined()
}
