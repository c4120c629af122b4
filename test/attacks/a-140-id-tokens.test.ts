import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { IdTokenParts } from '../../src/testing/stand-in/look.js'
import { ada, grace } from '../../src/testing/stand-in/people.js'
import * as forge from './forge.js'
import {
  atProvider,
  clientId,
  clientSecret,
  endOf,
  expectRefused,
  expectSignedIn,
  home,
  openSocial,
  otherClientId,
  type Social,
  tokenPath,
} from './social.js'
import type { Answer } from './target.js'

/** S-18, S-37: an ID token counts as the provider made it for us, now, in answer to us; else nobody comes in. */
let social: Social
beforeAll(async () => {
  social = await openSocial()
})
beforeEach(() => social.standIn.straighten())

const issuer = 'https://accounts.google.com'
const seconds = () => Math.floor(social.clock().getTime() / 1000)

type Claims = Readonly<Record<string, unknown>>
type Token = Pick<IdTokenParts, 'claims'>

/** Claims that nobody should believe; undefined leaves one out. */
const badClaims: Readonly<Record<string, () => Claims>> = {
  'another issuer': () => ({ iss: 'https://evil.example.com' }),
  'an issuer that looks alike': () => ({ iss: `${issuer}/` }),
  'an issuer below ours': () => ({ iss: `${issuer}/tenant` }),
  'an issuer in other letters': () => ({ iss: 'https://ACCOUNTS.google.com' }),
  'an issuer over http': () => ({ iss: 'http://accounts.google.com' }),
  'an issuer without its scheme': () => ({ iss: 'accounts.google.com' }),
  'two issuers': () => ({ iss: [issuer] }),
  'no issuer': () => ({ iss: undefined }),
  'another audience': () => ({ aud: otherClientId, azp: otherClientId }),
  'an audience that begins as ours': () => ({ aud: `${clientId}.evil` }),
  'no audience': () => ({ aud: undefined }),
  'no audience in a list': () => ({ aud: [] }),
  'audiences of others': () => ({ aud: [otherClientId, 'third'], azp: otherClientId }),
  'ours among others, for another party': () => ({
    aud: [clientId, otherClientId],
    azp: otherClientId,
  }),
  'ours among others, for nobody': () => ({ aud: [clientId, otherClientId], azp: undefined }),
  expired: () => ({ exp: seconds() - 11 }),
  'no end': () => ({ exp: undefined }),
  'an end in words': () => ({ exp: String(seconds() + 300) }),
  'not valid yet': () => ({ nbf: seconds() + 60 }),
  'no beginning': () => ({ iat: undefined }),
  'a beginning in words': () => ({ iat: 'now' }),
  'no subject': () => ({ sub: undefined }),
  'an empty subject': () => ({ sub: '' }),
  'a number for a subject': () => ({ sub: 108204268033311380000 }),
  'a list for a subject': () => ({ sub: [ada.subject] }),
  'an endless subject': () => ({ sub: '1'.repeat(256) }),
  'another nonce': () => ({ nonce: 'n-0S6_WzA2Mj-not-ours' }),
  'no nonce': () => ({ nonce: undefined }),
  'an empty nonce': () => ({ nonce: '' }),
  'a list of nonces': () => ({ nonce: ['n-0S6_WzA2Mj'] }),
}

const withClaims =
  (changed: Claims) =>
  ({ claims }: Token): Token => ({ claims: { ...claims, ...changed } })

/** Sessions before and after are the same, and so are accounts. */
const expectNobody = async (attempt: () => Promise<Answer>): Promise<void> => {
  const before = social.target.events.length
  const answer = await attempt()
  const code = answer.json?.code ?? endOf(answer).error
  expect(['provider_token_rejected', 'provider_unavailable'], answer.text).toContain(code)
  expect([endOf(answer).session, answer.json?.access_token]).toEqual([undefined, undefined])
  expect(social.target.events.slice(before).map(({ type }) => type)).toEqual([])
}

const post = (idToken: string, nonce: string): Promise<Answer> =>
  social.target.ask('POST', '/auth/oauth/google', { body: { id_token: idToken, nonce } })

let count = 0
/** An ID token as an app gets it for itself: with a nonce of its own. */
const idTokenFor = async (): Promise<{ token: string; nonce: string }> => {
  count += 1
  const nonce = `n-0S6_WzA2Mj-${count}`
  return { token: await social.standIn.idToken({ provider: 'google', clientId, nonce }), nonce }
}

