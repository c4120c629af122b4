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
