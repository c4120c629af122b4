import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTarget, type Target } from './target.js'

/** texts that make a careless pattern look again and again, in every field and header that takes text. */
const units = [
  ...['a', 'A', '0', ' ', '\t', '.', '-', '_', '@', 'a.', 'a-', 'a@', '.a', '..', '--', '(', '()'],
  ...[
    '((a+)+)+',
    '<',
    '"',
    '\\',
    '\\"',
    '%',
    '%2',
    '%20',
    '/',
    '//',
    '/.',
    ';',
    ',',
    ', ',
    '=',
    'a=',
  ],
  ...[
    'a=b;',
    'a=b; ',
    'Bearer ',
    '1.',
    '1:',
    '::',
    ':',
    '[',
    'xn--',
    'aA1!',
    'q=0,',
    '*',
    '\u00e4',
    '\u0130',
  ],
]
/** So that a pattern that has read it all must give up at the end. */
const ends = ['', '!', '\u0001', '@', ' ', 'x']
const asciiOnly = (text: string): boolean => /^[\x20-\x7e\t]*$/.test(text)

const size = 4_000
const texts = units.flatMap((unit) =>
  ends.map((end) => unit.repeat(Math.ceil(size / unit.length)) + end),
)

// a pattern that looks again and again takes minutes for these; a machine that is busy with others, some hundred milliseconds
const slowest = 1_000

describe('slow texts', () => {
  let target: Target
  let token: string
  const delay = monitorEventLoopDelay({ resolution: 5 })

  beforeAll(async () => {
    const limits = { requests: 0, login: 0, register: 0, refresh: 0 }
    target = await startTarget({ limits, http: { trustedProxies: ['127.0.0.1'] } })
    token = (await target.signIn()).access
    delay.enable()
  })
  afterAll(() => target.close())

  const timed = async (name: string, ask: () => Promise<{ status: number }>): Promise<void> => {
    const started = performance.now()
    const { status } = await ask()
    const milliseconds = performance.now() - started
    expect([name, status < 500, milliseconds < slowest]).toEqual([name, true, true])
  }

  test.each([
    ['POST', '/auth/register', 'email'],
    ['POST', '/auth/register', 'username'],
    ['POST', '/auth/register', 'first_name'],
    ['POST', '/auth/login', 'email'],
    ['POST', '/auth/login', 'username'],
    ['POST', '/auth/refresh', 'refresh_token'],
    ['PATCH', '/auth/me', 'last_name'],
    ['POST', '/auth/register', 'nonsense'],
  ])('%s %s, %s', async (method, path, field) => {
    const others = path.includes('register') ? { password: 'short' } : {}
    for (const text of texts)
      await timed(text.slice(0, 20), () =>
        target.ask(method, path, { body: { ...others, [field]: text }, token }),
      )
  })

  test.each([
    'Authorization',
    'Content-Type',
    'Cookie',
    'Origin',
    'Sec-Fetch-Site',
    'If-None-Match',
    'User-Agent',
    'X-Forwarded-For',
    'Host',
    'Accept',
  ])('the header %s', async (name) => {
    for (const text of texts.filter(asciiOnly))
      await timed(text.slice(0, 20), () =>
        target.ask('POST', '/auth/refresh', { headers: [name, text.trim()], body: '{}' }),
      )
  })

  test('paths and queries', async () => {
    for (const text of texts.filter((each) => /^[!-~]*$/.test(each) && !each.includes('#'))) {
      for (const path of [`/${text}`, `/auth/sessions/${text}`, `/auth/sessions?${text}`])
        await timed(text.slice(0, 20), () => target.ask('GET', path, { token }))
    }
  })

  test('meanwhile nobody else had to wait', () => {
    expect(delay.percentile(99) / 1e6).toBeLessThan(250)
  })
})
