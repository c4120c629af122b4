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

/** The whole of an error, with all that hangs on it. */
const everythingIn = (error: unknown): string => {
  const [words, cause] =
    error instanceof Error
      ? [`${error} ${error.stack} ${JSON.stringify(error)}`, error.cause]
      : [JSON.stringify(error), undefined]
  return cause === undefined ? words : `${words} ${everythingIn(cause)}`
}
