import { describe, expect, test } from 'vitest'
import { cleanAddress, cleanUserAgent } from './caller.js'

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

describe('an address that is kept', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
    [undefined, undefined],
  ])('%s is written %s', (given, kept) => {
    expect(cleanAddress(given)).toBe(kept)
  })
})
