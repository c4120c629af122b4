import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { createSeal } from '../../src/lib/seal.js'
import { ada, grace } from '../../src/testing/stand-in/people.js'
import {
  askedOf,
  atProvider,
  createBrowser,
  endOf,
  expectRefused,
  expectSignedIn,
  home,
  openSocial,
  type Social,
  tokenPath,
} from './social.js'
import { type Answer, rootSecret } from './target.js'

/** O-02, O-07, S-32, S-33: a callback counts once, in the browser and for the provider it began with. */
let social: Social
beforeAll(async () => {
  social = await openSocial()
})

/** One whole way up to the callback, which has not been visited. */
const underway = async (query = {}, who: string = ada.subject) => {
  const browser = social.browser()
  const callback = await atProvider(await browser.start('google', query), who)
  return { browser, callback, state: new URL(callback, home).searchParams.get('state') ?? '' }
}

/** Refused, and neither the provider nor the browser hears anything of it. */
const expectNothing = async (visit: () => Promise<Answer>): Promise<void> => {
  const before = askedOf(social, tokenPath)
  const answer = await visit()
  expect([answer.status, answer.json?.code]).toEqual([400, 'invalid_state'])
  expect(answer.headers['set-cookie']).toBeUndefined()
  expect(answer.headers.location).toBeUndefined()
  expect(askedOf(social, tokenPath)).toBe(before)
}

describe('A-136: state', () => {
  test('of this browser, new: signed in. Otherwise the rest of this page would prove nothing', async () => {
    const { browser, callback } = await underway()
    expectSignedIn(await browser.ask('GET', callback))
  })

  test('missing, empty, made up, cut, lengthened, of another secret, of another place', async () => {
    const { browser, state } = await underway()
    const opened = createSeal([rootSecret]).open(state, 'oauth flow') ?? ''
    expect(JSON.parse(opened).provider).toBe('google') // else nothing below is near the mark
    const states = [
      '',
      'x',
      'v1.',
      `v1.${randomBytes(80).toString('base64url')}`,
      state.slice(0, -2),
      `${state}AA`,
      `${state.slice(0, 40)}${state[40] === 'A' ? 'B' : 'A'}${state.slice(41)}`,
      createSeal([randomBytes(32).toString('hex')]).seal(opened, 'oauth flow'),
      createSeal([rootSecret]).seal(opened, 'oauth exchange code'),
      opened,
    ]
    const paths = states.map((each) => `code=c&state=${encodeURIComponent(each)}`)
    for (const query of ['', 'code=c', ...paths])
      await expectNothing(() => browser.ask('GET', `/auth/oauth/google/callback?${query}`))
  })

  test('of another browser, or of one that lost its cookie', async () => {
    const { callback } = await underway()
    const stranger = social.browser()
    await expectNothing(() => stranger.ask('GET', callback))
    await stranger.start()
    await expectNothing(() => stranger.ask('GET', callback))
  })

  test('once more, in the same browser, after success and after a failure', async () => {
    const first = await underway()
    expectSignedIn(await first.browser.ask('GET', first.callback))
    await expectNothing(() => first.browser.ask('GET', first.callback))

    const second = await underway({}, 'nobody')
    expectRefused(await second.browser.ask('GET', second.callback), 'provider_denied')
    const again = second.callback.replace('error=access_denied', 'code=4%2Fstolen')
    await expectNothing(() => second.browser.ask('GET', again))
  })

  test('in another spelling, once the first has been spent', async () => {
    const { browser, callback, state } = await underway()
    expectSignedIn(await browser.ask('GET', callback))
    const spelled = [
      `${state}=`,
      `${state}==`,
      `${state}.`,
      `${state} `,
      state.replaceAll('-', '+').replaceAll('_', '/'),
    ]
    for (const each of spelled) {
      const query = new URLSearchParams({ code: 'c', state: each })
      await expectNothing(() => browser.ask('GET', `/auth/oauth/google/callback?${query}`))
    }
  })

  test('ten minutes old: refused; just before: good', async () => {
    const late = await underway()
    const early = await underway()
    social.clock.advance('590s')
    expectSignedIn(await early.browser.ask('GET', early.callback))
    social.clock.advance('10s')
    await expectNothing(() => late.browser.ask('GET', late.callback))
  })

  test('on another server of the same service, and after a restart: good once, whoever asks second', async () => {
    const other = await social.another()
    const browser = social.browser()
    const callback = await atProvider(await browser.start())
    const there = createBrowser(other.port)
    for (const [name, value] of browser.cookies) there.cookies.set(name, value)

    expectSignedIn(await there.ask('GET', callback))
    await expectNothing(() => browser.ask('GET', callback))
    const later = createBrowser((await social.another()).port)
    for (const [name, value] of browser.cookies) later.cookies.set(name, value)
    await expectNothing(() => later.ask('GET', callback))
  })

  test('with a code of somebody else: what the provider gave to another browser is worth nothing', async () => {
    const mine = await underway()
    const stolen = await underway({}, grace.subject)
    const code = new URL(stolen.callback, home).searchParams.get('code') ?? ''
    const mixed = new URL(mine.callback, home)
    mixed.searchParams.set('code', code)
    const answer = await mine.browser.ask('GET', mixed.pathname + mixed.search)
    expectRefused(answer, 'provider_token_rejected') // PKCE: the verifier is made of the cookie
  })
})

