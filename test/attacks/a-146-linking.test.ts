import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { grace } from '../../src/testing/stand-in/people.js'
import {
  atProvider,
  type Browser,
  clientId,
  createBrowser,
  endOf,
  expectRefused,
  expectSignedIn,
  identitiesOf,
  openSocial,
  type Social,
  tokenOf,
} from './social.js'
import type { Answer } from './target.js'

/** S-26: links are made and ended by whoever holds the account now, and the last way in stays. */
let social: Social
beforeAll(async () => {
  social = await openSocial()
})

const password = 'not long enough to be planted 9'
const person = () => {
  const subject = randomBytes(6).toString('hex')
  const made = { ...grace, subject, email: `${subject}@gmail.com` }
  social.standIn.people.push(made)
  return made
}

const byPassword = async () => {
  const email = `${randomBytes(6).toString('hex')}@example.com`
  const { json } = await social.target.ask('POST', '/auth/register', { body: { email, password } })
  return { email, token: String(json.access_token), id: String(json.user.id) }
}
const byProvider = async () => {
  const who = person()
  const browser = social.browser()
  expectSignedIn(await browser.signIn(who.subject))
  const token = await tokenOf(browser)
  const [identity] = await identitiesOf(social, token)
  return { who, browser, token, identity }
}

const beginLink = (
  browser: Browser,
  token: string,
  body: object = {},
  provider = 'google',
): Promise<Answer> => browser.ask('POST', `/auth/oauth/${provider}/link`, { token, body })
const linkBy = (browser: Browser, { json }: Answer, subject: string): Promise<Answer> =>
  atProvider(json.location, subject).then((callback) => browser.ask('GET', callback))
const unlink = (token: string, id: string, body?: object): Promise<Answer> =>
  social.target.ask('DELETE', `/auth/identities/${id}`, { token, ...(body && { body }) })
const postedFor = async (subject: string) => {
  const found = social.standIn.people.find((each) => each.subject === subject)
  if (found === undefined) throw new Error('Nobody of that name')
  const nonce = randomBytes(12).toString('hex')
  const about = { provider: 'google', clientId, person: found, nonce } as const
  return { provider: 'google', nonce, id_token: await social.standIn.idToken(about) }
}

describe('A-146: linking', () => {
  test('nobody links without a session', async () => {
    const body = await postedFor(person().subject)
    for (const token of [undefined, 'x.y.z']) {
      const sent = { ...(token && { token }), body: {} }
      const { ask } = social.target
      expect((await ask('POST', '/auth/oauth/google/link', sent)).status).toBe(401)
      expect((await ask('POST', '/auth/identities', { ...sent, body })).status).toBe(401)
      expect((await ask('GET', '/auth/identities', { ...(token && { token }) })).status).toBe(401)
      expect((await ask('DELETE', '/auth/identities/x', { ...(token && { token }) })).status).toBe(
        401,
      )
    }
  })

  test('a cookie alone is no session for it: another site could send it along', async () => {
    const { browser } = await byProvider()
    const headers = ['Sec-Fetch-Site', 'cross-site', 'Origin', 'https://evil.example.com']
    const answer = await browser.ask('POST', '/auth/oauth/twin/link', { headers, body: {} })
    expect([401, 403]).toContain(answer.status)
    expect((await browser.ask('POST', '/auth/oauth/twin/link', { body: {} })).status).toBe(401)
    expect((await browser.ask('GET', '/auth/oauth/twin/link')).status).toBe(405)
  })

  test('a login that belongs to another account is taken, and nothing is said of whose it is', async () => {
    const owner = await byProvider()
    const other = await byPassword()
    const posted = await social.target.ask('POST', '/auth/identities', {
      token: other.token,
      body: await postedFor(owner.who.subject),
    })
    expect([posted.status, posted.json.code]).toEqual([409, 'identity_taken'])
    for (const secret of [owner.who.email, owner.identity.id, owner.who.subject])
      expect(posted.text).not.toContain(secret)
    const browser = social.browser()
    const answer = await linkBy(browser, await beginLink(browser, other.token), owner.who.subject)
    expectRefused(answer, 'identity_taken')
    expect(await identitiesOf(social, other.token)).toEqual([])
  })

  test('one login linked by twenty accounts at once belongs to one', async () => {
    const { subject } = person()
    const people = await Promise.all(Array.from({ length: 20 }, byPassword))
    const answers = await Promise.all(
      people.map(async ({ token }) =>
        social.target.ask('POST', '/auth/identities', { token, body: await postedFor(subject) }),
      ),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ json }) => json.code === 'identity_taken')).toHaveLength(19)
  })
})