describe('as the provider makes it', () => {
  test('it signs in by both ways: else nothing below would prove anything', async () => {
    expectSignedIn(await social.browser().signIn())
    const { token, nonce } = await idTokenFor()
    expect((await post(token, nonce)).status).toBe(200)
  })

  test('posted twice, or with another nonce: nothing', async () => {
    const { token, nonce } = await idTokenFor()
    expectRefused(await post(token, `${nonce}x`), 'provider_token_rejected')
    expect((await post(token, nonce)).status).toBe(200)
    expectRefused(await post(token, nonce), 'provider_token_rejected')
  })

  test('of yesterday, though it says that it holds: nothing', async () => {
    const old = { iat: seconds() - 86_400, exp: seconds() + 86_400 }
    social.standIn.twistIdToken(withClaims(old))
    const { token, nonce } = await idTokenFor()
    await expectNobody(() => post(token, nonce))
  })
})

describe('A-140: ours, but made for another party', () => {
  test('by redirect we are that party ourselves: nobody comes in', async () => {
    social.standIn.twistIdToken(withClaims({ azp: otherClientId }))
    await expectNobody(() => social.browser().signIn())
  })

  test("by post it may be the operator's own app, where that is listed, and nobody else's", async () => {
    social.standIn.twistIdToken(withClaims({ azp: otherClientId }))
    const { token, nonce } = await idTokenFor()
    await expectNobody(() => post(token, nonce))
    const listing = await openSocial(
      {
        oauth: {
          providers: [{ name: 'google', clientId, clientSecret, appClientIds: [otherClientId] }],
          returnUrls: [home],
          standIn: social.standIn.origin,
        },
      },
      { standIn: social.standIn },
    )
    const body = { id_token: token, nonce }
    const answer = await listing.target.ask('POST', '/auth/oauth/google', { body })
    expect(answer.status, answer.text).toBe(200)
  })
})

describe.each(Object.entries(badClaims))('A-140: %s', (_, changed) => {
  test('by redirect', async () => {
    social.standIn.twistIdToken(withClaims(changed()))
    await expectNobody(() => social.browser().signIn())
  })
  test('by post', async () => {
    social.standIn.twistIdToken(withClaims(changed()))
    const { token, nonce } = await idTokenFor()
    await expectNobody(() => post(token, nonce))
  })
})

/** The bytes of a token, made otherwise. */
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const byRsa: forge.Signer = (input) => forge.rsa(rsa.privateKey)(input)
const keysOfGoogle = async (): Promise<{ keys: { n: string; e: string; kty: string }[] }> =>
  JSON.parse(
    await (await fetch(`${social.standIn.origin}/www.googleapis.com/oauth2/v3/certs`)).text(),
  )

type Forgery = (real: forge.Opened) => Promise<string>
const forgeries: Readonly<Record<string, Forgery>> = {
  'alg none, no signature': async ({ payload }) =>
    forge.compact({ alg: 'none' }, payload, forge.nothing),
  'alg None': async ({ payload }) => forge.compact({ alg: 'None' }, payload, forge.nothing),
  'no alg': async ({ header, payload }) =>
    forge.compact({ ...header, alg: undefined }, payload, forge.nothing),
  'HS256 with the client secret': async ({ payload }) =>
    forge.compact({ alg: 'HS256' }, payload, forge.hmac(clientSecret)),
  'HS256 with the client secret, and the key named': async ({ header, payload }) =>
    forge.compact({ ...header, alg: 'HS256' }, payload, forge.hmac(clientSecret)),
  'HS256 with the public key': async ({ header, payload }) => {
    const [key] = (await keysOfGoogle()).keys
    const pem = createPublicKey({ key: { ...key }, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    })
    return forge.compact({ ...header, alg: 'HS256' }, payload, forge.hmac(pem.toString()))
  },
  'another key under the same name': async ({ header, payload }) =>
    forge.compact(header, payload, byRsa),
  'another key under no name': async ({ header, payload }) =>
    forge.compact({ ...header, kid: undefined }, payload, byRsa),
  'another key under its own name': async ({ header, payload }) =>
    forge.compact({ ...header, kid: 'mine' }, payload, byRsa),
  'its own key in the header': async ({ header, payload }) =>
    forge.compact(
      { ...header, jwk: rsa.publicKey.export({ format: 'jwk' }), kid: undefined },
      payload,
      byRsa,
    ),
  'its own key at an address': async ({ header, payload }) =>
    forge.compact({ ...header, jku: 'https://evil.example.com/keys' }, payload, byRsa),
  'a signature of something else': async ({ header, payload, parts: [, , signature] }) =>
    `${forge.json(header)}.${forge.json({ ...payload, sub: grace.subject })}.${signature}`,
  'no signature': async ({ parts: [header, payload] }) => `${header}.${payload}.`,
  'no third part': async ({ parts: [header, payload] }) => `${header}.${payload}`,
  'five parts': async ({ parts: [header, payload, signature] }) =>
    `${header}.${payload}.${signature}.${payload}.${signature}`,
  'a critical member nobody knows': async ({ header, payload }) =>
    forge.compact({ ...header, crit: ['exp'] }, payload, byRsa),
}

