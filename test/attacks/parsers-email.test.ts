import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseEmailAddress } from '../../src/lib/email-address.js'
import { emailVerdicts } from './corpora/email.js'

/** the reader of e-mail addresses, with anything at all and with the cases that readers are known by. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.emailAddress(),
  fc.tuple(fc.string(), fc.string({ unit: 'grapheme' })).map((parts) => parts.join('@')),
  fc.stringMatching(/^[a-z0-9."@+ ()<>[\]:,;\\-]{0,80}$/),
)

test('whatever is read has one spelling, which is read as itself', () => {
  fc.assert(
    fc.property(text, (typed) => {
      const read = parseEmailAddress(typed)
      if (read === undefined) return
      expect(read.typed).toBe(typed)
      expect(read.canonical).toMatch(/^[!-~]{3,254}$/)
      expect(read.canonical).toBe(read.canonical.toLowerCase())
      expect(read.canonical.split('@')).toHaveLength(2)
      expect(parseEmailAddress(read.canonical)?.canonical).toBe(read.canonical)
    }),
    { numRuns: 5_000 },
  )
})

const label = fc
  .stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/)
  .filter((each) => !/^..--/.test(each))
const plain = fc
  .tuple(fc.stringMatching(/^[a-z0-9]{1,10}([.+_-][a-z0-9]{1,10})?$/), label, label)
  .map(([local, name, top]) => `${local}@${name}.${top}`)

test('an address in other letters is the same, and any other sign makes it another', () => {
  fc.assert(
    fc.property(plain, fc.infiniteStream(fc.boolean()), (address, coins) => {
      const shouted = [...address]
        .map((sign) => (coins.next().value ? sign.toUpperCase() : sign))
        .join('')
      expect(parseEmailAddress(shouted)?.canonical).toBe(address)
      for (const other of [`x${address}`, `${address}x`, address.replace('@', '+x@')])
        expect(parseEmailAddress(other)?.canonical).not.toBe(address)
    }),
  )
})

test('nothing around an address is thrown away to make one', () => {
  const noise = fc.constantFrom(...' \t\r\n\0,;<>"()\u200b\u202e\ufeff\u00a0')
  fc.assert(
    fc.property(plain, noise, fc.nat(), (address, sign, place) => {
      expect(
        parseEmailAddress(
          address
            .split('')
            .toSpliced(place % (address.length + 1), 0, sign)
            .join(''),
        ),
      ).toBeUndefined()
    }),
  )
})

test.each(emailVerdicts)('%j: %s', (typed, verdict) => {
  expect(parseEmailAddress(typed) === undefined ? 'refused' : 'read').toBe(verdict)
})

test('the longest texts take no time', () => {
  for (const unit of [
    'a',
    'a.',
    '.',
    '@',
    'a@',
    '"',
    '(',
    '\\',
    'ä',
    '-',
    '%',
    ' ',
    'xn--',
    '\u0301',
  ]) {
    for (const typed of [
      unit.repeat(100_000),
      `a@${unit.repeat(100_000)}.com`,
      `${unit.repeat(64)}@x.org`,
    ]) {
      const started = performance.now()
      parseEmailAddress(typed)
      expect(performance.now() - started).toBeLessThan(50)
    }
  }
})