describe('A-138: link CSRF', () => {
  test("the attacker's link, finished in the victim's browser, links nothing", async () => {
    const attacker = await byPassword()
    const begun = await beginLink(social.browser(), attacker.token)
    const { browser: victim, who } = await byProvider()
    const callback = await atProvider(begun.json.location, who.subject)
    expectRefused(await victim.ask('GET', callback), 'invalid_state')
    await victim.start() // now it has a cookie of its own, and still not this one
    expectRefused(await victim.ask('GET', callback), 'invalid_state')
    expect(await identitiesOf(social, attacker.token)).toEqual([])
  })

  test("the victim's link, finished by the attacker with a login of theirs, links nothing", async () => {
    const { browser, token } = await byProvider()
    const begun = await beginLink(browser, token, {}, 'twin')
    const callback = await atProvider(begun.json.location, person().subject)
    expectRefused(await social.browser().ask('GET', callback), 'invalid_state')
    // and the attacker's own code does not fit into it
    const stolen = new URL(callback, 'http://x')
    const attackers = await atProvider(await social.browser().start('twin'), person().subject)
    stolen.searchParams.set('code', new URL(attackers, 'http://x').searchParams.get('code') ?? '')
    const answer = await browser.ask('GET', stolen.pathname + stolen.search)
    expectRefused(answer, 'provider_token_rejected')
    expect(await identitiesOf(social, token)).toHaveLength(1)
  })

  test('a link goes to the account that began it, whoever has signed in in the browser since', async () => {
    const first = await byProvider()
    const begun = await beginLink(first.browser, first.token, {}, 'twin')
    const next = person()
    expectSignedIn(await first.browser.signIn(next.subject))
    const second = await tokenOf(first.browser)
    const linked = person()
    expect(endOf(await linkBy(first.browser, begun, linked.subject)).linked).toBe('twin')
    expect(await identitiesOf(social, second)).toHaveLength(1)
    expect(await identitiesOf(social, first.token)).toHaveLength(2)
  })
})

describe('a link whose account changed on the way', () => {
  const cases: Record<string, (account: { email: string; token: string }) => Promise<unknown>> = {
    'signed out everywhere': async ({ token }) => {
      const answer = await social.target.ask('POST', '/auth/logout', {
        token,
        body: { scope: 'all' },
      })
      return answer
    },
    disabled: ({ email }) => social.target.auth.users.setActive(email, false, { actor: 'test' }),
    'removed by its owner': ({ token }) =>
      social.target.ask('DELETE', '/auth/me', { token, body: { password } }),
  }
  test.each(Object.entries(cases))('%s: nothing is linked', async (_, change) => {
    const account = await byPassword()
    const browser = social.browser()
    const begun = await beginLink(browser, account.token)
    const { subject } = person()
    const callback = await atProvider(begun.json.location, subject)
    await change(account)
    const ended = await social.target.ask('GET', '/auth/me', { token: account.token })
    if (ended.status === 200) await social.target.auth.users.setActive(account.email, false, {})
    const answer = await browser.ask('GET', callback)
    expect(['session_revoked', 'account_disabled']).toContain(endOf(answer).error)
    expect(endOf(answer).session).toBeUndefined()
    expect(await social.target.auth.store.identities.find('google', subject)).toBeUndefined()
  })
})

