import { expect } from 'vitest'

/** What every answer of the envelope looks like, whatever it says. */
export const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
/** UTC, without an offset. */
export const naive = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$/

export const success = (data: unknown, statusCode = 200) => ({
  success: true,
  status_code: statusCode,
  message: expect.stringMatching(/\S/),
  data,
  timestamp: expect.stringMatching(instant),
})

export const refusal = (statusCode: number, code: string, detail: unknown) => ({
  success: false,
  status_code: statusCode,
  message: expect.stringMatching(/\S/),
  error_code: code,
  details: { detail },
  data: null,
  timestamp: expect.stringMatching(instant),
})

export const shown = (email: string) => ({
  id: expect.any(Number),
  email,
  username: 'testuser',
  is_active: true,
  created_at: expect.stringMatching(naive),
})
