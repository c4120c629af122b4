import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addressKey,
  addressRanges,
  canonicalAddress,
  canonicalRange,
  isBoundless,
  isRange,
} from './ip-address.js'

describe('an address', () => {
  test('has one spelling, and its spelling has the same', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const spelled = canonicalAddress(text) ?? ''
        expect(canonicalAddress(spelled)).toBe(spelled)
        expect(canonicalAddress(text.toUpperCase())).toBe(spelled)
      }),
    )
  })

  test('that is none has none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => canonicalAddress(text)).not.toThrow()
      }),
    )
    for (const text of [
      '',
      ' 1.2.3.4',
      '1.2.3',
      '01.2.3.4',
      '1.2.3.4/32',
      '[::1]',
      ':::',
      'unknown',
    ])
      expect(canonicalAddress(text)).toBeUndefined()
  })

  test('A-062: is counted by its /64, however it is spelled', () => {
    for (const text of [
      '2001:db8:1:2::1',
      '2001:DB8:1:2:ffff:ffff:ffff:ffff',
      '2001:0db8:0001:0002:0000:0000:0000:0009',
      '2001:db8:1:2:0:0:1.2.3.4',
      '2001:db8:1:2::7%eth0',
    ])
      expect(addressKey(text)).toBe('2001:db8:1:2::/64')
    expect(addressKey('2001:db8:1:3::1')).not.toBe('2001:db8:1:2::/64')
    expect(addressKey('2001:db8::1')).toBe('2001:db8:0:0::/64')
    expect(addressKey('::ffff:192.0.2.1')).toBe(addressKey('192.0.2.1'))
    expect(addressKey('::1')).toBe('0:0:0:0::/64')
    for (const text of [undefined, '', 'nonsense']) expect(addressKey(text)).toBe('unknown')
  })
})

describe('a range', () => {
  test('of mapped addresses is one of IPv4', () => {
    expect(canonicalRange('::ffff:10.0.0.0/104')).toBe('10.0.0.0/8')
    expect(canonicalRange('::FFFF:192.0.2.1')).toBe('192.0.2.1/32')
    expect(canonicalRange('2001:DB8::/32')).toBe('2001:db8::/32')
    expect(addressRanges(['::ffff:10.0.0.0/104']).includes('10.9.9.9')).toBe(true)
    expect(addressRanges(['10.0.0.0/8']).includes('::ffff:10.9.9.9')).toBe(true)
    expect(addressRanges(['10.0.0.0/8']).includes('11.0.0.1')).toBe(false)
  })

  test('is not everything that looks like one', () => {
    for (const text of [
      '',
      '10.0.0.0/33',
      '::/129',
      '10.0.0.0/',
      '10.0.0.0/-1',
      '10/8',
      'fe80::%1/64',
    ])
      expect([text, isRange(text)]).toEqual([text, false])
  })

  test('may hold everybody', () => {
    for (const text of ['0.0.0.0/0', '1.2.3.4/0', '::/0', '2001:db8::/0', '::ffff:0:0/96', '::/64'])
      expect([text, isBoundless(text)]).toEqual([text, true])
    for (const text of ['128.0.0.0/1', '127.0.0.1', 'fc00::/7', '2000::/3', '::1', 'nonsense'])
      expect([text, isBoundless(text)]).toEqual([text, false])
  })
})
