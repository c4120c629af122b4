import { describe, expect, test } from 'vitest'
import { createSeal } from '../../lib/seal.js'
import { createTestClock } from '../../testing/clock.js'
import { createFlows } from './flow.js'

const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'
const other = 'Zml4dHVyZXMgb25seTogb3BlbnMgbm90aGluZyBlbHNlPyE4'
const about = { provider: 'google', returnTo: 'https://app.example.com/' }

const setUp = (secrets: readonly [string, ...string[]] = [secret]) => {
  const clock = createTestClock()
  const flows = createFlows({ seal: createSeal(secrets), secret: secrets[0], clock })
  return { clock, flows }
}

const begun = () => {
  const { clock, flows } = setUp()
  const flow = flows.begin(about, undefined)
  const here = { provider: 'google', browser: flow.browser }
  return { clock, flows, flow, here, open: flows.open }
}

describe('a sign-in under way', () => {
  test('comes back as it began, to its browser and its provider', () => {
    const { flows } = setUp()
    const link = { userId: 'u1', sessionId: 's1' }
    const wish = { ...about, codeChallenge: 'challenge', claim: true, link } as const
    const flow = flows.begin(wish, undefined)
    const opened = flows.open(flow.state, { provider: 'google', browser: flow.browser })

    expect(opened).toEqual({
      ...wish,
      id: expect.stringMatching(/^[\w-]{22}$/),
      expiresAt: expect.any(Date),
      ...{ nonce: flow.nonce, codeVerifier: flow.codeVerifier },
    })
    expect(flow.codeVerifier).toMatch(/^[\w-]{43}$/) // RFC 7636 §4.1
  })

  test('in a browser that has a cookie goes on with it; each has secrets of its own', () => {
    const { flows, flow } = begun()
    const second = flows.begin(about, flow.browser)

    expect(second.browser).toBe(flow.browser)
    for (const one of ['state', 'nonce', 'codeVerifier'] as const)
      expect(second[one]).not.toBe(flow[one])
    for (const strange of ['', 'short', `${flow.browser}x`, 'é'.repeat(43)])
      expect(flows.begin(about, strange).browser).toMatch(/^[\w-]{43}$/)
  })

  test('tells the address bar nothing', () => {
    const { flow } = begun()
    const bytes = Buffer.from(flow.state.split('.').at(-1) ?? '', 'base64url').toString('latin1')

    for (const text of ['google', 'app.example.com', flow.nonce, flow.codeVerifier, flow.browser])
      expect(flow.state + bytes).not.toContain(text)
  })

  test('A-136: is nothing in another browser, or in none', () => {
    const { flows, flow, here, open } = begun()
    const stranger = flows.begin(about, undefined).browser

    for (const browser of [stranger, '', undefined])
      expect(open(flow.state, { ...here, browser })).toBeUndefined()
    expect(open(flow.state, here)).toBeDefined()
  })

  test('A-137: is nothing at another provider', () => {
    const { flow, here, open } = begun()

    for (const provider of ['github', 'Google', ''])
      expect(open(flow.state, { ...here, provider })).toBeUndefined()
  })

  test('ends after ten minutes', () => {
    const { clock, flow, here, open } = begun()
    clock.advance('599s')
    expect(open(flow.state, here)).toBeDefined()
    clock.advance('1s')

    expect(open(flow.state, here)).toBeUndefined()
  })

  test('changed in any byte, cut, or made up is nothing', () => {
    const { flow, here, open } = begun()
    const [version, body = ''] = flow.state.split('.')
    const bytes = Buffer.from(body, 'base64url')
    for (const index of bytes.keys()) {
      const changed = Buffer.from(bytes)
      changed[index] = (changed[index] ?? 0) ^ 1
      expect(open(`${version}.${changed.toString('base64url')}`, here)).toBeUndefined()
    }

    for (const state of [undefined, '', 'v1.', '{}', flow.state.slice(0, -4), body])
      expect(open(state, here)).toBeUndefined()
  })

  test('sealed by somebody else, or for something else, is nothing', () => {
    const { flow, here, open } = begun()
    const stranger = setUp([other]).flows.begin(about, flow.browser)
    expect(open(stranger.state, here)).toBeUndefined()
    const seal = createSeal([secret])
    const inside = seal.open(flow.state, 'oauth flow') ?? ''

    expect(open(seal.seal(inside, 'oauth flow'), here)).toBeDefined()
    for (const place of ['oauth exchange code', 'tokens of identity 1', ''])
      expect(open(seal.seal(inside, place), here)).toBeUndefined()
    for (const text of ['{}', '[]', 'null', inside.replace('{', '{"more":1,')])
      expect(open(seal.seal(text, 'oauth flow'), here)).toBeUndefined()
  })
})
