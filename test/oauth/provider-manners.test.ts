import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { LoginProvider } from '../../src/options.js'
import { type StandIn, startStandIn } from '../../src/testing/stand-in/stand-in.js'
import { configuredAt, refusalOf, signIn } from './at-a-provider.js'

/** What is so at one provider only: tenants, texts for truth values, numbers for people. */
let standIn: StandIn
beforeAll(async () => {
  standIn = await startStandIn()
})
afterEach(() => standIn.straighten())
afterAll(() => standIn.stop())

const tenant = '8a0c25b4-3a4e-4f0f-9b2f-0d6f5a1b7c11'
const workTenant = /^[0-9a-f-]{36}\./
const confirmed = { email: 'ada@gmail.com', isEmailConfirmed: true, isEmailAuthoritative: false }
const trusted = { ...confirmed, isEmailAuthoritative: true }
const unconfirmed = { isEmailConfirmed: false, isEmailAuthoritative: false }

/** Makes ID tokens say something else besides. */
const saying = (said: object): void =>
  standIn.twistIdToken(({ claims }) => ({ claims: { ...claims, ...said } }))

describe('what one provider only does', () => {
  const providerOf = (given: Partial<LoginProvider> & { name: string }) =>
    configuredAt(standIn.origin, { clientId: 'app', clientSecret: 'app-secret', ...given })

  test('Microsoft: whoever is admitted by the tenant, and the tenant is part of who they are', async () => {
    const personal = /^9188040d-6c67-4c5b-b112-36a304b66dad\./
    const subjectAt = async (tenantName: string) =>
      (await signIn({ provider: providerOf({ name: 'microsoft', tenant: tenantName }) })).person
        .subject

    expect(await subjectAt('common')).toMatch(personal)
    expect(await subjectAt('consumers')).toMatch(personal)
    expect(await subjectAt('organizations')).toMatch(workTenant)
    expect(await subjectAt('organizations')).not.toMatch(personal)
    expect(await subjectAt(tenant)).toMatch(new RegExp(`^${tenant}\\.`))
  })

  const other = '11111111-2222-4333-8444-555555555555'
  const personal = '9188040d-6c67-4c5b-b112-36a304b66dad'
  const host = 'https://login.microsoftonline.com'
  test.each([
    ['another tenant than ours', tenant, { tid: other, iss: `${host}/${other}/v2.0` }],
    ['our issuer and another tenant', tenant, { tid: other, iss: `${host}/${tenant}/v2.0` }],
    ['our tenant and another issuer', tenant, { tid: tenant, iss: `${host}/${other}/v2.0` }],
    [
      'an issuer that is not of the tenant',
      'common',
      { tid: other, iss: `${host}/${tenant}/v2.0` },
    ],
    ['an issuer elsewhere', 'common', { tid: other, iss: `https://evil.example/${other}/v2.0` }],
    ['a tenant that is none', 'common', { tid: '../evil', iss: `${host}/../evil/v2.0` }],
    ['no tenant', 'common', { tid: undefined, iss: `${host}/undefined/v2.0` }],
    ['the template itself', 'common', { tid: '{tenantid}', iss: `${host}/{tenantid}/v2.0` }],
    ['a personal account', 'organizations', { tid: personal, iss: `${host}/${personal}/v2.0` }],
    ['a company', 'consumers', { tid: other, iss: `${host}/${other}/v2.0` }],
  ])('Microsoft: an ID token of %s is refused (A-142)', async (_name, tenantName, claims) => {
    const provider = providerOf({ name: 'microsoft', tenant: tenantName })
    const about = { provider: 'microsoft', clientId: 'app', nonce: 'nonce-1' } as const
    const token = await standIn.idToken({ ...about, claims })

    expect(await refusalOf(provider.byIdToken(token, 'nonce-1'))).toMatch(
      /^provider_(?:token_rejected|unavailable)$/,
    )
  })

  test('Microsoft: an address is nothing without word of the domain’s owner (nOAuth)', async () => {
    const provider = providerOf({ name: 'microsoft', tenant })
    const personSaying = async (xms_edov: unknown, from = provider) => {
      saying({ xms_edov, email_verified: true })
      return (await signIn({ provider: from })).person
    }

    for (const nothing of [undefined, false, 'false', 0, '0', 'true', null])
      expect(await personSaying(nothing)).toMatchObject(unconfirmed)
    for (const word of [true, 1, '1']) expect(await personSaying(word)).toMatchObject(trusted)
    const own = providerOf({ name: 'microsoft', tenant, trustsEmail: true })
    expect(await personSaying(undefined, own)).toMatchObject(trusted)
  })

  test('GitLab of one’s own, trusted for addresses', async () => {
    const provider = providerOf({ name: 'gitlab', trustsEmail: true })
    expect((await signIn({ provider })).person).toMatchObject(trusted)
  })

  test('Apple: texts for truth values count, and hidden addresses are its own', async () => {
    const provider = providerOf({ name: 'apple', ...standIn.appleKey })
    const personSaying = async (claims: object) => {
      saying(claims)
      return (await signIn({ provider })).person
    }

    expect(await personSaying({ email_verified: 'true' })).toMatchObject(confirmed)
    expect(await personSaying({ email_verified: 'false' })).toMatchObject(unconfirmed)
    expect(await personSaying({ email_verified: 'TRUE' })).toMatchObject(unconfirmed)
    const hidden = { email: 'x@privaterelay.appleid.com', is_private_email: 'true' }
    expect(await personSaying({ email_verified: 'true', ...hidden })).toMatchObject({
      ...{ email: hidden.email, isEmailConfirmed: true, isEmailAuthoritative: true },
    })
  })

  test('Google: the text "false" and the text "true" confirm nothing (A-143)', async () => {
    const provider = providerOf({ name: 'google' })
    for (const email_verified of ['false', 'true', 1, null, undefined]) {
      saying({ email_verified })
      expect((await signIn({ provider })).person).toMatchObject(unconfirmed)
    }
  })

  const userOf = (change: object, path: string) =>
    standIn.twist(path, (answer) => ({
      ...answer,
      body: JSON.stringify({ ...JSON.parse(String(answer.body)), ...change }),
    }))

  test('GitHub: a subject is a number, and nothing that looks like one (A-153)', async () => {
    const provider = providerOf({ name: 'github' })
    expect((await signIn({ provider })).person.subject).toBe('108204268')
    for (const id of ['108204268', 1.5, -1, 0, null, 1e21]) {
      userOf({ id }, '/api.github.com/user')
      expect(await refusalOf(signIn({ provider }))).toBe('provider_unavailable')
      standIn.straighten()
    }
  })

  test('Facebook: a subject is a text, and no number that would be rounded', async () => {
    userOf({ id: 108204268 }, '/graph.facebook.com/v23.0/me')
    expect(await refusalOf(signIn({ provider: providerOf({ name: 'facebook' }) }))).toBe(
      'provider_unavailable',
    )
  })

  test('Facebook: a token that is not valid, of a page or of another app proves nothing', async () => {
    const provider = providerOf({ name: 'facebook' })
    const token = standIn.accessToken({ provider: 'facebook', clientId: 'app' })
    const right = { app_id: 'app', type: 'USER', is_valid: true, user_id: '1' }
    const wrong = [{ is_valid: false }, { type: 'PAGE' }, { type: 'APP' }, { app_id: 'other' }]
    for (const data of wrong) {
      userOf({ data: { ...right, ...data } }, '/graph.facebook.com/v23.0/debug_token')
      expect(await refusalOf(provider.byAccessToken(token))).toBe('provider_token_rejected')
      standIn.straighten()
    }
    expect(await refusalOf(provider.byAccessToken(token))).toBe('nothing')
  })

  test('GitHub: no public address, only the primary one that is verified (A-143)', async () => {
    const provider = providerOf({ name: 'github' })
    const personWith = async (emails: object[]) => {
      standIn.twist('/api.github.com/user/emails', (answer) => ({
        ...answer,
        body: JSON.stringify(emails),
      }))
      return (await signIn({ provider })).person
    }
    const email = 'ada@example.com'

    expect(await personWith([])).toMatchObject({ email: null, ...unconfirmed })
    expect(await personWith([{ email, primary: true, verified: false }])).toMatchObject({
      ...{ email: null, ...unconfirmed },
    })
    expect(await personWith([{ email, primary: false, verified: true }])).toMatchObject({
      ...{ email: null, ...unconfirmed },
    })
    expect(await personWith([{ email, primary: true, verified: true }])).toMatchObject({
      ...{ email, isEmailConfirmed: true, isEmailAuthoritative: true },
    })
    expect(await refusalOf(personWith([{ email, primary: true, verified: 'false' }]))).toBe(
      'provider_unavailable',
    )
  })

  test('names and pictures are cleaned (A-154)', async () => {
    saying({
      given_name: '<img src=x onerror=alert(1)>\u202Eada\u0000',
      family_name: ` ${'x'.repeat(500)} `,
      picture: 'javascript:alert(1)',
    })
    const { person } = await signIn({ provider: providerOf({ name: 'google' }) })

    expect(person.firstName).toBe('img src=x onerror=alert(1) ada')
    expect(person.lastName).toBe('x'.repeat(100))
    expect(person.picture).toBeNull()
  })
})
