import { beforeAll, describe, expect, test } from 'vitest'
import { readOptions } from '../../src/options.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { ada } from '../../src/testing/stand-in/people.js'
import {
  askedOf,
  atProvider,
  challengeOf,
  clientId,
  createBrowser,
  endOf,
  expectRefused,
  expectSignedIn,
  home,
  openSocial,
  type Social,
  tokenOf,
  tokenPath,
  verifier,
} from './social.js'

/** S-08: a provider that is off is off everywhere, and so is an account that is disabled. */
let social: Social
beforeAll(async () => {
  social = await openSocial()
})

const withoutGoogle = () =>
  social.another({
    oauth: {
      providers: [{ name: 'github', clientId: 'other', clientSecret: 'other-secret' }],
      returnUrls: [home],
      standIn: social.standIn.origin,
    },
  })

describe('A-147: a provider that was taken out', () => {
  test('is refused at the start, at the callback with a state of before, with a token, for linking, and is on no list', async () => {
    const browser = social.browser()
    const callback = await atProvider(await browser.start())
    expectSignedIn(await social.browser().signIn())
    const { json: signedIn } = await social.target.ask('POST', '/auth/login', {
      body: social.target.ada,
    })
    const token = signedIn.access_token
    const off = await withoutGoogle()
    const there = createBrowser(off.port)
    for (const [name, value] of browser.cookies) there.cookies.set(name, value)
    const asked = askedOf(social, tokenPath)
    const idToken = {
      nonce: 'n'.repeat(12),
      id_token: await social.standIn.idToken({
        ...{ provider: 'google', clientId, nonce: 'n'.repeat(12) },
      }),
    }
    const access = social.standIn.accessToken({ provider: 'google', clientId })

    const answers = [
      await there.ask('GET', '/auth/oauth/google'),
      await there.ask('GET', callback),
      await there.ask('POST', '/auth/oauth/google', { body: idToken }),
      await there.ask('POST', '/auth/oauth/google', { token: access }),
      await there.ask('POST', '/auth/oauth/google/link', { token, body: {} }),
      await there.ask('POST', '/auth/identities', {
        token,
        body: { provider: 'google', ...idToken },
      }),
    ]
    for (const answer of answers) expectRefused(answer, 'unsupported_provider')
    expect(askedOf(social, tokenPath)).toBe(asked)
    const { json } = await there.ask('GET', '/auth/oauth')
    expect(json.providers.map(({ name }: { name: string }) => name)).toEqual(['github'])
    expectSignedIn(await browser.ask('GET', callback)) // where it is on, all that was good
  })

  test('does not count as a way in: with it alone left, nothing else can be unlinked', async () => {
    const browser = social.browser()
    expectSignedIn(await browser.signIn(ada.subject))
    const token = await tokenOf(browser)
    const body = {
      provider: 'github',
      code: 'x',
      code_verifier: verifier,
      redirect_uri: 'https://app.example.com/cb',
    }
    const off = await withoutGoogle()
    expect((await off.ask('POST', '/auth/identities', { token, body })).status).toBe(401)
    const access = social.standIn.accessToken({ provider: 'github', clientId: 'other' })
    expect(access).toBeTruthy()
    const me = await social.target.auth.store.users.findByEmail(ada.email ?? '')
    const identities = await social.target.auth.store.identities.list(me?.id ?? '')
    const [google] = identities
    expect(
      await social.target.auth.store.identities.remove({
        ...{ userId: me?.id ?? '', id: google?.id ?? '', leavesOneOf: ['github'] },
      }),
    ).toBe('last')
  })

  test.each([
    'exchange',
    'callback',
    'link',
    '__proto__',
    'constructor',
    'toString',
    '%67oogle',
    'GOOGLE',
    'google%00',
    'google/',
    '..',
  ])('"%s" is the name of none', async (name) => {
    const answer = await social.target.ask('GET', `/auth/oauth/${name}`)
    expect([400, 404, 405]).toContain(answer.status)
    expect(answer.headers.location).toBeUndefined()
  })
})

describe('S-08: a disabled account', () => {
  test('comes in by no way a provider offers, and nothing in it changes', async () => {
    const disabled = await openSocial({}, { standIn: social.standIn })
    const { auth } = disabled.target
    expectSignedIn(await disabled.browser().signIn())
    await auth.users.setActive(ada.email ?? '', false, { actor: 'test' })
    const before = await auth.store.users.findByEmail(ada.email ?? '')

    expectRefused(await disabled.browser().signIn(), 'account_disabled')
    const query = { code_challenge: challengeOf(verifier) }
    const answer = await disabled.browser().signIn(undefined, { query })
    const { code, error } = endOf(answer)
    const exchanged = await disabled.target.ask('POST', '/auth/oauth/exchange', {
      body: { code: code ?? 'none', code_verifier: verifier },
    })
    expect(error ?? exchanged.json.code).toBe('account_disabled')
    const access = social.standIn.accessToken({ provider: 'google', clientId })
    expectRefused(
      await disabled.target.ask('POST', '/auth/oauth/google', { token: access }),
      'account_disabled',
    )
    // by a login that it does not have yet, at a provider that stands for the address
    expectRefused(
      await disabled.browser().signIn(undefined, { provider: 'twin' }),
      'account_disabled',
    )
    const { id = '' } = before ?? {}
    expect(await auth.store.users.find(id)).toEqual(before)
    const reasons = disabled.target.events.filter(({ type }) => type === 'login.refused')
    expect(reasons.length).toBeGreaterThanOrEqual(3)
  })
})

describe('A-157: settings that are not whole', () => {
  test.each<[string, object]>([
    ['no secret', { clientSecret: undefined }],
    ['an empty secret', { clientSecret: '' }],
    ['no id', { clientId: undefined }],
    ['an empty id', { clientId: '' }],
  ])('%s: it does not start, it does not let everybody in', (_, wrong) => {
    const providers = [{ name: 'google', clientId, clientSecret: 's', ...wrong }]
    expect(() =>
      readOptions({ store: memoryStore(), oauth: { providers, returnUrls: [home] } }),
    ).toThrow(/google|clientId|clientSecret|oauth/)
  })
})
