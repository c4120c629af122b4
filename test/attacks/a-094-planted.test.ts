import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { plantingAt, randomName } from './planting.js'
import {
  atProvider,
  challengeOf,
  clientId,
  endOf,
  expectRefused,
  expectSignedIn,
  identitiesOf,
  meOf,
  openSocial,
  type Social,
  tokenOf,
  verifier,
} from './social.js'

/** who proves the address of an account takes it over, and what others planted in it before is gone. */
let social: Social
beforeAll(async () => {
  social = await openSocial()
})
beforeEach(() => social.standIn.straighten())

const { person, plant, logIn, store } = plantingAt(() => social)
const claiming = { query: { claim: 'true' } }

describe('A-094, A-096: what was planted before the owner came', () => {
  test('the owner is not let into a planted account, and nothing in it changes, unless they claim it', async () => {
    const victim = person()
    const planted = await plant(victim.email)
    const answer = await social.browser().signIn(victim.subject)
    expectRefused(answer, 'account_exists')
    expect(await store().identities.list(planted.id)).toEqual([])
    expect((await logIn(victim.email)).status).toBe(200)
  })

  test('claimed: password, sessions, access tokens and logins of before are dead at once', async () => {
    const victim = person()
    const planted = await plant(victim.email)
    const trojan = person()
    const body = {
      provider: 'google',
      nonce: 'n'.repeat(12),
      id_token: await social.standIn.idToken({
        ...{ provider: 'google', clientId, person: trojan, nonce: 'n'.repeat(12) },
      }),
    }
    const linked = await social.target.ask('POST', '/auth/identities', {
      token: planted.access,
      body,
    })
    expect(linked.status, linked.text).toBe(201)
    const code = endOf(
      await social
        .browser()
        .signIn(trojan.subject, { query: { code_challenge: challengeOf(verifier) } }),
    ).code

    const owner = social.browser()
    expectSignedIn(await owner.signIn(victim.subject, claiming))

    expect((await logIn(victim.email)).json.code).toBe('invalid_credentials')
    const { ask } = social.target
    expect((await ask('GET', '/auth/me', { token: planted.access })).status).toBe(401)
    const refreshed = await ask('POST', '/auth/refresh', {
      body: { refresh_token: planted.refresh },
    })
    expect(refreshed.status).toBe(401)
    // the login that was planted leads to an account of its own
    const attacker = social.browser()
    expectSignedIn(await attacker.signIn(trojan.subject))
    expect(await meOf(social, await tokenOf(attacker))).toMatchObject({ email: trojan.email })
    // and the code that it left on the way is worth nothing
    const late = await ask('POST', '/auth/oauth/exchange', {
      body: { code, code_verifier: verifier },
    })
    expect(late.json.access_token).toBeUndefined()
    expectRefused(late, late.json.code)
    const token = await tokenOf(owner)
    expect(await meOf(social, token)).toMatchObject({ id: planted.id, email_verified: true })
    expect(await identitiesOf(social, token)).toHaveLength(1)
    expect(
      social.target.events.filter(
        ({ type, subjectId }) => type === 'account.claimed' && subjectId === planted.id,
      ),
    ).toHaveLength(1)
  })

  test('a session that links once more, while the owner claims, leaves nothing behind', async () => {
    const victim = person()
    const planted = await plant(victim.email)
    const browser = social.browser()
    const begun = await browser.ask('POST', '/auth/oauth/google/link', {
      token: planted.access,
      body: {},
    })
    const trojan = person()
    const address = new URL(begun.json.location)
    expectSignedIn(await social.browser().signIn(victim.subject, claiming))
    const late = await browser.ask('GET', await atProvider(address.href, trojan.subject))
    expectRefused(late, 'session_revoked')
    expect(await store().identities.list(planted.id)).toHaveLength(1)
  })

  test('twenty claims at once, by redirect: one claims, all are the same person', async () => {
    const victim = person()
    const { id } = await plant(victim.email)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => social.browser().signIn(victim.subject, claiming)),
    )
    for (const answer of answers) expectSignedIn(answer)
    const claimed = social.target.events.filter(
      ({ type, subjectId }) => type === 'account.claimed' && subjectId === id,
    )
    expect(claimed).toHaveLength(1)
    expect(await store().identities.list(id)).toHaveLength(1)
  })

  test('a claim takes nothing from an account whose address was proved, and nothing from a disabled one', async () => {
    const proved = person()
    const { id } = await plant(proved.email)
    const confirmed = { canonicalEmail: proved.email, dropsPassword: false, now: social.clock() }
    expect(await store().users.verifyEmail(id, confirmed)).toBe(true)
    expectSignedIn(await social.browser().signIn(proved.subject, claiming))
    expect((await logIn(proved.email)).status).toBe(200)
  })

  test('an account that came by an address nobody stands for is planted, too', async () => {
    const shared = `${randomName()}@example.com`
    const attacker = person({ email: shared })
    const browser = social.browser()
    expectSignedIn(await browser.signIn(attacker.subject))
    expect(await meOf(social, await tokenOf(browser))).toMatchObject({ email_verified: false })
    const owner = person({ email: shared, hostedDomain: 'example.com' })
    expectRefused(await social.browser().signIn(owner.subject), 'account_exists')
    const claimed = social.browser()
    expectSignedIn(await claimed.signIn(owner.subject, claiming))
    expect(await identitiesOf(social, await tokenOf(claimed))).toHaveLength(1)
    expect((await browser.ask('POST', '/auth/refresh')).status).toBe(401)
    expectRefused(await social.browser().signIn(attacker.subject, claiming), 'account_exists')
  })
})
