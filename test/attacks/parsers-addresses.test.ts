import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressKey, addressRanges, canonicalAddress, isRange } from '../../src/lib/ip-address.js'

/** readers of network addresses, against the URL standard and plain arithmetic. */
const word = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
const words = fc.array(word, { minLength: 8, maxLength: 8 })
const octet = fc.integer({ min: 0, max: 255 })
const octets = fc.tuple(octet, octet, octet, octet)

/** Anything at all, and what is nearly an address. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[0-9a-fA-F:.%[\]/ x]{0,45}$/),
  fc.tuple(fc.ipV6(), fc.stringMatching(/^[%/:. 0-9a-z]{0,8}$/)).map((parts) => parts.join('')),
  fc
    .tuple(fc.ipV4Extended(), fc.stringMatching(/^[%/:. 0-9a-z]{0,8}$/))
    .map((each) => each.join('')),
)

const canonicalOf = (list: readonly number[]): string =>
  new URL(`http://[${list.map((each) => each.toString(16)).join(':')}]`).hostname.slice(1, -1)
const isMapped = (list: readonly number[]): boolean =>
  list.slice(0, 5).every((each) => each === 0) && list[5] === 0xffff

/** One address as people, programs and attackers write it. */
const spelled = (list: readonly number[]) =>
  fc
    .record({ upper: fc.boolean(), padded: fc.boolean(), dotted: fc.boolean(), zone: fc.boolean() })
    .map(({ upper, padded, dotted, zone }) => {
      const parts = list.map((each) => each.toString(16).padStart(padded ? 4 : 1, '0'))
      const [high = 0, low = 0] = list.slice(6)
      const tail = [high >> 8, high & 255, low >> 8, low & 255].join('.')
      const whole = (dotted ? [...parts.slice(0, 6), tail] : parts).join(':')
      const cased = upper ? whole.toUpperCase() : whole
      return zone ? `${cased}%eth0` : cased
    })

describe('addresses', () => {
  test('all spellings of an address are one, and it is the one of the URL standard', () => {
    fc.assert(
      fc.property(
        words
          .filter((list) => !isMapped(list))
          .chain((list) => fc.tuple(fc.constant(list), spelled(list))),
        ([list, spelling]) => {
          expect(canonicalAddress(spelling)).toBe(canonicalOf(list))
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('IPv4 mapped into IPv6 is that IPv4, in every spelling', () => {
    fc.assert(
      fc.property(
        octets.chain((four) => {
          const [a, b, c, d] = four
          const list = [0, 0, 0, 0, 0, 0xffff, a * 256 + b, c * 256 + d]
          return fc.tuple(fc.constant(four.join('.')), spelled(list))
        }),
        ([plain, spelling]) => {
          expect(canonicalAddress(spelling)).toBe(plain)
          expect(canonicalAddress(`::ffff:${plain}`)).toBe(plain)
          expect(addressKey(spelling)).toBe(addressKey(plain))
        },
      ),
    )
  })

  test('whatever is no address is undefined and shares a key; whatever is one stays as it is', () => {
    fc.assert(
      fc.property(text, (given) => {
        const canonical = canonicalAddress(given)
        if (canonical === undefined) {
          expect(addressKey(given)).toBe('unknown')
          return
        }
        expect(isIP(canonical)).toBeGreaterThan(0)
        expect(canonicalAddress(canonical)).toBe(canonical)
        expect(addressKey(given)).toBe(addressKey(canonical))
      }),
      { numRuns: 3_000 },
    )
  })

  test('the addresses of one /64 have one key, and those of two have two', () => {
    fc.assert(
      fc.property(words, words, (one, other) => {
        const sibling = [...one.slice(0, 4), ...other.slice(4)]
        fc.pre(![one, other, sibling].some(isMapped))
        const isSame = one.slice(0, 4).join() === other.slice(0, 4).join()
        expect(addressKey(canonicalOf(sibling))).toBe(addressKey(canonicalOf(one)))
        expect(addressKey(canonicalOf(other)) === addressKey(canonicalOf(one))).toBe(isSame)
      }),
    )
  })
})

describe('ranges', () => {
  const bitsOf = (list: readonly number[], width: number): bigint =>
    list.reduce((sum, part) => (sum << BigInt(width)) | BigInt(part), 0n)
  const sharePrefix = (one: bigint, other: bigint, length: number, prefix: number): boolean =>
    one >> BigInt(length - prefix) === other >> BigInt(length - prefix)

  /** Two that differ from some bit on, so that about half of them share a prefix. */
  const flip = (list: readonly number[], width: number, at: number): number[] =>
    list.map((part, index) =>
      Math.floor(at / width) === index ? part ^ (1 << (width - 1 - (at % width))) : part,
    )

  test('IPv4: who is in a range is who shares its leading bits', () => {
    const bit = fc.integer({ min: 0, max: 31 })
    fc.assert(
      fc.property(octets, bit, fc.integer({ min: 0, max: 32 }), (four, at, prefix) => {
        const other = flip(four, 8, at)
        const { includes } = addressRanges([`${four.join('.')}/${prefix}`])
        const expected = sharePrefix(bitsOf(four, 8), bitsOf(other, 8), 32, prefix)
        expect(includes(other.join('.'))).toBe(expected)
        expect(includes(`::ffff:${other.join('.')}`)).toBe(expected)
      }),
      { numRuns: 1_000 },
    )
  })

  test('IPv6: so it is there', () => {
    const bit = fc.integer({ min: 0, max: 127 })
    fc.assert(
      fc.property(words, bit, fc.integer({ min: 0, max: 128 }), (list, at, prefix) => {
        const other = flip(list, 16, at)
        fc.pre(!isMapped(list) && !isMapped(other))
        const { includes } = addressRanges([`${canonicalOf(list)}/${prefix}`])
        const expected = sharePrefix(bitsOf(list, 16), bitsOf(other, 16), 128, prefix)
        expect(includes(canonicalOf(other))).toBe(expected)
      }),
      { numRuns: 1_000 },
    )
  })

  test('what is taken for a range can be used, and everything else is refused before', () => {
    fc.assert(
      fc.property(text, text, (given, address) => {
        if (!isRange(given)) {
          expect(() => addressRanges([given])).toThrow('Not a range of addresses')
          return
        }
        const { includes } = addressRanges([given])
        expect(includes(address)).toBe(includes(canonicalAddress(address) ?? ''))
      }),
      { numRuns: 2_000 },
    )
  })
})
