import { createHash, createPrivateKey, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ProviderName, type StandIn, startStandIn } from './stand-in.js'

/** The stand-ins are strict: a mistake of ours must not get through because a look-alike was kinder than the real one. */
let standIn: StandIn
beforeAll(async () => {
  standIn = await startStandIn()
})
afterAll(() => standIn.stop())

type Place = { authorize: string; token: string; scope: string; more?: Record<string, string> }

const places: Readonly<Record<ProviderName, Place>> = {
  google: {
    authorize: '/accounts.google.com/o/oauth2/v2/auth',
    token: '/oauth2.googleapis.com/token',
    scope: 'openid email profile',
  },
  facebook: {
    authorize: '/www.facebook.com/v23.0/dialog/oauth',
    token: '/graph.facebook.com/v23.0/oauth/access_token',
    scope: 'email,public_profile',
  },
  github: {
    authorize: '/github.com/login/oauth/authorize',
    token: '/github.com/login/oauth/access_token',
    scope: 'read:user user:email',
  },
  microsoft: {
    authorize: '/login.microsoftonline.com/common/oauth2/v2.0/authorize',
    token: '/login.microsoftonline.com/common/oauth2/v2.0/token',
    scope: 'openid email profile',
  },
  apple: {
    authorize: '/appleid.apple.com/auth/authorize',
    token: '/appleid.apple.com/auth/token',
    scope: 'openid email name',
    more: { response_mode: 'form_post' },
  },
  gitlab: {
    authorize: '/gitlab.com/oauth/authorize',
    token: '/gitlab.com/oauth/token',
    scope: 'openid email profile',
  },
  discord: {
    authorize: '/discord.com/oauth2/authorize',
    token: '/discord.com/api/oauth2/token',
    scope: 'identify email',
  },
  linkedin: {
    authorize: '/www.linkedin.com/oauth/v2/authorization',
    token: '/www.linkedin.com/oauth/v2/accessToken',
    scope: 'openid email profile',
  },
  acme: {
    authorize: '/id.acme.example/authorize',
    token: '/id.acme.example/token',
    scope: 'openid email profile',
  },
}
const names: readonly ProviderName[] = [
  ...(['google', 'facebook', 'github', 'microsoft', 'apple'] as const),
  ...(['gitlab', 'discord', 'linkedin', 'acme'] as const),
]
const withPkce: readonly ProviderName[] = names.filter(
  (name) => name !== 'apple' && name !== 'linkedin',
)

const redirectUri = 'http://localhost:8000/callback'
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = createHash('sha256').update(verifier).digest('base64url')

const secretFor = (name: ProviderName): string => (name === 'apple' ? appleSecret() : 'app-secret')

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const appleSecret = (changes: object = {}): string => {
  const { teamId, keyId, privateKey } = standIn.appleKey
  const iat = Math.floor(Date.now() / 1000)
  const aud = 'https://appleid.apple.com'
  const claims = { iss: teamId, sub: 'app', aud, iat, exp: iat + 300, ...changes }
  const input = `${part({ alg: 'ES256', kid: keyId })}.${part(claims)}`
  const key = { key: createPrivateKey(privateKey), dsaEncoding: 'ieee-p1363' } as const
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

const authorize = async (name: ProviderName, query: Record<string, string> = {}) => {
  const { authorize: path, scope, more } = places[name]
  const asked = new URLSearchParams({
    ...{ response_type: 'code', client_id: 'app', redirect_uri: redirectUri, state: 's', scope },
    ...{ login_hint: 'ada@gmail.com', nonce: 'n-0S6_WzA2Mj' },
    ...(withPkce.includes(name) && { code_challenge: challenge, code_challenge_method: 'S256' }),
    ...more,
    ...query,
  })
  return fetch(`${standIn.origin}${path}?${asked}`, { redirect: 'manual' })
}

/** What comes back to the app, in the address or in a form. */
const answerOf = async (response: Response): Promise<URLSearchParams> => {
  const location = response.headers.get('location')
  if (location !== null) return new URL(location).searchParams
  const fields = (await response.text()).matchAll(/name="(\w+)" value="([^"]*)"/g)
  return new URLSearchParams(
    [...fields].map(([, name = '', value = '']): [string, string] => [name, value]),
  )
}

const codeOf = async (name: ProviderName, query?: Record<string, string>): Promise<string> =>
  (await answerOf(await authorize(name, query))).get('code') ?? ''

