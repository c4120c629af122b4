import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  askedOf,
  atProvider,
  clientId,
  expectRefused,
  openSocial,
  otherClientId,
  type Social,
  tokenOf,
} from './social.js'

/** what was made for another app, or for another purpose, is worth nothing here. */
let social: Social
beforeAll(async () => {
  social = await openSocial()
})
beforeEach(() => social.standIn.straighten())

/** What an app of this client id has after a sign-in of its own. */
const accessTokenOf = async (client: string): Promise<{ access: string; id: string }> => {
  const about = { provider: 'google', clientId: client } as const
  const { standIn } = social
  return {
    access: standIn.accessToken(about),
    id: await standIn.idToken({ ...about, nonce: 'n'.repeat(12) }),
  }
}

const byBearer = (token: string) => social.target.ask('POST', '/auth/oauth/google', { token })
const info = '/oauth2.googleapis.com/tokeninfo'
const userinfo = '/openidconnect.googleapis.com/v1/userinfo'

describe('A-141: tokens of another app at the same provider', () => {
  test('ours is good: else nothing below would prove anything', async () => {
    expect((await byBearer((await accessTokenOf(clientId)).access)).status).toBe(200)
  })

  test('an access token, an ID token, a code: refused, and nobody is asked who that is', async () => {
    const { access, id } = await accessTokenOf(otherClientId)
    const before = askedOf(social, userinfo)
    expectRefused(await byBearer(access), 'provider_token_rejected')
    expect(askedOf(social, userinfo)).toBe(before)
    const posted = { id_token: id, nonce: 'n'.repeat(12) }
    expectRefused(
      await social.target.ask('POST', '/auth/oauth/google', { body: posted }),
      'provider_token_rejected',
    )
  })

  test.each<[string, unknown]>([
    ['another audience', { aud: otherClientId }],
    ['ours in a list', { aud: [clientId] }],
    ['no audience, ours as the party', { azp: clientId }],
    ['ours with a space', { aud: `${clientId} ` }],
    ['nothing', {}],
    ['a list', [{ aud: clientId }]],
    ['null', null],
  ])('the provider says %s: refused', async (_, said) => {
    const { access } = await accessTokenOf(clientId)
    social.standIn.twist(info, () => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(said),
    }))
    const before = askedOf(social, userinfo)
    const answer = await byBearer(access)
    expect(['provider_token_rejected', 'provider_unavailable']).toContain(answer.json.code)
    expect(answer.json.access_token).toBeUndefined()
    expect(askedOf(social, userinfo)).toBe(before)
  })
})

describe('A-024, A-152: one kind of thing in the place of another', () => {
  test('nothing of a sign-in under way opens a session, or keeps one', async () => {
    const browser = social.browser()
    const location = new URL(await browser.start('google', { code_challenge: 'a'.repeat(43) }))
    const state = location.searchParams.get('state') ?? ''
    const back = await browser.ask('GET', await atProvider(location.href))
    const code = new URL(back.headers.location ?? '').searchParams.get('code') ?? ''
    const { access, id } = await accessTokenOf(clientId)
    const [cookie = ''] = browser.cookies.values()
    for (const token of [state, code, cookie, access, id]) {
      expect(token.length).toBeGreaterThan(20)
      const me = await social.target.ask('GET', '/auth/me', { token })
      expect([me.status, me.json.code]).toEqual([401, 'invalid_token'])
      const refreshed = await social.target.ask('POST', '/auth/refresh', {
        body: { refresh_token: token },
      })
      expect(refreshed.status).toBe(401)
      const byCookie = await social.target.ask('POST', '/auth/refresh', {
        headers: ['Cookie', `refresh_token=${token}`, 'Sec-Fetch-Site', 'same-origin'],
      })
      expect(byCookie.status).toBe(401)
      const linked = await social.target.ask('GET', '/auth/identities', { token })
      expect(linked.status).toBe(401)
    }
  })

  test('nothing of ours is a proof of a provider, a state or a code', async () => {
    const browser = social.browser()
    await browser.signIn()
    const refresh = browser.cookies.get('refresh_token') ?? ''
    const own = await tokenOf(browser)
    for (const token of [own, refresh]) {
      const posted = [
        await byBearer(token),
        await social.target.ask('POST', '/auth/oauth/google', {
          body: { id_token: token, nonce: 'n'.repeat(12) },
        }),
        await social.target.ask('POST', '/auth/oauth/exchange', {
          body: { code: token, code_verifier: 'a'.repeat(43) },
        }),
        await browser.ask('GET', `/auth/oauth/google/callback?code=c&state=${token}`),
      ]
      for (const answer of posted) {
        expect(answer.status).toBeGreaterThanOrEqual(400)
        expect(answer.json.access_token).toBeUndefined()
        expect(answer.headers['set-cookie']).toBeUndefined()
      }
    }
  })

  test('a state for one purpose serves no other: none to sign in with links, none to link with signs in', async () => {
    const browser = social.browser()
    await browser.signIn()
    const token = await tokenOf(browser)
    const { json } = await browser.ask('POST', '/auth/oauth/twin/link', { token, body: {} })
    const sessions = social.target.events.filter(({ type }) => type === 'login.succeeded').length
    const answer = await browser.ask('GET', await atProvider(json.location))
    expect(new URL(answer.headers.location ?? '').searchParams.get('linked')).toBe('twin')
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(social.target.events.filter(({ type }) => type === 'login.succeeded')).toHaveLength(
      sessions,
    )
  })

  test('two proofs at once are no proof', async () => {
    const { access, id } = await accessTokenOf(clientId)
    const both = { id_token: id, nonce: 'n'.repeat(12) }
    const answers = [
      await social.target.ask('POST', '/auth/oauth/google', { token: access, body: both }),
      await social.target.ask('POST', '/auth/oauth/google', {
        body: { ...both, code: 'c', code_verifier: 'a'.repeat(43) },
      }),
      await social.target.ask('POST', '/auth/oauth/google', { body: { access_token: access } }),
      await social.target.ask('POST', `/auth/oauth/google?access_token=${access}`, { body: {} }),
    ]
    for (const { status, json } of answers) {
      expect([400, 401, 422]).toContain(status)
      expect(json.access_token).toBeUndefined()
    }
  })
})
