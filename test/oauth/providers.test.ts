import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Person } from '../../src/features/oauth/providers/provider.js'
import { knownProviders } from '../../src/features/oauth/providers/table.js'
import type { LoginProvider } from '../../src/options.js'
import {
  type ProviderName,
  type StandIn,
  startStandIn,
} from '../../src/testing/stand-in/stand-in.js'
import {
  challengeOf,
  configuredAt,
  redirectUri,
  refusalOf,
  signIn,
  visit,
} from './at-a-provider.js'

/** Every provider against its look-alike, in all forms it accepts. */
let standIn: StandIn
beforeAll(async () => {
  standIn = await startStandIn()
})
afterEach(() => standIn.straighten())
afterAll(() => standIn.stop())

const tenant = '8a0c25b4-3a4e-4f0f-9b2f-0d6f5a1b7c11'
const workTenant = /^[0-9a-f-]{36}\./

type Row = {
  name: ProviderName
  settings?: () => Partial<LoginProvider>
  scopes: string
  lacks?: 'pkce and nonce'
  takes: readonly string[]
  /** What is said of Ada, besides her names. */
  ada: Partial<Person>
  /** Of Alan, whose address was never confirmed. */
  alan: Partial<Person>
}

const names = { firstName: 'Ada', lastName: 'Lovelace' }
const confirmed = { email: 'ada@gmail.com', isEmailConfirmed: true, isEmailAuthoritative: false }
const trusted = { ...confirmed, isEmailAuthoritative: true }
const unconfirmed = { isEmailConfirmed: false, isEmailAuthoritative: false }
const picture = 'https://example.com/ada.png'
const all = ['code', 'id_token', 'access_token']

const rows: readonly Row[] = [
  {
    name: 'google',
    scopes: 'openid email profile',
    takes: all,
    ada: { ...trusted, ...names, picture },
    alan: unconfirmed,
  },
  {
    name: 'facebook',
    scopes: 'email public_profile',
    takes: ['code', 'access_token'],
    ada: { ...confirmed, ...names },
    alan: { ...unconfirmed, email: null },
  },
  {
    name: 'github',
    scopes: 'read:user user:email',
    takes: ['code', 'access_token'],
    ada: { ...trusted, ...names },
    alan: { ...unconfirmed, email: null },
  },
  {
    name: 'microsoft',
    settings: () => ({ tenant }),
    scopes: 'openid email profile',
    takes: ['code', 'id_token'],
    ada: { ...trusted, picture: null },
    alan: unconfirmed,
  },
  {
    name: 'apple',
    settings: () => ({ ...standIn.appleKey }),
    scopes: 'openid email',
    takes: ['code', 'id_token'],
    ada: { ...confirmed, firstName: null, lastName: null, picture: null },
    alan: unconfirmed,
  },
  {
    name: 'gitlab',
    scopes: 'openid email profile',
    takes: all,
    ada: { ...confirmed, ...names, picture },
    alan: unconfirmed,
  },
  {
    name: 'discord',
    scopes: 'identify email',
    takes: ['code', 'access_token'],
    ada: confirmed,
    alan: unconfirmed,
  },
  {
    name: 'linkedin',
    scopes: 'openid email profile',
    lacks: 'pkce and nonce',
    takes: ['code', 'access_token'],
    ada: { ...confirmed, ...names, picture },
    alan: unconfirmed,
  },
]

const setupOf = ({ name, settings }: Row): LoginProvider => ({
  ...{ name, clientId: 'app', clientSecret: 'app-secret' },
  ...settings?.(),
})
const at = (row: Row) => configuredAt(standIn.origin, setupOf(row))

test('the table is whole', () => {
  expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(knownProviders).sort())
})

