import { describe, expect, test } from 'vitest'
import { parseEmailAddress } from './email-address.js'

const canonical = (typed: string): string | undefined => parseEmailAddress(typed)?.canonical

/** Surrogates, and the hundred thousand Han and Hangul signs that are nothing but themselves. */
const isPlain = (code: number): boolean =>
  (code >= 0x4e00 && code <= 0x9fff) ||
  (code >= 0xac00 && code <= 0xdfff) ||
  (code >= 0x2_0000 && code <= 0x2_f7ff) ||
  (code >= 0x3_0000 && code <= 0x3_ffff)

describe('an e-mail address', () => {
  test.each([
    ['ada@example.com', 'ada@example.com'],
    ['Ada@EXAMPLE.com', 'ada@example.com'],
    ['a@b.de', 'a@b.de'],
    ["o'brien@example.com", "o'brien@example.com"],
    ['first.last@sub.example.co.uk', 'first.last@sub.example.co.uk'],
    ['!#$%&*+/=?^_`{|}~-@example.com', '!#$%&*+/=?^_`{|}~-@example.com'],
    ['1@1.example', '1@1.example'],
  ])('%s is known as %s', (typed, expected) => {
    expect(parseEmailAddress(typed)).toEqual({ typed, canonical: expected })
  })

  test('A-091: dots and plus tags are identities of their own', () => {
    const spellings = ['a.da@gmail.com', 'ada@gmail.com', 'ada+x@gmail.com', 'ada+X@gmail.com']

    expect(new Set(spellings.map(canonical))).toEqual(
      new Set(['a.da@gmail.com', 'ada@gmail.com', 'ada+x@gmail.com']),
    )
  })

  test('A-090: both forms of an international domain are one identity', () => {
    expect(canonical('ada@bücher.example')).toBe('ada@xn--bcher-kva.example')
    expect(canonical('ada@BÜCHER.example')).toBe('ada@xn--bcher-kva.example')
    expect(canonical('ada@xn--bcher-kva.example')).toBe('ada@xn--bcher-kva.example')
    expect(canonical('ada@XN--BCHER-KVA.example')).toBe('ada@xn--bcher-kva.example')
    expect(canonical('ada@straße.example')).not.toBe(canonical('ada@strasse.example'))
    expect(canonical('ada@例え.テスト')).toBe('ada@xn--r8jz45g.xn--zckzah')
  })

  test.each([
    ...['', '@', 'ada', 'ada@', '@example.com', 'ada@example', 'ada@localhost', 'a@b@example.com'],
    ...['ada@example..com', 'ada@.example.com', 'ada@example.com.', 'ada@-a.example', 'ada@a-.de'],
    ...['.ada@example.com', 'ada.@example.com', 'a..da@example.com', ' ada@example.com'],
    ...['ada@example.com ', 'a da@example.com', 'ada@exa mple.com', 'ada@example.com\n'],
    ...['ada\r\nBcc: b@c.de@example.com', 'ada@example.com\0', 'a\0da@example.com'],
    ...['"ada"@example.com', '"a@b"@example.com', 'ada(comment)@example.com', 'ada@(c)example.com'],
    ...['Ada <ada@example.com>', '<ada@example.com>', 'mailto:ada@example.com'],
    ...['a@x.com,b@y.com', 'a@x.com;b@y.com', 'ada@[192.0.2.1]', 'ada@192.0.2.1', 'ada@example.1'],
    ...['ada@exa_mple.com', 'ada@xn--\u{fffd}.com', 'ada@xn--a.example', 'ada@xn--.example'],
    ...['ädä@example.com', '用户@example.com', 'ada\u200b@example.com', 'ada@exam\u200bple.com'],
    ...[
      '\u202eada@example.com',
      'ada@exam\u202eple.com',
      'ada@exam\u00adple.com',
      'ada@ex\uff0ecom',
    ],
    ...['victim\uff20example.com', 'victim\ufe6bexample.com', 'ada@example\u3002com'],
    ...['ada@example\u2024com', 'ada@example\uff61com', 'ada@ℂxample.com', 'ada@①.example'],
  ])('%j is none', (typed) => {
    expect(parseEmailAddress(typed)).toBeUndefined()
  })

  test('F10: the code points that fold into ASCII are refused in front of the @', () => {
    for (const sign of 'ß\u0131ſ\u212aİŉǰẖﬀﬁﬂﬃﬄﬅﬆ')
      expect(canonical(`m${sign}ke@example.com`)).toBeUndefined()
  })

  test('F10: no code point makes the domain of another address', () => {
    const taken: string[] = []
    for (let code = 0x80; code <= 0x1_0ffff; code += 1) {
      if (isPlain(code)) continue
      const found = canonical(`a@ab${String.fromCodePoint(code)}cd.example`)
      if (found !== undefined && !found.startsWith('a@xn--')) taken.push(code.toString(16))
    }

    expect(taken).toEqual([])
  })

  test('no combination of a letter and a mark makes the domain of another address', () => {
    const twins: string[] = []
    const domains = new Map<string, string>()
    const marks = [
      '',
      '\u0301',
      '\u034f',
      '\ufe00',
      '\ufe0f',
      '\u180b',
      '\u17b4',
      '\u{e0100}',
      '\u3099',
    ]
    for (const mark of marks) {
      const typed = `a@é${mark}x.example`
      const found = canonical(typed)
      if (found === undefined) continue
      if (domains.has(found)) twins.push(JSON.stringify([typed, domains.get(found)]))
      domains.set(found, typed)
    }

    expect(twins).toEqual([])
  })

  test('RFC 5321: 64 in front of the @ and 254 in all, no more', () => {
    const local = (length: number) => `${'a'.repeat(length)}@example.com`
    const label = 'b'.repeat(63)
    const whole = (length: number) => `${'a'.repeat(length)}@${label}.${label}.${'c'.repeat(59)}.de`

    expect(canonical(local(64))).toBe(local(64))
    expect(canonical(local(65))).toBeUndefined()
    expect(whole(63)).toHaveLength(254)
    expect(canonical(whole(63))).toBe(whole(63))
    expect(whole(64)).toHaveLength(255)
    expect(canonical(whole(64))).toBeUndefined()
    expect(canonical(`a@${'b'.repeat(64)}.de`)).toBeUndefined()
  })

  test('an address that only grows too long in its ASCII form is refused', () => {
    const typed = `a@${'漢字例東京都大阪府名古屋市.'.repeat(6)}de`

    expect(typed.length).toBeLessThan(254)
    expect(canonical(typed)).toBeUndefined()
  })

  test('A-093: however long and strange, the answer comes at once', () => {
    const started = performance.now()
    for (const text of [
      'a.'.repeat(50_000),
      `${'a'.repeat(100_000)}@`,
      `a@${'b-'.repeat(50_000)}`,
    ]) {
      expect(parseEmailAddress(text)).toBeUndefined()
    }
    expect(performance.now() - started).toBeLessThan(50)
  })
})