describe('A-146: unlinking', () => {
  test('the last way in stays, and so does that of everybody else', async () => {
    const { token, identity } = await byProvider()
    expectRefused(await unlink(token, identity.id), 'last_way_in')
    const stranger = await byPassword()
    for (const id of [identity.id, 'x', 'constructor', '__proto__', identity.id.toUpperCase()])
      expectRefused(await unlink(stranger.token, id), 'identity_not_found')
    expect(await identitiesOf(social, token)).toHaveLength(1)
  })

  test('the last two at once, twenty times: one stays', async () => {
    const { token, browser } = await byProvider()
    await linkBy(browser, await beginLink(browser, token, {}, 'twin'), person().subject)
    const both = await identitiesOf(social, token)
    expect(both).toHaveLength(2)
    const other = createBrowser((await social.another()).port)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 4 < 2 ? social.target : other).ask(
          'DELETE',
          `/auth/identities/${both[index % 2].id}`,
          { token },
        ),
      ),
    )
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    expect(await identitiesOf(social, token)).toHaveLength(1)
  })

  test('ends what came in by it: other sessions are dead, and the login leads nowhere near', async () => {
    const account = await byPassword()
    const { subject } = person()
    await social.target.ask('POST', '/auth/identities', {
      token: account.token,
      body: await postedFor(subject),
    })
    const stranger = social.browser()
    expectSignedIn(await stranger.signIn(subject))
    const [identity] = await identitiesOf(social, account.token)
    expect((await unlink(account.token, identity.id)).status).toBe(204)
    expect((await stranger.ask('POST', '/auth/refresh')).status).toBe(401)
    expectSignedIn(await stranger.signIn(subject))
    expect(await identitiesOf(social, account.token)).toEqual([])
  })
})

describe('A-052, S-26: what could take an account away asks for its owner', () => {
  test('a session of eleven minutes ago links and unlinks nothing, the password does', async () => {
    const account = await byPassword()
    const { subject } = person()
    const body = await postedFor(subject)
    social.clock.advance('11m')
    const { token } = account
    const answers = [
      await beginLink(social.browser(), token),
      await social.target.ask('POST', '/auth/identities', { token, body }),
      await unlink(token, 'any'),
    ]
    for (const answer of answers)
      expect([answer.status, answer.json.code]).toEqual([403, 'reauthentication_required'])
    const wrong = await beginLink(social.browser(), token, { password: 'not it at all 1' })
    expect([wrong.status, wrong.json.code]).toEqual([403, 'wrong_password'])
    const browser = social.browser()
    const right = await beginLink(browser, token, { password })
    expect(endOf(await linkBy(browser, right, subject)).linked).toBe('google')
  })

  test('a refresh is no sign-in: an old session stays old', async () => {
    const { browser } = await byProvider()
    social.clock.advance('11m')
    const token = await tokenOf(browser)
    const answer = await beginLink(browser, token, {}, 'twin')
    expect([answer.status, answer.json.code]).toEqual([403, 'reauthentication_required'])
  })

  test('guesses at the password there count as guesses', async () => {
    const strict = await openSocial(
      { locks: { afterFailures: 3 }, enumeration: 'open' },
      { standIn: social.standIn },
    )
    const { json } = await strict.target.ask('POST', '/auth/login', { body: strict.target.ada })
    const codes: string[] = []
    for (let count = 0; count < 5; count += 1) {
      const answer = await strict.target.ask('POST', '/auth/oauth/google/link', {
        token: json.access_token,
        body: { password: `wrong number ${count}` },
      })
      codes.push(answer.json.code)
    }
    expect(codes.slice(0, 2)).toEqual(['wrong_password', 'wrong_password'])
    expect(codes.slice(3)).toEqual(['too_many_attempts', 'too_many_attempts'])
  })
})
