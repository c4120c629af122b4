import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { google } from '../../src/features/oauth/providers/google.js'
import { createSeal } from '../../src/lib/seal.js'
import { ada, grace } from '../../src/testing/stand-in/people.js'
import {
  askedOf,
  atProvider,
  type Browser,
  challengeOf,
  createBrowser,
  endOf,
  expectRefused,
  expectSignedIn,
  home,
  openSocial,
  type Social,
  tokenPath,
  verifier,
} from './social.js'
import { type Answer, rootSecret, type Target } from './target.js'

/** what works once works once, also for twenty at once on two servers; and no token is in an address. */
let social: Social
let other: Pick<Target, 'port' | 'ask'>
const opened = (): number =>
  social.target.events.filter(({ type }) => type === 'login.succeeded').length

beforeAll(async () => {
  social = await openSocial()
})

/** Ten on each of two servers, all with the cookies of one browser. */
const twenty = async (
  browser: Browser,
  ask: (to: Browser) => Promise<Answer>,
): Promise<Answer[]> => {
  other = await social.another()
  const all = Array.from({ length: 20 }, (_, index) => {
    const copy = createBrowser(index % 2 === 0 ? social.target.port : other.port)
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value)
    return ask(copy)
  })
  return Promise.all(all)
}

describe('A-139: a callback', () => {
  test('twenty times at once on two servers: one session, and the provider is asked once', async () => {
    const browser = social.browser()
    const callback = await atProvider(await browser.start())
    const [sessions, asked] = [opened(), askedOf(social, tokenPath)]

    const answers = await twenty(browser, (to) => to.ask('GET', callback))

    expect(answers.filter((answer) => endOf(answer).session !== undefined)).toHaveLength(1)
    expect(answers.filter(({ json }) => json?.code === 'invalid_state')).toHaveLength(19)
    expect(opened() - sessions).toBe(1)
    expect(askedOf(social, tokenPath) - asked).toBe(1)
  })

  test('of one person from twenty browsers at once for the first time: one account', async () => {
    const subject = randomBytes(8).toString('hex')
    const email = `${subject}@gmail.com`
    social.standIn.people.push({ ...grace, subject, email })
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => social.browser().signIn(subject)),
    )
    for (const answer of answers) expectSignedIn(answer)
    const made = social.target.events.filter(({ type }) => type === 'account.registered')
    const { id } = (await social.target.auth.store.users.findByEmail(email)) ?? { id: 'nobody' }
    expect(made.filter(({ subjectId }) => subjectId === id)).toHaveLength(1)
    expect(await social.target.auth.store.identities.list(id)).toHaveLength(1)
  })
})

/** A browser comes back to its app with a code. */
const codeOf = async (
  challenge = challengeOf(verifier),
  who: string = ada.subject,
): Promise<string> => {
  const query = { code_challenge: challenge, code_challenge_method: 'S256' }
  const answer = await social.browser().signIn(who, { query })
  expect(answer.headers['set-cookie']).toBeUndefined()
  return endOf(answer).code ?? ''
}
const exchange = (
  code: string,
  code_verifier = verifier,
  to: Pick<Target, 'ask'> = social.target,
) => to.ask('POST', '/auth/oauth/exchange', { body: { code, code_verifier } })

