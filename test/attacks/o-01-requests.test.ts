import { beforeAll, describe, expect, test } from 'vitest'
import {
  atProvider,
  challengeOf,
  clientId,
  openSocial,
  type Social,
  tokenOf,
  verifier,
} from './social.js'
import type { Answer } from './target.js'

/** A-196, O-01, O-04, O-06, O-08, S-34, and the limits: what goes to a provider is what the standards want, and no more of it than needed. */
let social: Social
beforeAll(async () => {
  social = await openSocial()
})

describe('A-196: who only begins', () => {
  test('leaves nothing behind: no row, no event, and no question to the provider', async () => {
    await social.browser().start()
    const { store } = social.target.auth
    const asked = social.standIn.asked.length
    const events = social.target.events.length
    for (let count = 0; count < 1_000; count += 1) await social.browser().start()

    expect(await store.spent.removeExpired(new Date('9999-01-01'), 10)).toBe(0)
    expect(await store.users.list({ limit: 10 })).toHaveLength(1) // Ada, who was there before
    expect(social.target.events).toHaveLength(events)
    expect(social.standIn.asked).toHaveLength(asked)
  })
})

describe('O-01, S-34: what goes to the provider', () => {
  test('a code with PKCE S256, state and nonce new each time, and no more scopes than needed', async () => {
    const browser = social.browser()
    const seen = new Set<string>()
    for (let count = 0; count < 5; count += 1) {
      const { searchParams: sent, origin, pathname } = new URL(await browser.start())
      expect(origin + pathname).toBe(
        `${social.standIn.origin}/accounts.google.com/o/oauth2/v2/auth`,
      )
      expect(Object.fromEntries(sent)).toMatchObject({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: 'http://localhost:8000/auth/oauth/google/callback',
        scope: 'openid email profile',
        code_challenge_method: 'S256',
      })
      expect([...sent.keys()].sort()).toEqual([
        ...['client_id', 'code_challenge', 'code_challenge_method', 'nonce', 'redirect_uri'],
        ...['response_type', 'scope', 'state'],
      ])
      for (const name of ['state', 'nonce', 'code_challenge']) seen.add(sent.get(name) ?? '')
    }
    expect(seen.size).toBe(15)
  })

  test('the verifier has 43 signs, is sent to the provider alone, and fits its challenge', async () => {
    const browser = social.browser()
    const location = new URL(await browser.start())
    await browser.ask('GET', await atProvider(location.href))
    const sent = social.standIn.asked.at(-1)?.form ?? new URLSearchParams()
    const last = social.standIn.asked.filter(({ form }) => form.has('code_verifier')).at(-1)?.form
    const own = last?.get('code_verifier') ?? ''
    expect(own).toMatch(/^[\w-]{43}$/)
    expect(challengeOf(own)).toBe(location.searchParams.get('code_challenge'))
    expect(sent.has('client_id') ? last?.get('grant_type') : 'authorization_code').toBe(
      'authorization_code',
    )
    expect(location.href).not.toContain(own)
  })

  test('O-08: every answer that sends a browser on is a 303, so that nothing is posted twice', async () => {
    const browser = social.browser()
    const start = await browser.ask('GET', '/auth/oauth/google')
    const end = await browser.ask('GET', await atProvider(start.headers.location ?? ''))
    expect([start.status, end.status]).toEqual([303, 303])
  })

  test('O-04, O-06: no token in a query, no other grant', async () => {
    const browser = social.browser()
    await browser.signIn()
    const token = await tokenOf(browser)
    for (const path of ['/auth/me', '/auth/identities', '/auth/oauth'])
      expect((await social.target.ask('GET', `${path}?access_token=${token}`)).status).not.toBe(
        path === '/auth/oauth' ? 500 : 200,
      )
    for (const query of [
      'code_challenge=short',
      `code_challenge=${challengeOf(verifier)}&code_challenge_method=plain`,
      `code_challenge=${verifier}=`,
      'response_type=token',
      'scope=https://www.googleapis.com/auth/drive',
      'prompt=none',
      'claim=yes',
    ]) {
      const answer = await social.target.ask('GET', `/auth/oauth/google?${query}`)
      expect(answer.status, query).toBeGreaterThanOrEqual(400)
      expect(answer.headers.location).toBeUndefined()
    }
  })
})

describe('limits', () => {
  test('callbacks, exchanges and proofs count as logins: who floods is told to wait, and the provider is left alone', async () => {
    const limited = await openSocial(
      { limits: { requests: 0, login: 5, register: 0, refresh: 5 } },
      { standIn: social.standIn },
    )
    const body = { code: 'x', code_verifier: verifier }
    const asked = social.standIn.asked.length
    const visits: (() => Promise<Answer>)[] = [
      () => limited.target.ask('GET', '/auth/oauth/google/callback?code=c&state=s'),
      () => limited.target.ask('POST', '/auth/oauth/exchange', { body }),
      () => limited.target.ask('POST', '/auth/oauth/google', { token: 'not.one.of-theirs' }),
    ]
    const statuses: number[] = []
    for (let count = 0; count < 12; count += 1)
      for (const visit of visits) statuses.push((await visit()).status)
    expect(statuses.slice(-12)).toEqual(Array(12).fill(429))
    expect(statuses.filter((status) => status !== 429).length).toBeLessThanOrEqual(20)
    expect(social.standIn.asked.length - asked).toBeLessThanOrEqual(10)
  })
})
