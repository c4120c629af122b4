import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ada, grace } from '../../src/testing/stand-in/people.js'
import { plantingAt, randomName } from './planting.js'
import {
  endOf,
  expectRefused,
  expectSignedIn,
  identitiesOf,
  meOf,
  openSocial,
  type Social,
  tokenOf,
} from './social.js'

/**
 * S-17: the subject decides whose account it is. An address leads to an account only where both sides proved
 * it.
 */
let social: Social
beforeAll(async () => {
  social = await openSocial()
})
beforeEach(() => social.standIn.straighten())

const { person, plant, logIn, store } = plantingAt(() => social)
const claiming = { query: { claim: 'true' } }

describe('A-143: an address that the provider does not stand for', () => {
  const words: [string, object][] = [
    ['false', { email_verified: false }],
    ['"false"', { email_verified: 'false' }],
    ['"true"', { email_verified: 'true' }],
    ['1', { email_verified: 1 }],
    ['"1"', { email_verified: '1' }],
    ['[true]', { email_verified: [true] }],
    ['null', { email_verified: null }],
    ['nothing', { email_verified: undefined }],
  ]
  test.each(words)('confirmed: %s leads to no account and makes none', async (_, said) => {
    const victim = person()
    await plant(victim.email)
    const stranger = person()
    for (const who of [victim, stranger])
      for (const wish of [{}, claiming]) {
        social.standIn.twistIdToken(({ claims }) => ({ claims: { ...claims, ...said } }))
        expectRefused(await social.browser().signIn(who.subject, wish), 'provider_email_missing')
      }
    expect(await store().users.findByEmail(stranger.email)).toBeUndefined()
    expect((await logIn(victim.email)).status).toBe(200)
  })

  test('confirmed, but of a domain that is not its own: to no account that exists, and no claim', async () => {
    const victim = person({ email: `${randomName()}@example.com` })
    await plant(victim.email)
    for (const wish of [{}, claiming])
      expectRefused(await social.browser().signIn(victim.subject, wish), 'account_exists')
    expect((await logIn(victim.email)).status).toBe(200)
  })

  test('none at all, an empty one, a list, an object, two of them: nobody comes in', async () => {
    for (const email of [undefined, null, '', [grace.email], { 0: grace.email }, 7, 'a@b@c.com']) {
      const who = person()
      social.standIn.twistIdToken(({ claims }) => ({ claims: { ...claims, email } }))
      social.standIn.twist('/openidconnect.googleapis.com', (answer) => ({
        ...answer,
        body: JSON.stringify({ sub: who.subject, email_verified: true, ...(email && { email }) }),
      }))
      const answer = await social.browser().signIn(who.subject)
      expect(['provider_email_missing', 'provider_unavailable']).toContain(endOf(answer).error)
      expect(endOf(answer).session).toBeUndefined()
    }
  })

  test.each([
    ['a Kelvin sign', (local: string) => `${local}\u212A@gmail.com`],
    ['a full-width at', (local: string) => `${local}\uFF20gmail.com`],
    ['a one-dot leader', (local: string) => `${local}@gmail\u2024com`],
    ['a full-width letter', (local: string) => `${local}\uFF41@gmail.com`],
    ['a long s', (local: string) => `${local}\u017F@gmail.com`],
    ['a space', (local: string) => `${local}@gmail.com `],
    ['a line', (local: string) => `${local}@evil.example\n@gmail.com`],
    ['a NUL', (local: string) => `${local}\0@gmail.com`],
    ['a comment', (local: string) => `${local}(x)@gmail.com`],
    ['a name before it', (local: string) => `Ada <${local}@gmail.com>`],
    ['two', (local: string) => `${local}@evil.example,${local}@gmail.com`],
  ])('with %s it is none, and near no other', async (_, spelled) => {
    const who = person()
    social.standIn.twistIdToken(({ claims }) => ({
      claims: { ...claims, email: spelled(who.subject) },
    }))
    expectRefused(await social.browser().signIn(who.subject, claiming), 'provider_email_missing')
  })

  test('in other letters it is the same, with a tag or dots it is another', async () => {
    const who = person()
    await plant(who.email)
    const as = (email: string) =>
      social.standIn.twistIdToken(({ claims }) => ({ claims: { ...claims, email } }))
    as(who.email.toUpperCase())
    expectRefused(await social.browser().signIn(who.subject), 'account_exists')
    for (const email of [
      who.email.replace('@', '+tag@'),
      `${who.subject.slice(0, 3)}.${who.subject.slice(3)}@gmail.com`,
      `${who.subject}@gma\u0131l.com`,
    ]) {
      as(email)
      const { subject } = person()
      const browser = social.browser()
      expectSignedIn(await browser.signIn(subject))
      expect(await meOf(social, await tokenOf(browser))).toMatchObject({ email })
    }
    expect((await logIn(who.email)).status).toBe(200)
  })
})

