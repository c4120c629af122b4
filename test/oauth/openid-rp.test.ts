import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Proof } from '../../src/features/oauth/providers.js'
import { configuredAt, redirectUri, refusalOf } from './at-a-provider.js'
import {
  type Forgery,
  type ForgingProvider,
  newKey,
  published,
  startForgingProvider,
} from './forging-provider.js'

/**
 * What the OpenID conformance suite asks of relying parties (oidcc-client-test-*), by code and by an ID token that an app
 * hands on.
 */
let fake: ForgingProvider
beforeEach(async () => {
  fake = await startForgingProvider()
})
afterEach(() => fake.stop())

const clientSecret = 'a secret that both sides know'
const setUp = (appClientIds: readonly string[] = []) =>
  configuredAt(
    undefined,
    { name: 'acme', clientId: 'app', clientSecret, issuer: fake.issuer, appClientIds },
    fake.clock,
  )
type Provider = ReturnType<typeof setUp>

const byCode = (provider: Provider, nonce: string | undefined = 'nonce-1'): Promise<Proof> =>
  provider.byCode({ code: 'c', codeVerifier: 'v'.repeat(43), redirectUri, nonce })
const forms: readonly [string, (provider: Provider) => Promise<Proof>][] = [
  ['by code', (provider) => byCode(provider)],
  ['by ID token', (provider) => provider.byIdToken(fake.idToken(), 'nonce-1')],
]

const claims =
  (change: (claims: Record<string, unknown>) => object): Forgery =>
  (token) => ({ claims: { ...token.claims, ...change(token.claims) } })
const header =
  (change: object): Forgery =>
  (token) => ({ header: { ...token.header, ...change } })
const seconds = (): number => Math.floor(fake.clock().getTime() / 1000)

const badTokens: Readonly<Record<string, Forgery>> = {
  'another issuer': claims(() => ({ iss: 'https://evil.example' })),
  'our issuer with a slash more': claims(({ iss }) => ({ iss: `${iss}/` })),
  'no issuer': claims(() => ({ iss: undefined })),
  'another audience': claims(() => ({ aud: 'other' })),
  'an audience in other letters': claims(() => ({ aud: 'APP' })),
  'no audience': claims(() => ({ aud: undefined })),
  'no audience in a list': claims(() => ({ aud: [] })),
  'audiences of others only': claims(() => ({ aud: ['other', 'third'], azp: 'app' })),
  'us among audiences, without azp': claims(() => ({ aud: ['app', 'other'] })),
  'us among audiences that we do not know, with azp': claims(() => ({
    ...{ aud: ['app', 'other'], azp: 'app' },
  })),
  'another azp': claims(() => ({ azp: 'other' })),
  'an azp that is no text': claims(() => ({ azp: ['app'] })),
  'another nonce': claims(() => ({ nonce: 'nonce-2' })),
  'no nonce': claims(() => ({ nonce: undefined })),
  'a nonce in a list': claims(() => ({ nonce: ['nonce-1'] })),
  'an end that is over': claims(() => ({ exp: seconds() - 11 })),
  'no end': claims(() => ({ exp: undefined })),
  'an end in words': claims(() => ({ exp: 'never' })),
  'no beginning': claims(() => ({ iat: undefined })),
  'a beginning in words': claims(() => ({ iat: String(seconds()) })),
  'a beginning that is to come': claims(() => ({ iat: seconds() + 12 })),
  'nothing valid yet': claims(() => ({ nbf: seconds() + 60 })),
  'no subject': claims(() => ({ sub: undefined })),
  'a number as its subject': claims(() => ({ sub: 1 })),
  'a subject in a list': claims(() => ({ sub: ['ada'] })),
  'no signature (alg none)': () => ({ header: { alg: 'none' }, by: 'nobody' }),
  'alg none and our signature': header({ alg: 'none' }),
  'alg None': () => ({ header: { alg: 'None' }, by: 'nobody' }),
  'an empty signature': () => ({ by: 'nobody' }),
  'the client secret as its key (HS256)': () => ({ header: { alg: 'HS256' }, by: clientSecret }),
  'the public key as a secret (HS256)': () => ({
    ...{ header: { alg: 'HS256', kid: 'k1' } },
    by: fake.says.key.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }),
  'another algorithm than was used': header({ alg: 'PS256' }),
  'an algorithm that is not offered': header({ alg: 'ES256' }),
  'no algorithm': header({ alg: undefined }),
  'the signature of another key': () => ({ by: newKey('k1').privateKey }),
  'a key that it brings along': () => {
    const own = newKey('own')
    return { header: { alg: 'RS256', jwk: published(own), kid: 'own' }, by: own.privateKey }
  },
  'an unknown kid': header({ kid: 'k9' }),
  'a kid that is no text': header({ kid: 1 }),
  'an extension that matters (crit)': header({ crit: ['b64'], b64: false }),
}

