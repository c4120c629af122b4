import { randomBytes } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { grace } from '../../src/testing/stand-in/people.js'
import type { Twist } from '../../src/testing/stand-in/stand-in.js'
import {
  endOf,
  expectSignedIn,
  home,
  identitiesOf,
  meOf,
  openSocial,
  type Social,
  tokenOf,
  tokenPath,
} from './social.js'
import { expectHealthy } from './target.js'

/** what a provider answers is bounded, read in one way only, and clean before anybody sees it. */
let social: Social
beforeAll(async () => {
  social = await openSocial({
    oauth: {
      providers: ['google', 'github', 'facebook'].map((name) => ({
        name,
        clientId: 'app',
        clientSecret: 'app-secret',
      })),
      returnUrls: [home],
    },
  })
})
beforeEach(() => social.standIn.straighten())

const asJson =
  (body: string): Twist =>
  () => ({
    headers: { 'content-type': 'application/json' },
    body,
  })
const otherwise =
  (members: object): Twist =>
  (answer) => ({ ...answer, body: JSON.stringify({ ...JSON.parse(`${answer.body}`), ...members }) })

const tokens: Record<string, Twist> = {
  'a 302 to a machine inside': () => ({
    status: 302,
    headers: { location: `${social.standIn.origin}/169.254.169.254/latest/meta-data` },
  }),
  'a 200 with a refresh header': () => ({ status: 200, headers: { refresh: '0;url=http://x' } }),
  '10 MB': asJson(`{"a":"${'x'.repeat(10_000_000)}"}`),
  'repeated members': asJson('{"access_token":"a","access_token":"b","token_type":"Bearer"}'),
  __proto__: asJson('{"__proto__":{"access_token":"a"},"token_type":"Bearer"}'),
  NaN: asJson('{"access_token":NaN}'),
  'a list': asJson('[{"access_token":"a"}]'),
  'a text': asJson('"access_token"'),
  null: asJson('null'),
  'nothing at all': asJson(''),
  'something deep': asJson(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  'another type of token': otherwise({ token_type: 'mac' }),
  'no access token': otherwise({ access_token: undefined }),
  'a number for a token': otherwise({ access_token: 7 }),
  'an ID token that is a list': otherwise({ id_token: ['a.b.c'] }),
  'bytes that are no text': () => ({
    headers: { 'content-type': 'application/json' },
    body: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]),
  }),
  'repeated members, called HTML': (answer) => ({
    headers: { 'content-type': 'text/html' },
    body: `${answer.body}`.replace('{', '{"access_token":"a",'),
  }),
  'the right words as a 500': (answer) => ({ ...answer, status: 500 }),
  'the right words as a 400': (answer) => ({ ...answer, status: 400 }),
}

describe('A-153', () => {
  const places = { google: tokenPath, github: '/github.com/login/oauth/access_token' }
  test.each(Object.entries(tokens))('the token endpoint answers %s', async (_, twist) => {
    for (const [provider, path] of Object.entries(places)) {
      if (provider === 'github' && /ID token|type of token/.test(_)) continue
      social.standIn.twist(path, twist)
      const answer = await social.browser().signIn(undefined, { provider })
      const { error, session } = endOf(answer)
      expect(['provider_unavailable', 'provider_token_rejected'], provider).toContain(error)
      expect(session).toBeUndefined()
    }
    await expectHealthy(social.target)
    const inside = social.standIn.asked.filter(({ path }) => path.startsWith('/169.'))
    expect(inside).toEqual([])
  })

  test('GitHub: a subject as the text "1" is not the subject 1, and neither is nobody', async () => {
    const subjects = ['1', 'true', null, [1], { id: 1 }, 1.5, -1, '0x1', '']
    for (const id of subjects) {
      social.standIn.twist('/api.github.com/user', (answer, { path }) =>
        path.endsWith('/user') && answer.body
          ? { ...answer, body: JSON.stringify({ ...JSON.parse(`${answer.body}`), id }) }
          : answer,
      )
      const answer = await social.browser().signIn(undefined, { provider: 'github' })
      expect(endOf(answer).error, JSON.stringify(id)).toBe('provider_unavailable')
    }
  })

  test('GitHub: only the address that is primary and confirmed counts (A-143)', async () => {
    const email = `${randomBytes(6).toString('hex')}@example.com`
    const lists = [
      [{ email, primary: true, verified: false }],
      [{ email, primary: true, verified: 'true' }],
      [{ email, primary: false, verified: false }],
      [],
    ]
    for (const list of lists) {
      const subject = String(Math.floor(Math.random() * 1e9))
      social.standIn.people.push({ ...grace, subject, email })
      social.standIn.twist('/api.github.com/user/emails', (answer) => ({
        ...answer,
        body: JSON.stringify(list),
      }))
      const answer = await social.browser().signIn(subject, { provider: 'github' })
      expect(['provider_email_missing', 'provider_unavailable']).toContain(endOf(answer).error)
      expect(endOf(answer).session).toBeUndefined()
    }
  })

  test('Facebook without an address: nobody new comes in (A-143)', async () => {
    const subject = String(Math.floor(Math.random() * 1e9))
    social.standIn.people.push({ ...grace, subject, email: null })
    const answer = await social.browser().signIn(subject, { provider: 'facebook' })
    expect(endOf(answer).error).toBe('provider_email_missing')
  })
})

describe('A-154: names and pictures', () => {
  const person = () => {
    const subject = randomBytes(6).toString('hex')
    social.standIn.people.push({ ...grace, subject, email: `${subject}@gmail.com` })
    return subject
  }

  test.each([
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:image/svg+xml,<svg onload=alert(1)>',
    'http://example.com/a.png',
    '//evil.example/a.png',
    'https://[',
    `https://example.com/${'a'.repeat(3000)}`,
  ])('a picture at %j is none', async (picture) => {
    social.standIn.twistIdToken(({ claims }) => ({ claims: { ...claims, picture } }))
    const browser = social.browser()
    const answer = await browser.signIn(person())
    if (endOf(answer).error === 'provider_unavailable') return // too long to be looked at
    expectSignedIn(answer)
    const [identity] = await identitiesOf(social, await tokenOf(browser))
    expect(identity.picture).toBeNull()
  })

  test('what a page could be fooled by stays outside', async () => {
    const browser = social.browser()
    const given = '<script>alert(1)</script>\u202e\u0000\r\nSet-Cookie: a=b'
    const picture = 'https://example.com/"onerror="alert(1)'
    social.standIn.twistIdToken(({ claims }) => ({
      claims: { ...claims, given_name: given, family_name: 'x'.repeat(500), picture },
    }))
    expectSignedIn(await browser.signIn(person()))
    const token = await tokenOf(browser)
    const me = await meOf(social, token)
    expect(me.first_name).not.toMatch(/[<>\p{Cc}\p{Cf}]/u)
    expect(me.last_name).toHaveLength(100)
    const [identity] = await identitiesOf(social, token)
    expect(identity.picture).toBe('https://example.com/%22onerror=%22alert(1)')
  })

  test('numbers, lists and words for names: nobody, or nameless, never a 500', async () => {
    for (const given of [7, true, ['Ada'], { a: 1 }, null, '', ' ', '\u0000']) {
      social.standIn.twistIdToken(({ claims }) => ({ claims: { ...claims, given_name: given } }))
      const answer = await social.browser().signIn(person())
      const { error, session } = endOf(answer)
      expect(error === 'provider_unavailable' || session !== undefined).toBe(true)
    }
  })
})
