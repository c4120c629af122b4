import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type PolicyInput, passwordFault } from './policy.js'

const codeOf = (password: string, input: Partial<PolicyInput> = {}): string | undefined =>
  passwordFault({ password, policy: 'default', algorithm: 'argon2id', identity: [], ...input })
    ?.code

const detailOf = (password: string, input: Partial<PolicyInput> = {}): string | undefined =>
  passwordFault({ password, policy: 'default', algorithm: 'argon2id', identity: [], ...input })
    ?.detail

const common = readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8').trim()

describe('how long a password must be', () => {
  test.each([
    ['default', 12],
    ['nist', 15],
    ['classic-12', 12],
    ['classic-8', 8],
  ] as const)('%s: %i characters, counted as people count them', (policy, least) => {
    const good = 'Kä7!🦊w~ñZ9?漢xQ2'

    expect(codeOf([...good].slice(0, least).join(''), { policy })).toBeUndefined()
    expect(codeOf([...good].slice(0, least - 1).join(''), { policy })).toBe('password_too_short')
    expect(detailOf('a', { policy })).toBe(`The password needs at least ${least} characters.`)
  })

  test('256 characters are welcome, 257 are not', () => {
    const text = Array.from({ length: 257 }, (_, index) => String.fromCharCode(0x4e00 + index))

    expect(codeOf(text.slice(0, 256).join(''))).toBeUndefined()
    expect(codeOf(text.join(''))).toBe('password_too_long')
    expect(detailOf(text.join(''))).toBe('The password may have at most 256 characters.')
  })

  test('256 emoji are 1,024 bytes and fine', () => {
    const emoji = Array.from({ length: 256 }, (_, index) => String.fromCodePoint(0x1f300 + index))

    expect(Buffer.byteLength(emoji.join(''))).toBe(1024)
    expect(codeOf(emoji.join(''))).toBeUndefined()
  })

  test('bcrypt takes 72 bytes and is not given a byte more', () => {
    const text = Array.from({ length: 73 }, (_, index) => String.fromCharCode(48 + index)).join('')

    expect(codeOf(text.slice(0, 72), { algorithm: 'bcrypt' })).toBeUndefined()
    expect(codeOf(text, { algorithm: 'bcrypt' })).toBe('password_too_long')
    expect(detailOf(text, { algorithm: 'bcrypt' })).toBe(
      'The password may have at most 72 bytes here.',
    )
    expect(codeOf(`${text.slice(0, 71)}ä`, { algorithm: 'bcrypt' })).toBe('password_too_long')
    expect(codeOf(text)).toBeUndefined()
  })
})

describe('what a password must be made of', () => {
  test.each([
    ['kä7!wsñz9?xq', 'password_missing_uppercase', 'upper-case letter'],
    ['KÄ7!WSÑZ9?XQ', 'password_missing_lowercase', 'lower-case letter'],
    ['Käx!wsñZy?xQ', 'password_missing_digit', 'digit'],
    ['Kä7xwsñZ9xxQ', 'password_missing_special', 'special character'],
    ['Kä7 wsñZ9xxQ', 'password_missing_special', 'special character'],
  ])('the classic policies: %s gets %s', (password, code, words) => {
    expect(codeOf(password, { policy: 'classic-12' })).toBe(code)
    expect(codeOf(password, { policy: 'classic-8' })).toBe(code)
    expect(detailOf(password, { policy: 'classic-12' })).toBe(
      `The password needs at least one ${words}.`,
    )
  })

  test('S-03: the others ask for no kinds of characters', () => {
    for (const password of ['quiet lemon orchard', '928374651029384', 'ⴰⴱⴳⴷⴹⴻⴼⴽⵀⵃⵄⵅⵇⵉⵊ']) {
      expect(codeOf(password)).toBeUndefined()
      expect(codeOf(password, { policy: 'nist' })).toBeUndefined()
    }
  })

  test('S-04: blanks count, also at the ends', () => {
    expect(codeOf('  quiet lemon  ')).toBeUndefined()
    expect(codeOf(' quiet lemon')).toBeUndefined()
    expect(codeOf('quiet lemon')).toBe('password_too_short')
  })

  test.each(['quiet\0lemon orchard', 'quiet lemon \ud83e orchard', 'quiet lemon orchard\udd8a'])(
    'what cannot be kept faithfully is refused: %j',
    (password) => {
      expect(codeOf(password)).toBe('password_unusable')
    },
  )
})

describe('what everybody tries first', () => {
  test('S-02: the list knows more than 10,000 passwords and refuses each, in any case', () => {
    const list = common.split('\n')
    expect(new Set(list).size).toBeGreaterThan(10_000)
    const long = list.filter((password) => [...password].length >= 12)
    expect(long.length).toBeGreaterThan(100)

    for (const password of long) {
      expect(codeOf(password), password).toBe('password_common')
      expect(codeOf(password.toUpperCase()), password).toBe('password_common')
    }
  })

  test.each([
    'aaaaaaaaaaaa',
    '            ',
    'abababababab',
    'abcabcabcabcabc',
    '🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊',
    'abcdefghijklmno',
    'ZYXWVUTSRQPON',
    '1234567890123',
    'qwertyuiopas',
    'Qwertzuiopas',
  ])('repetitions and runs need no list: %s', (password) => {
    expect(codeOf(password)).toBe('password_common')
    expect(detailOf(password)).toBe(
      'The password is among the first that others try. Choose another.',
    )
  })
})

describe('S-06: what is known about the owner', () => {
  test.each([
    ['ada.lovelace', 'my ADA.Lovelace password'],
    ['Lovelace', 'lovelaces password'],
    ['latchkey', 'Latchkey2026!!!'],
    ['Ünal', 'ÜNAL and something else'],
  ])('%s must not be in %s', (word, password) => {
    expect(codeOf(password, { identity: [null, undefined, '', word] })).toBe(
      'password_contains_identity',
    )
  })

  test('words shorter than three characters are in everything, and do not count', () => {
    expect(codeOf('an ordinary sentence', { identity: ['a', 'an', ''] })).toBeUndefined()
  })
})

test('the reason never repeats the password', () => {
  for (const password of ['a', 'aaaaaaaaaaaa', 'latchkey latchkey', `x${'y'.repeat(300)}`]) {
    const detail = detailOf(password, { identity: ['latchkey latchkey'] }) ?? ''
    if (password.length > 1) expect(detail).not.toContain(password)
  }
})