describe.each(forms)('%s', (form, work) => {
  test('what is right is let in', async () => {
    const { person } = await work(setUp())
    expect(person).toMatchObject({ subject: 'ada', email: 'ada@example.com' })
  })

  test('azp of ours, our audience in a list and a clock ten seconds off are right', async () => {
    const provider = setUp()
    for (const fine of [
      claims(() => ({ azp: 'app', aud: ['app'] })),
      claims(() => ({ exp: seconds() - 9 })),
      claims(() => ({ iat: seconds() + 9 })),
    ]) {
      fake.says.forgery = fine
      expect(await refusalOf(work(provider))).toBe('nothing')
    }
  })

  test.each(Object.entries(badTokens))('an ID token with %s is refused', async (_name, forgery) => {
    fake.says.forgery = forgery
    expect(await refusalOf(work(setUp()))).toBe('provider_token_rejected')
  })

  test('one kid missing is right while there is one key, and wrong when there are two', async () => {
    fake.says.forgery = header({ kid: undefined })
    expect(await refusalOf(work(setUp()))).toBe('nothing')
    fake.says.keys.push(published(newKey('k2')))
    expect(await refusalOf(work(setUp()))).toBe('provider_token_rejected')
  })

  test('two keys of one kid are refused', async () => {
    fake.says.keys.push(published(newKey('k1')))
    expect(await refusalOf(work(setUp()))).toBe('provider_token_rejected')
  })

  test('a new key is found at once, and the code is not sent twice', async () => {
    const provider = setUp()
    await work(provider)
    fake.says.key = newKey('k2')
    fake.says.keys = [published(fake.says.key)]
    const before = fake.count('/token')

    expect(await refusalOf(work(provider))).toBe('nothing')
    expect(fake.count('/keys')).toBe(2)
    expect(fake.count('/token') - before).toBe(form === 'by code' ? 1 : 0)
  })

  test('keys that nobody has are looked for once in ten seconds', async () => {
    const provider = setUp()
    await work(provider)
    fake.says.forgery = header({ kid: 'k9' })
    for (let tries = 5; tries > 0; tries -= 1)
      expect(await refusalOf(work(provider))).toBe('provider_token_rejected')
    expect(fake.count('/keys')).toBe(2)
    fake.clock.advance('11s')
    await refusalOf(work(provider))
    expect(fake.count('/keys')).toBe(3)
    fake.says.forgery = () => ({})
    expect(await refusalOf(work(provider))).toBe('nothing')
  })

  test('a key that was taken back is worth nothing after five minutes', async () => {
    const provider = setUp()
    await work(provider)
    fake.says.keys = [published(newKey('k2'))]
    fake.clock.advance('301s')
    expect(await refusalOf(work(provider))).toBe('provider_token_rejected')
  })

  test.each([
    ['1024 bits', () => newKey('k1', 1024)],
    ['the exponent 3', () => newKey('k1', 2048, 3)],
  ])('a key with %s is no key (F7)', async (_name, make) => {
    fake.says.key = make()
    fake.says.keys = [published(fake.says.key)]
    expect(await refusalOf(work(setUp()))).toBe('provider_token_rejected')
  })

  test('a shared secret among the keys is no key', async () => {
    const k = Buffer.from(clientSecret).toString('base64url')
    fake.says.keys = [{ kty: 'oct', k, kid: 'k1', alg: 'HS256' }]
    fake.says.forgery = () => ({ header: { alg: 'HS256', kid: 'k1' }, by: clientSecret })
    expect(await refusalOf(work(setUp()))).toBe('provider_token_rejected')
  })

  test('a key that says for which issuer it signs, signs for no other', async () => {
    fake.says.keys = [{ ...published(fake.says.key), issuer: 'https://other.example' }]
    expect(await refusalOf(work(setUp()))).toBe('provider_token_rejected')
    fake.says.keys = [{ ...published(fake.says.key), issuer: fake.issuer }]
    expect(await refusalOf(work(setUp()))).toBe('nothing')
  })

  const gone = { status: 500, type: 'application/json', body: '{}' }
  test.each([
    ['nothing', gone],
    ['a page', { status: 200, type: 'text/html', body: '<html></html>' }],
    ['no keys', { status: 200, type: 'application/json', body: '{"keys":"none"}' }],
    ['a list of texts', { status: 200, type: 'application/json', body: '{"keys":["a"]}' }],
    ['keys twice', { status: 200, type: 'application/json', body: '{"keys":[],"keys":[]}' }],
  ])('%s where its keys should be is its fault, and forgotten', async (_name, answer) => {
    const provider = setUp()
    fake.says.answers.set('/keys', answer)
    expect(await refusalOf(work(provider))).toBe('provider_unavailable')
    fake.says.answers.clear()
    expect(await refusalOf(work(provider))).toBe('nothing')
  })
})

