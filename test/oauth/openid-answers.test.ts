import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Proof } from '../../src/features/oauth/providers.js'
import { configuredAt, redirectUri, refusalOf } from './at-a-provider.js'
import { type Forgery, type ForgingProvider, startForgingProvider } from './forging-provider.js'

/** What an OpenID provider says outside of ID tokens: its document, its answer to a code, its userinfo. */
let fake: ForgingProvider
beforeEach(async () => {
  fake = await startForgingProvider()
})
afterEach(() => fake.stop())

const setUp = () =>
  configuredAt(
    undefined,
    { name: 'acme', clientId: 'app', clientSecret: 's', issuer: fake.issuer },
    fake.clock,
  )
type Provider = ReturnType<typeof setUp>

const byCode = (provider: Provider): Promise<Proof> =>
  provider.byCode({ code: 'c', codeVerifier: 'v'.repeat(43), redirectUri, nonce: 'nonce-1' })
const forms: readonly [string, (provider: Provider) => Promise<Proof>][] = [
  ['by code', byCode],
  ['by ID token', (provider) => provider.byIdToken(fake.idToken(), 'nonce-1')],
]

const claims =
  (change: () => object): Forgery =>
  (token) => ({ claims: { ...token.claims, ...change() } })

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