describe.each(rows)('$name', (row) => {
  test('takes what it says', () => {
    expect(at(row).accepts).toEqual(row.takes)
  })

  test('is asked for no more than is needed, with state, PKCE and nonce', async () => {
    const { url, codeVerifier } = await visit({ provider: at(row) })
    const said = Object.fromEntries(url.searchParams)
    const hasNonce = row.takes.includes('id_token')

    expect(said).toMatchObject({
      ...{ client_id: 'app', redirect_uri: redirectUri, response_type: 'code' },
      ...{ scope: row.scopes, state: 'state-1' },
      ...(!row.lacks && { code_challenge: challengeOf(codeVerifier) }),
      ...(!row.lacks && { code_challenge_method: 'S256' }),
      ...(hasNonce && { nonce: 'nonce-1' }),
    })
    expect('code_challenge' in said).toBe(!row.lacks)
    expect('nonce' in said).toBe(hasNonce)
    expect(url.href).not.toContain('secret')
  })

  test('lets somebody in by a code, and says the same of them again', async () => {
    const provider = at(row)
    const { person, tokens } = await signIn({ provider })

    expect(person).toMatchObject(row.ada)
    expect(person.subject).toMatch(/./)
    expect(tokens?.accessToken).toMatch(/./)
    expect((await signIn({ provider })).person).toEqual(person)
    const other = await signIn({ provider, who: 'grace@gmail.com' })
    expect(other.person.subject).not.toBe(person.subject)
  })

  test('says what is known of an address that was never confirmed, and of none', async () => {
    const provider = at(row)
    const alan = await signIn({ provider, who: 'alan@example.com' })
    const emmy = await signIn({ provider, who: '118820323' })

    expect(alan.person).toMatchObject(row.alan)
    expect(emmy.person).toMatchObject({ email: null, ...unconfirmed })
  })

  test('lets apps send a code of their own, without a nonce', async () => {
    const { person } = await signIn({ provider: at(row), withNonce: false })
    expect(person).toMatchObject(row.ada)
  })

  test('gives a code to one client, for one verifier, once', async () => {
    const provider = at(row)
    const { back, codeVerifier, nonce } = await visit({ provider })
    const redemption = { code: back.get('code') ?? '', codeVerifier, redirectUri, nonce }
    const other = configuredAt(standIn.origin, {
      ...{ ...setupOf(row), clientId: 'other', clientSecret: 'other-secret' },
    })

    expect(await refusalOf(other.byCode(redemption))).toBe('provider_token_rejected')
    expect(await refusalOf(provider.byCode(redemption))).toBe('provider_token_rejected')
    expect(await refusalOf(provider.byCode({ ...redemption, code: 'none' }))).toBe(
      'provider_token_rejected',
    )
    if (row.lacks || row.name === 'apple') return // it looks at no verifier
    const second = await visit({ provider })
    expect(
      await refusalOf(
        provider.byCode({
          ...{ code: second.back.get('code') ?? '', nonce: second.nonce },
          ...{ codeVerifier, redirectUri },
        }),
      ),
    ).toBe('provider_token_rejected')
  })

  test('with a wrong secret is told so, and nothing of the secret goes out', async () => {
    if (row.name === 'apple') return
    const provider = configuredAt(standIn.origin, { ...setupOf(row), clientSecret: 'hush-hush' })
    const error: unknown = await signIn({ provider }).catch((reason: unknown) => reason)

    expect(error).toMatchObject({ code: 'provider_token_rejected', provider: row.name })
    expect(everythingIn(error)).not.toContain('hush')
  })

  test('ID tokens count for the client they were issued to', async () => {
    const provider = at(row)
    if (!row.takes.includes('id_token')) {
      expect(await refusalOf(provider.byIdToken('a.b.c', 'nonce-1'))).toBe('unsupported_proof')
      return
    }
    const [ours, theirs, unasked] = await Promise.all([
      standIn.idToken({ ...tokenAbout(row), clientId: 'app', nonce: 'nonce-1' }),
      standIn.idToken({ ...tokenAbout(row), clientId: 'other', nonce: 'nonce-1' }),
      standIn.idToken({ ...tokenAbout(row), clientId: 'app' }),
    ])

    expect((await provider.byIdToken(ours, 'nonce-1')).person).toMatchObject({
      email: 'ada@gmail.com',
      isEmailConfirmed: row.ada.isEmailConfirmed,
    })
    for (const [token, nonce] of [
      [theirs, 'nonce-1'],
      [unasked, 'nonce-1'],
      [ours, 'nonce-2'],
    ] as const)
      expect(await refusalOf(provider.byIdToken(token, nonce))).toBe('provider_token_rejected')
  })

  test('apps of the same operator may send their own, but nobody else', async () => {
    if (!row.takes.includes('id_token')) return
    const provider = configuredAt(standIn.origin, { ...setupOf(row), appClientIds: ['phone'] })
    const about = { ...tokenAbout(row), nonce: 'nonce-1' }
    const phone = await standIn.idToken({ ...about, clientId: 'phone' })
    const asked = await standIn.idToken({ ...about, clientId: 'app', ...askedBy(row, 'phone') })
    const other = await standIn.idToken({ ...about, clientId: 'app', ...askedBy(row, 'other') })

    expect(await refusalOf(provider.byIdToken(phone, 'nonce-1'))).toBe('nothing')
    expect(await refusalOf(provider.byIdToken(asked, 'nonce-1'))).toBe('nothing')
    expect(await refusalOf(provider.byIdToken(other, 'nonce-1'))).toBe('provider_token_rejected')
    expect(await refusalOf(at(row).byIdToken(phone, 'nonce-1'))).toBe('provider_token_rejected')
  })

  test('access tokens count for the client they were issued to', async () => {
    const provider = at(row)
    const ours = standIn.accessToken({ provider: row.name, clientId: 'app' })
    const theirs = standIn.accessToken({ provider: row.name, clientId: 'other' })

    if (!row.takes.includes('access_token')) {
      expect(await refusalOf(provider.byAccessToken(ours))).toBe('unsupported_proof')
      return
    }
    expect((await provider.byAccessToken(ours)).person).toMatchObject(row.ada)
    expect(await refusalOf(provider.byAccessToken(theirs))).toBe('provider_token_rejected')
    expect(await refusalOf(provider.byAccessToken('none'))).toBe('provider_token_rejected')
  })

  test('by code and by token somebody is the same', async () => {
    const provider = at(row)
    const { person } = await signIn({ provider })
    if (row.takes.includes('access_token')) {
      const token = standIn.accessToken({ provider: row.name, clientId: 'app' })
      expect((await provider.byAccessToken(token)).person.subject).toBe(person.subject)
    }
    if (row.takes.includes('id_token')) {
      const about = { ...tokenAbout(row), clientId: 'app', nonce: 'nonce-1' }
      const token = await standIn.idToken(about)
      expect((await provider.byIdToken(token, 'nonce-1')).person.subject).toBe(person.subject)
    }
  })
})

/** An app's token at Microsoft is of a tenant. */
const tokenAbout = ({ name }: Row) => ({
  provider: name,
  claims: {
    ...(name === 'microsoft' && {
      ...{ tid: tenant, iss: `https://login.microsoftonline.com/${tenant}/v2.0` },
    }),
  },
})

/** Who asked for a token that is meant for another (OpenID Connect Core 1.0 §2, azp). */
const askedBy = (row: Row, azp: string) => ({ claims: { ...tokenAbout(row).claims, azp } })

/** Makes ID tokens say something else besides. */
const saying = (said: object): void =>
  standIn.twistIdToken(({ claims }) => ({ claims: { ...claims, ...said } }))

/** The whole of an error, with all that hangs on it. */
const everythingIn = (error: unknown): string => {
  const [words, cause] =
    error instanceof Error
      ? [`${error} ${error.stack} ${JSON.stringify(error)}`, error.cause]
      : [JSON.stringify(error), undefined]
  return cause === undefined ? words : `${words} ${everythingIn(cause)}`
}

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