describe('discovery', () => {
  const start = (provider: Provider) =>
    provider.authorizationUrl({
      ...{ redirectUri, state: 's', nonce: 'n', codeVerifier: 'v'.repeat(43) },
    })

  test.each([
    ['of another issuer', { issuer: 'https://evil.example' }],
    ['of an issuer with a slash more', () => ({ issuer: `${fake.issuer}/` })],
    ['without an issuer', { issuer: undefined }],
    ['without keys', { jwks_uri: undefined }],
    ['without a token endpoint', { token_endpoint: undefined }],
    ['with an endpoint elsewhere without TLS', { token_endpoint: 'http://evil.example/token' }],
    ['with keys in a file', { jwks_uri: 'file:///etc/passwd' }],
    ['with an endpoint that is no address', { authorization_endpoint: '/auth' }],
  ])('a document %s is refused', async (_name, document) => {
    fake.says.document = typeof document === 'function' ? document() : document
    const provider = setUp()
    expect(await refusalOf(start(provider))).toBe('provider_unavailable')
    for (const [, work] of forms)
      expect(await refusalOf(work(provider))).toBe('provider_unavailable')
    expect(fake.count('/token')).toBe(0)
  })

  test('is kept for an hour; a failure is not kept', async () => {
    const provider = setUp()
    const path = '/.well-known/openid-configuration'
    fake.says.answers.set(path, { status: 404, type: 'text/html', body: 'no' })
    expect(await refusalOf(start(provider))).toBe('provider_unavailable')
    fake.says.answers.clear()
    await start(provider)
    await byCode(provider)
    expect(fake.count(path)).toBe(2)
    fake.clock.advance('3601s')
    await start(provider)
    expect(fake.count(path)).toBe(3)
  })

  test('many at once ask once', async () => {
    const provider = setUp()
    await Promise.all(Array.from({ length: 20 }, () => byCode(provider)))
    expect(fake.count('/.well-known/openid-configuration')).toBe(1)
    expect(fake.count('/keys')).toBe(1)
  })

  test('algorithms are those that it names, without those by shared secrets', async () => {
    fake.says.document = { id_token_signing_alg_values_supported: ['HS256', 'none'] }
    expect(await refusalOf(byCode(setUp()))).toBe('provider_token_rejected')
    fake.says.document = { id_token_signing_alg_values_supported: undefined }
    expect(await refusalOf(byCode(setUp()))).toBe('nothing')
  })
})