describe('A-137, O-07: what began at one provider', () => {
  test('ends at no other', async () => {
    const { browser, callback } = await underway()
    const twin = callback.replace('/google/', '/twin/')
    await expectNothing(() => browser.ask('GET', twin))
    const back = callback.replace('/google/', '/nowhere/')
    expectRefused(await browser.ask('GET', back), 'unsupported_provider')
    expectSignedIn(await browser.ask('GET', callback)) // and so it has spent nothing
  })

  test('ends only where the answer says that it is of this provider, if it says so at all (RFC 9207)', async () => {
    for (const iss of [
      'https://evil.example.com',
      'https://accounts.google.com/',
      'https://ACCOUNTS.google.com',
      'accounts.google.com',
      ' https://accounts.google.com',
    ]) {
      const { browser, callback } = await underway()
      const before = askedOf(social, tokenPath)
      const answer = await browser.ask('GET', `${callback}&iss=${encodeURIComponent(iss)}`)
      expectRefused(answer, 'provider_token_rejected')
      expect(askedOf(social, tokenPath)).toBe(before) // the code went nowhere
    }
    const { browser, callback } = await underway()
    const right = `${callback}&iss=${encodeURIComponent('https://accounts.google.com')}`
    expectSignedIn(await browser.ask('GET', right))
  })
})

describe('A-138: login CSRF', () => {
  test("the attacker's callback in the victim's browser signs nobody in, whatever cookies the victim has", async () => {
    const { callback } = await underway({}, grace.subject)
    const victim = social.browser()
    await expectNothing(() => victim.ask('GET', callback))
    expectSignedIn(await victim.signIn(ada.subject))
    const before = [...victim.cookies]
    await expectNothing(() => victim.ask('GET', callback))
    expect([...victim.cookies]).toEqual(before)
  })

  test('a cookie that came twice is none: one of them was planted', async () => {
    const { browser, callback } = await underway()
    const [own] = browser.cookies.values()
    for (const cookies of [
      `oauth_browser=${own}; oauth_browser=planted`,
      `oauth_browser=planted; oauth_browser=${own}`,
      `oauth_browser=${own}; oauth_browser=${own}`,
      `OAUTH_BROWSER=${own}`,
      `oauth_browser="${own}"`,
      `$Version=1; oauth_browser_=${own}`,
    ])
      await expectNothing(() =>
        social.target.ask('GET', callback, { headers: ['Cookie', cookies] }),
      )
  })

  test('a planted cookie that is not as ours are is replaced at the start, and the new one binds', async () => {
    for (const planted of ['x', 'a'.repeat(42), 'a'.repeat(44), `${'a'.repeat(42)}!`]) {
      const answer = await social.target.ask('GET', '/auth/oauth/google', {
        headers: ['Cookie', `oauth_browser=${planted}`],
      })
      const [cookie] = answer.headers['set-cookie'] ?? []
      expect(cookie).toMatch(
        /^oauth_browser=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
      )
      expect(cookie).not.toContain(`=${planted};`)
    }
  })

  test('on https no other host of the domain can plant one: __Host-, and the plain name counts for nothing', async () => {
    const secure = await openSocial(
      { baseUrl: 'https://id.example.com' },
      { standIn: social.standIn },
    )
    const browser = secure.browser()
    const callback = await atProvider(await browser.start())
    expect([...browser.cookies.keys()]).toEqual(['__Host-oauth_browser'])
    const own = browser.cookies.get('__Host-oauth_browser') ?? ''
    const plain = createBrowser(secure.target.port)
    plain.cookies.set('oauth_browser', own)
    expectRefused(await plain.ask('GET', callback), 'invalid_state')
    const { headers } = await secure.target.ask('GET', '/auth/oauth/google', {
      headers: ['Cookie', `oauth_browser=${own}`],
    })
    expect(headers['set-cookie']?.[0]).toMatch(/^__Host-oauth_browser=.*; Secure$/)
    expect(headers['set-cookie']?.[0]).not.toContain(own)
    expectSignedIn(await browser.ask('GET', callback))
  })

  test('a look at the headers does nothing, and no other method exists', async () => {
    const { browser, callback } = await underway()
    for (const method of ['HEAD', 'PUT', 'DELETE'])
      expect((await browser.ask(method, callback)).status, method).toBe(405)
    // only providers that post their answer may, and then the browser is sent to the same address once more
    const form = ['Content-Type', 'application/x-www-form-urlencoded']
    const [path = '', body = ''] = callback.split('?')
    const posted = await browser.ask('POST', path, { headers: form, body })
    expect(posted.status).toBe(405)
    expect(endOf(posted).session).toBeUndefined()
    expect((await browser.ask('HEAD', '/auth/oauth/google')).status).toBe(405)
    expectSignedIn(await browser.ask('GET', callback))
  })

  test('another site cannot post a proof: the victim would be signed in as the attacker', async () => {
    const body = { id_token: 'a.b.c', nonce: '12345678' }
    for (const path of ['/auth/oauth/google', '/auth/oauth/exchange'])
      for (const headers of [
        ['Sec-Fetch-Site', 'cross-site', 'Origin', 'https://evil.example.com'],
        ['Sec-Fetch-Site', 'same-site'],
        ['Origin', 'null'],
      ]) {
        const answer = await social.target.ask('POST', path, { headers, body })
        expect([answer.status, answer.json.code]).toEqual([403, 'origin_not_allowed'])
      }
  })
})