describe('A-144, A-145: the subject decides', () => {
  test("an address that changes at the provider, to a victim's: the same account as before, and not the victim's", async () => {
    const [attacker, victim] = [person(), person()]
    const browser = social.browser()
    expectSignedIn(await browser.signIn(attacker.subject))
    const own = await meOf(social, await tokenOf(browser))
    expectSignedIn(await social.browser().signIn(victim.subject))

    social.standIn.twistIdToken(({ claims }) => ({ claims: { ...claims, email: victim.email } }))
    const again = social.browser()
    expectSignedIn(await again.signIn(attacker.subject, claiming))
    expect(await meOf(social, await tokenOf(again))).toMatchObject({
      id: own.id,
      email: attacker.email,
    })
  })

  test('an address that went to somebody else at the provider opens the account of before to nobody new unseen', async () => {
    const [old, next] = [person(), person()]
    expectSignedIn(await social.browser().signIn(old.subject))
    social.standIn.twistIdToken(({ claims }) => ({ claims: { ...claims, email: old.email } }))
    // Google stands for its own addresses and gives none of them twice: that is what "authoritative" says
    expectSignedIn(await social.browser().signIn(next.subject))
    const { id } = (await store().users.findByEmail(old.email)) ?? { id: '' }
    const linked = social.target.events.filter(
      ({ type, subjectId }) => type === 'identity.linked' && subjectId === id,
    )
    expect(linked).toHaveLength(2) // and the trail says so
  })

  test('one subject at two providers is two logins', async () => {
    const who = person()
    expectSignedIn(await social.browser().signIn(who.subject))
    const other = { ...who, email: `${randomName()}@gmail.com` }
    social.standIn.twistIdToken(({ claims }) => ({ claims: { ...claims, email: other.email } }))
    const browser = social.browser()
    expectSignedIn(await browser.signIn(who.subject, { provider: 'twin' }))
    const token = await tokenOf(browser)
    expect(await meOf(social, token)).toMatchObject({ email: other.email })
    expect(await identitiesOf(social, token)).toHaveLength(1)
  })

  test.each([
    [
      '',
      '\0',
      ' ',
      'x\0',
      '\ud800',
      '\ud801',
      'x ',
      ' x',
      'x\n',
      '\u00e9',
      'e\u0301',
      'x'.repeat(256),
    ],
  ])('a subject that could be kept as another one is nobody: %j', async (...subjects) => {
    for (const sub of subjects) {
      social.standIn.twistIdToken(({ claims }) => ({ claims: { ...claims, sub } }))
      const answer = await social.browser().signIn()
      expect(['provider_unavailable', 'provider_token_rejected'], sub).toContain(
        endOf(answer).error,
      )
    }
  })

  test('subjects that differ in case or a sign are different people', async () => {
    const base = randomName()
    const subjects = [base, base.toUpperCase(), `${base}.`, `0${base}`]
    const ids = new Set<string>()
    for (const sub of subjects) {
      const email = `${randomName()}@gmail.com`
      social.standIn.twistIdToken(({ claims }) => ({ claims: { ...claims, sub, email } }))
      const browser = social.browser()
      expectSignedIn(await browser.signIn())
      ids.add((await meOf(social, await tokenOf(browser))).id)
    }
    expect(ids.size).toBe(subjects.length)
  })
})

describe('who has an account', () => {
  test('is told to nobody who has not proved the address', async () => {
    const victim = person()
    await plant(victim.email)
    for (const email of [victim.email, `${randomName()}@gmail.com`]) {
      const who = person()
      social.standIn.twistIdToken(({ claims }) => ({
        claims: { ...claims, email, email_verified: false },
      }))
      const answer = await social.browser().signIn(who.subject)
      expect(endOf(answer).error).toBe('provider_email_missing') // the same for both
    }
  })

  test('Ada of the provider is not Ada of the house: another address, another account', async () => {
    const browser = social.browser()
    expectSignedIn(await browser.signIn(ada.subject))
    const { id } = await meOf(social, await tokenOf(browser))
    const { json } = await social.target.ask('POST', '/auth/login', { body: social.target.ada })
    expect(json.user.id).not.toBe(id)
  })
})