describe('the exchange code', () => {
  test('is worth one grant: the second time nothing, and its theft ends nothing', async () => {
    const code = await codeOf()
    const { status, json } = await exchange(code)
    expect(status).toBe(200)
    expectRefused(await exchange(code), 'invalid_exchange_code')
    expect((await social.target.ask('GET', '/auth/me', { token: json.access_token })).status).toBe(
      200,
    )
  })

  test('twenty times at once on two servers: one grant', async () => {
    const code = await codeOf()
    const sessions = opened()
    const answers = await twenty(social.browser(), (to) => exchange(code, verifier, to))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ json }) => json.code === 'invalid_exchange_code')).toHaveLength(19)
    expect(opened() - sessions).toBe(1)
  })

  test('with another verifier, or the challenge itself: nothing, and it stays good for its own', async () => {
    const code = await codeOf()
    const others = [challengeOf(verifier), verifier.toLowerCase(), `${verifier}x`, 'a'.repeat(43)]
    for (const each of others) expectRefused(await exchange(code, each), 'invalid_exchange_code')
    for (const each of ['', 'short', 'a'.repeat(129), `${verifier}\0`, `${verifier}\n`])
      expect((await exchange(code, each)).status).toBe(422)
    expect((await exchange(code)).status).toBe(200)
  })

  test('a minute old: nothing', async () => {
    const [early, late] = [await codeOf(), await codeOf()]
    social.clock.advance('50s')
    expect((await exchange(early)).status).toBe(200)
    social.clock.advance('10s')
    expectRefused(await exchange(late), 'invalid_exchange_code')
  })

  test('one sees into none: another name, another place, another secret, or changed', async () => {
    const code = await codeOf()
    const inside = createSeal([rootSecret]).open(code, 'oauth exchange code') ?? ''
    expect(JSON.parse(inside)).toMatchObject({ provider: 'google' })
    const stranger = createSeal([randomBytes(32).toString('hex')])
    const codes = [
      '',
      inside,
      createSeal([rootSecret]).seal(inside, 'oauth flow'),
      stranger.seal(inside, 'oauth exchange code'),
      `${code.slice(0, 30)}${code[30] === 'A' ? 'B' : 'A'}${code.slice(31)}`,
    ]
    for (const each of codes) expectRefused(await exchange(each), 'invalid_exchange_code')
  })

  test('in another spelling once it was used: nothing', async () => {
    const code = await codeOf()
    expect((await exchange(code)).status).toBe(200)
    for (const each of [`${code}=`, `${code}.`, code.replaceAll('-', '+').replaceAll('_', '/')])
      expectRefused(await exchange(each), 'invalid_exchange_code')
  })

  test('of somebody whose account was disabled, or is gone, in between: nothing', async () => {
    const subject = randomBytes(8).toString('hex')
    const email = `${subject}@gmail.com`
    social.standIn.people.push({ ...grace, subject, email })
    const { auth } = social.target
    const [first, second] = [await codeOf(undefined, subject), await codeOf(undefined, subject)]
    const { id } = (await auth.store.users.findByEmail(email)) ?? { id: 'nobody' }
    await auth.users.setActive(email, false, { actor: 'test' })
    expectRefused(await exchange(first), 'account_disabled')
    await auth.store.users.remove(id)
    expectRefused(await exchange(second), 'invalid_exchange_code')
  })

  test('of a provider that was taken out of service in between: nothing', async () => {
    const without = await social.another({
      oauth: {
        providers: [{ name: 'twin', clientId: 'twin', clientSecret: 's', definition: google }],
        returnUrls: [home],
        standIn: social.standIn.origin,
      },
    })
    expectRefused(await exchange(await codeOf(), verifier, without), 'invalid_exchange_code')
  })

  test('of a login that was unlinked in between: nothing', async () => {
    const subject = randomBytes(8).toString('hex')
    const email = `${subject}@gmail.com`
    social.standIn.people.push({ ...grace, subject, email })
    const code = await codeOf(undefined, subject)
    const { store } = social.target.auth
    const { id } = (await store.users.findByEmail(email)) ?? { id: 'nobody' }
    await store.identities.removeAll(id)
    const { status, json } = await exchange(code)
    expect([status < 500, json.access_token]).toEqual([true, undefined])
  })
})

describe('A-151, S-47: no address holds a token', () => {
  test('neither the one to the provider nor the one back to the app; the code in it is worth nothing alone', async () => {
    const browser = social.browser()
    const location = await browser.start('google', { code_challenge: challengeOf(verifier) })
    const answer = await browser.ask('GET', await atProvider(location))
    const back = answer.headers.location ?? ''
    const { json } = await exchange(endOf(answer).code ?? '')
    const [own] = browser.cookies.values()
    for (const text of [location, back])
      for (const secret of [json.access_token, json.refresh_token, own, `${rootSecret}`])
        expect(text).not.toContain(secret)
    expect(new URL(back).hash).toBe('')
    expect([...new URL(back).searchParams.keys()]).toEqual(['code'])
    expect(answer.text).toBe('')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['referrer-policy']).toBe('no-referrer')
  })

  test('a cookie holds the grant, and the page that is returned to nothing at all', async () => {
    const answer = await social.browser().signIn()
    expect(answer.headers.location).toBe(home)
    expect(answer.text).toBe('')
    expect(endOf(answer).session).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/)
  })
})
