import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createClientAddresses } from './client-address.js'

/** The address that is found for a peer and what it forwards; several lines as Node keeps them. */
const seen = (
  trusted: readonly string[],
  address: string | undefined,
  forwarded?: string | string[],
): string | undefined =>
  createClientAddresses(trusted)({ address, headers: { 'x-forwarded-for': forwarded } }).address

const proxies = ['10.0.0.0/8', '127.0.0.1', 'fd00::/8']

describe('the address of a client', () => {
  test('is that of the connection, in one spelling', () => {
    expect(seen([], '192.0.2.1')).toBe('192.0.2.1')
    expect(seen([], '::ffff:192.0.2.1')).toBe('192.0.2.1')
    expect(seen([], '::FFFF:C000:201')).toBe('192.0.2.1')
    expect(seen([], '2001:DB8:0:0::1')).toBe('2001:db8::1')
    expect(seen([], 'fe80::1%eth0')).toBe('fe80::1')
  })

  test('is nobody’s where the connection has none, whatever was forwarded', () => {
    for (const address of [undefined, '', 'localhost', '/run/app.sock', '1.2.3', '1.2.3.4.5'])
      expect(seen(proxies, address, '192.0.2.1')).toBeUndefined()
  })

  test('is not what strangers forward', () => {
    expect(seen([], '192.0.2.1', '203.0.113.7')).toBe('192.0.2.1')
    expect(seen(proxies, '192.0.2.1', '203.0.113.7')).toBe('192.0.2.1')
  })

  test.each([
    ['one hop', '203.0.113.7', '203.0.113.7'],
    ['the right-most that is no proxy', '6.6.6.6, 203.0.113.7, 10.1.1.1', '203.0.113.7'],
    ['hops in several lines', ['6.6.6.6', '203.0.113.7', '10.1.1.1'], '203.0.113.7'],
    ['no blanks', '6.6.6.6,203.0.113.7,10.1.1.1', '203.0.113.7'],
    ['tabs and blanks', ' 6.6.6.6 ,\t203.0.113.7 ,  10.1.1.1  ', '203.0.113.7'],
    ['a port', '203.0.113.7:50123, 10.1.1.1:80', '203.0.113.7'],
    ['brackets', '[2001:db8::7], [fd00::1]:443', '2001:db8::7'],
    ['brackets and a port', '[2001:DB8::0:7]:50123', '2001:db8::7'],
    ['a mapped address', '::ffff:203.0.113.7, ::ffff:10.1.1.1', '203.0.113.7'],
    ['a zone', 'fe80::7%eth0', 'fe80::7'],
    ['proxies only: the first of them', '10.2.2.2, 10.1.1.1', '10.2.2.2'],
    ['nothing', '', '127.0.0.1'],
    ['blanks', '  ', '127.0.0.1'],
  ])('is found in what a proxy forwards: %s', (_, forwarded, found) => {
    expect(seen(proxies, '127.0.0.1', forwarded)).toBe(found)
  })

  test.each([
    'unknown',
    '_hidden',
    '203.0.113.7, ',
    '203.0.113.7,,10.1.1.1',
    ', 10.1.1.1',
    '203.0.113.7, "10.1.1.1"',
    '203.0.113.7 10.1.1.1',
    '203.0.113.7;10.1.1.1',
    '203.0.113.0/24',
    '203.0.113.007',
    '0xcb007107',
    '3405803783',
    'for=203.0.113.7',
    '[203.0.113.7',
    '[]',
    '203.0.113.7:',
    '203.0.113.7:999999',
    '2001:db8::7:80:1:1:1:1:1:1',
    '__proto__',
    '１９２.0.2.1',
    'a'.repeat(5_000),
    `${'a'.repeat(5_000)}, 10.1.1.1`,
  ])('is nobody’s where a proxy forwards %j', (forwarded) => {
    expect(seen(proxies, '127.0.0.1', forwarded)).toBeUndefined()
  })

  test('is the peer’s where a proxy forwards nothing', () => {
    expect(seen(proxies, '10.1.1.1')).toBe('10.1.1.1')
  })

  test('costs little to find, however much was forwarded', () => {
    const clients = createClientAddresses(proxies)
    const chains = ['10.1.1.1,'.repeat(200_000), ','.repeat(1_000_000), ' '.repeat(1_000_000)]
    const started = performance.now()
    for (const chain of chains)
      for (let times = 0; times < 20; times += 1)
        clients({ address: '10.1.1.1', headers: { 'x-forwarded-for': `6.6.6.6,${chain}10.9.9.9` } })

    expect(performance.now() - started).toBeLessThan(1_000)
  })

  test('of a chain longer than any is nobody’s, and never a piece of an address', () => {
    const long = Array.from({ length: 400 }, () => '10.11.12.13').join(',')
    expect(seen(proxies, '10.1.1.1', long)).toBeUndefined()
    for (let shift = 0; shift < 12; shift += 1)
      expect(seen(proxies, '10.1.1.1', `${long},${' '.repeat(shift)}10.1.1.1`)).toBeUndefined()
  })

  test('never is a text that a stranger has chosen, and is an address or nobody’s', () => {
    const hop = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.constantFrom('10.1.1.1', '', '::1'))
    fc.assert(
      fc.property(fc.array(hop), fc.ipV4(), (written, real) => {
        fc.pre(!/^(?:10|127)\./.test(real))
        const { address, key } = createClientAddresses(proxies)({
          address: '10.1.1.1',
          headers: { 'x-forwarded-for': [...written, real, '10.2.2.2'].join(', ') },
        })
        expect(address).toBe(real)
        expect(key).toBe(real)
      }),
    )
    fc.assert(
      fc.property(fc.array(hop), (written) => {
        const address = seen(proxies, '10.1.1.1', written)
        expect(address === undefined || isIP(address) !== 0).toBe(true)
      }),
    )
  })
})
