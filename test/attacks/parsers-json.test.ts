import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson } from '../../src/lib/json.js'

/** F12: the reader of bodies and tokens against JSON.parse, and against what it must refuse. */
const bytes = (text: string): Uint8Array => Buffer.from(text)
const accepts = (text: string): boolean => {
  try {
    parseJson(bytes(text))
    return true
  } catch {
    return false
  }
}

/** JSON text whose members may repeat, with escapes where none are needed, and whether it may be read two ways. */
type Text = { text: string; isAmbiguous: boolean }

const names = [
  'a',
  'b',
  '\\u0061',
  'ab',
  '',
  '\\n',
  '\\"',
  '\\\\',
  'a:',
  '{',
  ']',
  '__proto__',
  '\\u005f_proto__',
]
const scalars = [
  '1',
  '-0',
  '1e400',
  'true',
  'null',
  '"a"',
  '"\\""',
  '"\\\\"',
  '" : {"',
  '"\\ud800"',
]

const trees = fc.letrec<{ value: Text; object: Text; list: Text }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(...scalars).map((text) => ({ text, isAmbiguous: false })),
    tie('object'),
    tie('list'),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom(...names), tie('value')), { maxLength: 4 })
    .map((members) => {
      const keys = members.map(([key]): string => JSON.parse(`"${key}"`))
      return {
        text: `{${members.map(([key, { text }]) => `"${key}" :${text}`).join(',')}}`,
        isAmbiguous:
          new Set(keys).size < keys.length ||
          keys.includes('__proto__') ||
          members.some(([, { isAmbiguous }]) => isAmbiguous),
      }
    }),
  list: fc.array(tie('value'), { maxLength: 3 }).map((items) => ({
    text: `[${items.map(({ text }) => text).join(' ,')}]`,
    isAmbiguous: items.some(({ isAmbiguous }) => isAmbiguous),
  })),
}))

const corpus: { mustFail: Record<string, string> } = JSON.parse(
  readFileSync(new URL('corpora/json.json', import.meta.url), 'utf8'),
)

describe('the JSON of strangers', () => {
  test('F12 what the list of JSONTestSuite says must fail, fails', () => {
    const texts = {
      ...corpus.mustFail,
      structure_100000_opening_arrays: '['.repeat(100_000),
      structure_open_array_object: '[{"":'.repeat(50_000),
    }
    for (const [name, text] of Object.entries(texts)) {
      const started = performance.now()
      expect(() => parseJson(Buffer.from(text, 'latin1')), name).toThrow(SyntaxError)
      expect([name, performance.now() - started < 500]).toEqual([name, true])
    }
    expect(Object.keys(texts).length).toBeGreaterThan(180)
  })

  test('whatever is accepted is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.string(),
          fc.json(),
          trees.value.map(({ text }) => text),
        ),
        (text) => {
          let read: unknown
          try {
            read = parseJson(bytes(text))
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxError)
            return
          }
          expect(read).toEqual(JSON.parse(Buffer.from(text).toString()))
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('a repeated member is refused at any depth, and nothing else is', () => {
    fc.assert(
      fc.property(trees.value, ({ text, isAmbiguous }) => {
        expect(accepts(text)).toBe(!isAmbiguous)
      }),
      { numRuns: 1_500 },
    )
  })

  test('ten levels are read, eleven are refused, a hundred thousand at once', () => {
    expect(accepts(`${'['.repeat(10)}${']'.repeat(10)}`)).toBe(true)
    expect(accepts(`${'['.repeat(11)}${']'.repeat(11)}`)).toBe(false)
    expect(accepts(`${'{"a":'.repeat(11)}1${'}'.repeat(11)}`)).toBe(false)
    expect(accepts('['.repeat(100_000))).toBe(false)
    expect(accepts('[]'.repeat(100))).toBe(false)
  })

  test('bytes that are not plain UTF-8 are refused', () => {
    const starts = [
      [0xef, 0xbb, 0xbf],
      [0xff, 0xfe],
      [0xfe, 0xff],
      [0x00],
      [0x80],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
    ]
    for (const start of starts) {
      expect(() => parseJson(Buffer.concat([Buffer.from(start), bytes('{}')]))).toThrow(SyntaxError)
    }
    for (const start of starts.slice(1)) {
      const inside = Buffer.concat([bytes('{"a":"'), Buffer.from(start), bytes('"}')])
      expect(() => parseJson(inside)).toThrow(SyntaxError)
    }
    expect(() => parseJson(Buffer.from('{}', 'utf16le'))).toThrow(SyntaxError)
  })

  test('texts of a megabyte, made to be slow, take no longer than their length', () => {
    const size = 1_048_576
    const slow = [
      `"${'\\"'.repeat(size / 2)}`,
      `{"a":"${'\\"'.repeat(size / 2)}`,
      '"'.repeat(size - 1),
      `"${'a'.repeat(size)}`,
      `"${'\\'.repeat(size)}`,
      `{${'"a"'.repeat(size / 3)}`,
      `{"a"${' '.repeat(size)}`,
      `[${'"a" '.repeat(size / 4)}`,
      '"a"\t'.repeat(size / 4),
      `{"${'\\u0061'.repeat(size / 6)}`,
      '{'.repeat(9) + '}'.repeat(size),
    ]
    for (const text of slow) {
      const started = performance.now()
      expect(accepts(text)).toBe(false)
      expect(performance.now() - started).toBeLessThan(500)
    }
  })

  test('long honest texts are read', () => {
    const long = 'a'.repeat(1_000_000)
    expect(parseJson(bytes(JSON.stringify({ long, next: `${long}"\\` })))).toEqual({
      long,
      next: `${long}"\\`,
    })
    const many = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index]),
    )
    expect(parseJson(bytes(JSON.stringify(many)))).toEqual(many)
  })

  test('what it says of a text never quotes it', () => {
    for (const text of [
      '{"password":"hunter2",}',
      '{"password":"hunter2","password":1}',
      '"hunter2',
    ]) {
      expect(() => parseJson(bytes(text))).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
      )
    }
  })
})