describe.each(Object.entries(forgeries))('A-140: %s', (_, forged) => {
  test('by redirect', async () => {
    const { token: model } = await idTokenFor()
    const browser = social.browser()
    const location = new URL(await browser.start())
    const nonce = location.searchParams.get('nonce')
    const real = forge.open(model)
    const idToken = await forged({ ...real, payload: { ...real.payload, nonce } })
    social.standIn.twist(tokenPath, (answer) => ({
      ...answer,
      body: JSON.stringify({ ...JSON.parse(`${answer.body}`), id_token: idToken }),
    }))
    const callback = await atProvider(location.href)
    await expectNobody(() => browser.ask('GET', callback))
  })
  test('by post', async () => {
    const { token, nonce } = await idTokenFor()
    const idToken = await forged(forge.open(token))
    await expectNobody(() => post(idToken, nonce))
  })
})

describe('A-142: whose keys they are', () => {
  test('the issuer is the one that is configured, whatever its own document says', async () => {
    for (const said of ['https://evil.example.com', `${issuer}/tenant`, undefined, 7]) {
      const fresh = await openSocial({}, { standIn: social.standIn })
      social.standIn.twist('/accounts.google.com/.well-known', (answer) => ({
        ...answer,
        body: JSON.stringify({ ...JSON.parse(`${answer.body}`), issuer: said }),
      }))
      const answer = await fresh.target.ask('GET', '/auth/oauth/google')
      expect([said, answer.status, answer.json?.code]).toEqual([said, 503, 'provider_unavailable'])
      social.standIn.straighten()
      expectSignedIn(await fresh.browser().signIn()) // and it can be tried again
    }
  })

  test('no key of theirs is taken that is no signing key of the right kind', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const asHmac = { kty: 'oct', k: forge.encode(clientSecret), kid: 'stand-in-1', alg: 'HS256' }
    const keySets = [
      [],
      [asHmac],
      [{ ...weak.publicKey.export({ format: 'jwk' }), kid: 'stand-in-1', alg: 'RS256' }],
    ]
    const { token, nonce } = await idTokenFor()
    for (const keys of keySets) {
      const fresh = await openSocial({}, { standIn: social.standIn })
      social.standIn.twist('/www.googleapis.com/oauth2/v3/certs', (answer) => ({
        ...answer,
        body: JSON.stringify({ keys }),
      }))
      const { parts, header, payload } = forge.open(token)
      for (const idToken of [
        parts.join('.'),
        forge.compact({ ...header, alg: 'HS256' }, payload, forge.hmac(clientSecret)),
        forge.compact(header, payload, forge.rsa(weak.privateKey)),
      ]) {
        const answer = await fresh.target.ask('POST', '/auth/oauth/google', {
          body: { id_token: idToken, nonce },
        })
        expect(['provider_token_rejected', 'provider_unavailable']).toContain(answer.json.code)
        expect(answer.json.access_token).toBeUndefined()
      }
      social.standIn.straighten()
    }
  })

  test('what it is asked for besides is of the same person, or nothing', async () => {
    social.standIn.twistIdToken(withClaims({ email: undefined, email_verified: undefined }))
    expectSignedIn(await social.browser().signIn())
    social.standIn.twist('/openidconnect.googleapis.com', (answer) => ({
      ...answer,
      body: JSON.stringify({ ...JSON.parse(`${answer.body}`), sub: grace.subject }),
    }))
    await expectNobody(() => social.browser().signIn())
  })
})
