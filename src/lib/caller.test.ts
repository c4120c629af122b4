import { describe, expect, test } from 'vitest'
import { cleanUserAgent } from './caller.js'

describe('a user agent that is kept', () => {
  test('stays as it is when it is ordinary', () => {
    expect(cleanUserAgent('Mozilla/5.0 (X11; Linux)')).toBe('Mozilla/5.0 (X11; Linux)')
    expect(cleanUserAgent('')).toBe('')
    expect(cleanUserAgent(undefined)).toBeUndefined()
  })

  test('stays on one line and cannot steer a terminal or turn the reading direction', () => {
    expect(cleanUserAgent('a\r\nb\0c\u001b[31md\u2028e\u202ef\u200bg')).toBe('a  b c [31md e f g')
  })

  test('has at most 256 characters and is never cut inside one', () => {
    const cut = cleanUserAgent(`${'x'.repeat(255)}🦊🦊`)

    expect([...(cut ?? '')]).toHaveLength(256)
    expect(cut?.endsWith('x🦊')).toBe(true)
    expect(cleanUserAgent('x'.repeat(100_000))).toHaveLength(256)
  })
})
