import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import type { Log, LogFields } from '../lib/log.js'
import { safeText } from '../lib/safe-text.js'
import { trusted } from '../lib/trusted.js'
import { createLog } from './log.js'

const formats = ['json', 'pretty'] as const
type Format = (typeof formats)[number]

/** What is written when somebody says so. */
const written = async (format: Format, say: (log: Log) => void): Promise<string> => {
  const stream = new PassThrough()
  const log = await createLog({ logLevel: 'debug', logFormat: format }, stream)
  say(log)
  stream.end()
  return text(stream)
}

/** Each could start a line, colour a terminal, hide or turn around what stands behind it. */
const signs = {
  'a line feed': '\n',
  'a carriage return': '\r',
  both: '\r\n',
  'an escape': '\u001b[31m',
  'a NUL': '\0',
  'a backspace': '\b',
  'a bell': '\u0007',
  'a C1 control': '\u009b31m',
  'a next line': '\u0085',
  'a line separator': '\u2028',
  'a paragraph separator': '\u2029',
  'a bidi override': '\u202e',
  'a bidi isolate': '\u2066',
  'a zero-width space': '\u200b',
  'a delete': '\u007f',
  'half a surrogate pair': '\ud83d',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const unsafe = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd]/

describe.each(formats)('S-50 in the format %s', (format) => {
  test.each(Object.entries(signs))('%s stays inside of its line', async (_, sign) => {
    const evil = `a${sign}12:00:00 INFO: forged`
    const error = new Error(`${evil}${sign}    at forged (file:1:1)`, { cause: new Error(evil) })
    error.name = `Odd${sign}Error`
    const said = await written(format, (log) => {
      log.warn({ reason: evil, code: trusted({ [evil]: evil, list: [evil] }) }, evil)
      log.error({ err: error }, 'it failed')
    })
    const plain = format === 'json' ? said : withoutColours(said)
    const lines = plain.trimEnd().split('\n')

    expect(plain).not.toMatch(unsafe)
    for (const line of lines) expect(line).not.toMatch(/^\s*(?:12:00:00|at forged|forged)/)
    if (format === 'json') expect(lines).toHaveLength(2)
    expect(plain).toContain('forged')
  })

  test('an error is told with its stack and its causes, and without its other members', async () => {
    const cause = new Error('the connection broke')
    const error = Object.assign(new TypeError('no answer', { cause }), { sent: 'topsecret' })
    const said = await written(format, (log) => log.error({ err: error }, 'it failed'))

    expect(said).toMatch(/TypeError/)
    expect(said).toMatch(/no answer: the connection broke/)
    expect(said).toMatch(/log\.test\.ts/)
    expect(said).not.toContain('topsecret')
  })

  test('what is not on the list is not written', async () => {
    const fields = trusted<LogFields>({
      password: 'topsecret',
      token: 'topsecret',
      reason: 'known',
    })
    const said = await written(format, (log) => log.info(fields, 'something'))

    expect(said).toContain('known')
    expect(said).not.toContain('topsecret')
  })

  test('nobody fills a disk with one line', async () => {
    const long = 'x'.repeat(1_000_000)
    const wide = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`k${index}`, long]),
    )
    const deep = { a: { b: { c: { d: long } } } }
    const round: { self?: object } = {}
    round.self = round
    const err = new Error(long, {
      cause: Object.assign(new Error(long), { cause: new Error(long) }),
    })
    const said = await written(format, (log) => {
      log.info({ reason: long, code: wide, status: deep, route: round, err }, long)
    })

    expect(said.length).toBeLessThan(30_000)
  })
})

test('nothing below the level is written, nor looked at', async () => {
  const stream = new PassThrough()
  const log = await createLog({ logLevel: 'warn', logFormat: 'json' }, stream)
  log.info({ reason: 'quiet' }, 'quiet')
  log.warn({ reason: 'loud' }, 'loud')
  stream.end()
  const said = await text(stream)

  expect(said).toContain('loud')
  expect(said).not.toContain('quiet')
})

test('text without anything odd in it stays as it is', () => {
  expect(safeText('Ärger 漢字 👻 "quoted" \\ tab')).toBe('Ärger 漢字 👻 "quoted" \\ tab')
  expect(safeText('a\u001bb\u{e0001}')).toBe('a\\u001bb\\udb40\\udc01')
  expect(safeText('abcdef', 3)).toBe('abc…')
})

const withoutColours = (said: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those of the printer itself
  said.replace(/\x1b\[\d*m/g, '')