describe('the code', () => {
  const answer = (body: object, status = 200) =>
    fake.says.answers.set('/token', {
      ...{ status, type: 'application/json', body: JSON.stringify(body) },
    })

  test('an answer of another issuer is refused before the code is sent (RFC 9207)', async () => {
    const redemption = { code: 'c', codeVerifier: 'v'.repeat(43), redirectUri, nonce: 'nonce-1' }
    const work = setUp().byCode({ ...redemption, issuer: 'https://evil.example' })
    expect(await refusalOf(work)).toBe('provider_token_rejected')
    expect(fake.count('/token')).toBe(0)
    expect(await refusalOf(setUp().byCode({ ...redemption, issuer: fake.issuer }))).toBe('nothing')
  })

  test('a nonce that nobody asked for is refused', async () => {
    const redemption = { code: 'c', codeVerifier: 'v'.repeat(43), redirectUri, nonce: undefined }
    expect(await refusalOf(setUp().byCode(redemption))).toBe('provider_token_rejected')
  })

  test.each([
    ['no ID token', { access_token: 'at', token_type: 'Bearer' }],
    ['no access token', { token_type: 'Bearer' }],
    ['a number for an access token', { access_token: 1, token_type: 'Bearer' }],
    ['another kind of token', { access_token: 'at', token_type: 'mac' }],
    ['an ID token that is none', { access_token: 'at', token_type: 'Bearer', id_token: 'a.b' }],
    ['a list', []],
  ])('an answer with %s lets nobody in', async (_name, body) => {
    answer(body)
    expect(await refusalOf(byCode(setUp()))).toMatch(/^provider_(?:token_rejected|unavailable)$/)
  })

  test('what it says of a code is told as what it is', async () => {
    answer({ error: 'invalid_grant', error_description: 'secret words' }, 400)
    const error: unknown = await byCode(setUp()).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'provider_token_rejected' })
    expect(error).toMatchObject({ cause: { message: 'it answered invalid_grant' } })
    answer({ error: 'temporarily_unavailable' }, 503)
    expect(await refusalOf(byCode(setUp()))).toBe('provider_unavailable')
    answer({ error: 'slow_down' }, 429)
    expect(await refusalOf(byCode(setUp()))).toBe('provider_unavailable')
  })
})

describe('userinfo', () => {
  const withoutEmail = claims(() => ({ email: undefined, email_verified: undefined }))

  test('is asked for what the ID token leaves out, and for nothing else', async () => {
    await byCode(setUp())
    expect(fake.count('/userinfo')).toBe(0)
    fake.says.forgery = withoutEmail
    fake.says.userInfo = { sub: 'ada', email: 'ada@example.org', email_verified: true }
    expect((await byCode(setUp())).person).toMatchObject({
      ...{ subject: 'ada', email: 'ada@example.org', isEmailConfirmed: true },
    })
  })

  test('of somebody else is refused (OpenID Connect Core 1.0 §5.3.2)', async () => {
    fake.says.forgery = withoutEmail
    for (const sub of ['eve', 1, undefined, ['ada'], null]) {
      fake.says.userInfo = { sub, email: 'ada@example.org', email_verified: true }
      expect(await refusalOf(byCode(setUp()))).toBe('provider_token_rejected')
    }
  })

  test('says for itself whether its address is confirmed', async () => {
    fake.says.forgery = claims(() => ({ email: undefined, email_verified: true }))
    fake.says.userInfo = { sub: 'ada', email: 'victim@example.org', email_verified: false }
    expect((await byCode(setUp())).person).toMatchObject({ isEmailConfirmed: false })
  })
})