const redeem = async (name: ProviderName, code: string, changes: Record<string, string> = {}) => {
  const response = await fetch(`${standIn.origin}${places[name].token}`, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({
      ...{ grant_type: 'authorization_code', code, redirect_uri: redirectUri },
      ...{ client_id: 'app', client_secret: secretFor(name) },
      ...(withPkce.includes(name) && { code_verifier: verifier }),
      ...changes,
    }),
  })
  const said: { access_token?: string; id_token?: string; error?: unknown } = JSON.parse(
    await response.text(),
  )
  return { status: response.status, ...said }
}

describe.each(names)('%s', (name) => {
  test('signs somebody in, once for each code', async () => {
    const code = await codeOf(name)

    expect((await redeem(name, code)).access_token).toEqual(expect.any(String))
    const again = await redeem(name, code)
    expect([again.access_token, again.error !== undefined]).toEqual([undefined, true])
  })

  test('brings the state back, and an error where nobody signs in', async () => {
    const cancelled = await answerOf(await authorize(name, { login_hint: 'nobody' }))

    expect((await answerOf(await authorize(name))).get('state')).toBe('s')
    expect([cancelled.get('state'), cancelled.get('code')]).toEqual(['s', null])
    expect(cancelled.get('error')).toMatch(/^(?:access_denied|user_cancelled)/)
  })

  test.each([
    ['another secret', { client_secret: 'app-secre' }],
    ['another client', { client_id: 'other', client_secret: 'other-secret' }],
    ['another redirect address', { redirect_uri: `${redirectUri}/` }],
    ['another grant', { grant_type: 'password' }],
  ])('gives nothing for a code with %s', async (_, changes: Record<string, string>) => {
    const { access_token, error } = await redeem(name, await codeOf(name), changes)

    expect([access_token, error !== undefined]).toEqual([undefined, true])
  })
})

describe.each(withPkce)('PKCE at %s', (name) => {
  test.each([
    ['another verifier', {}, { code_verifier: `${verifier}x` }],
    ['a verifier where none was announced', { code_challenge: '' }, {}],
    ['the challenge for a verifier', {}, { code_verifier: challenge }],
  ])('a code with %s is worth nothing', async (_, query, changes: Record<string, string>) => {
    const { access_token } = await redeem(name, await codeOf(name, query), changes)

    expect(access_token).toBeUndefined()
  })
})

test('LinkedIn knows no client that sends a verifier', async () => {
  const answer = await redeem('linkedin', await codeOf('linkedin'), { code_verifier: verifier })

  expect([answer.status, answer.error]).toEqual([401, 'invalid_client'])
})

test('GitHub refuses with status 200, and answers with a form unless JSON is accepted', async () => {
  const answer = await fetch(`${standIn.origin}/github.com/login/oauth/access_token`, {
    method: 'POST',
    body: new URLSearchParams({ code: 'none', client_id: 'app', client_secret: 'app-secret' }),
  })

  expect(answer.status).toBe(200)
  expect(new URLSearchParams(await answer.text()).get('error')).toBe('bad_verification_code')
})

test.each([
  ['of another team', { iss: 'OTHER00001' }],
  ['for another client', { sub: 'other' }],
  ['for somebody else', { aud: 'https://example.com' }],
  ['of the past', { exp: 1_700_000_000 }],
  ['of more than half a year', { exp: Math.floor(Date.now() / 1000) + 16_000_000 }],
])('Apple takes no client secret %s', async (_, claims) => {
  const changes = { client_secret: appleSecret(claims) }

  expect(await redeem('apple', await codeOf('apple'), changes)).toMatchObject({ status: 401 })
})

test('Apple answers with a form only, and tells a name once', async () => {
  const people = [{ ...standIn.people[0], subject: 'met-for-the-first-time', email: 'm@me.com' }]
  standIn.people.push(...people.map((person) => ({ ...ada(), ...person })))
  const first = await answerOf(await authorize('apple', { login_hint: 'm@me.com' }))
  const second = await answerOf(await authorize('apple', { login_hint: 'm@me.com' }))

  expect((await authorize('apple', { response_mode: 'query' })).status).toBe(400)
  expect([first.has('user'), second.has('user')]).toEqual([true, false])
})

const ada = () => {
  const [person] = standIn.people
  if (person === undefined) throw new Error('Nobody is there')
  return person
}
