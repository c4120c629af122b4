import { createHash, createPrivateKey, sign } from 'node:crypto'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ProviderName, type StandIn, startStandIn } from './stand-in.js'

/** The stand-ins are strict: a mistake of ours must not get through because a look-alike was kinder than the real one. */
let standIn: StandIn
beforeAll(async () => {
  standIn = await startStandIn()
})
afterEach(() => standIn.straighten())
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

describe('tokens without a browser', () => {
  test('an access token is told about to its own client only', async () => {
    const facebook = standIn.accessToken({ provider: 'facebook', clientId: 'app' })
    const github = standIn.accessToken({ provider: 'github', clientId: 'app' })
    const inspect = async (id: string) =>
      (
        await fetch(
          `${standIn.origin}/graph.facebook.com/debug_token?${new URLSearchParams({ input_token: facebook, access_token: `${id}|${id}-secret` })}`,
        )
      ).status
    const check = async (id: string) =>
      (
        await fetch(`${standIn.origin}/api.github.com/applications/${id}/token`, {
          method: 'POST',
          headers: {
            authorization: `Basic ${Buffer.from(`${id}:${id}-secret`).toString('base64')}`,
          },
          body: JSON.stringify({ access_token: github }),
        })
      ).status

    expect([await inspect('app'), await inspect('other')]).toEqual([200, 400])
    expect([await check('app'), await check('other')]).toEqual([200, 404])
  })

  test('an ID token is signed by a published key, and is as wrong as it is asked to be', async () => {
    const about = { provider: 'google', clientId: 'app', nonce: 'n-0S6_WzA2Mj' } as const
    const verify = async (token: string) =>
      jwtVerify(token, createLocalJWKSet(await keysOf('/www.googleapis.com/oauth2/v3/certs')), {
        issuer: 'https://accounts.google.com',
        audience: 'app',
      })

    const { payload } = await verify(await standIn.idToken(about))
    expect(payload).toMatchObject({ nonce: about.nonce, sub: ada().subject })
    for (const wrong of [
      { claims: { aud: 'other' } },
      { claims: { exp: 1 } },
      { signedBy: 'another key' },
      { signedBy: 'client secret' },
      { signedBy: 'nobody' },
    ] as const)
      await expect(verify(await standIn.idToken({ ...about, ...wrong }))).rejects.toThrow()
    expect(headerOf(await standIn.idToken({ ...about, signedBy: 'nobody' }))).toMatchObject({
      alg: 'none',
    })
  })

  test('keys are rotated, beside the old one or without names', async () => {
    const path = '/gitlab.com/oauth/discovery/keys'
    const [before] = (await keysOf(path)).keys
    await standIn.rotateKeys({ provider: 'gitlab', keepsOld: true })
    const both = await keysOf(path)
    await standIn.rotateKeys({ provider: 'gitlab', keepsOld: true, withoutIds: true })
    const unnamed = await keysOf(path)
    await standIn.rotateKeys({ provider: 'gitlab' })

    expect(both.keys.map(({ kid }) => kid)).toEqual([
      expect.not.stringMatching(before?.kid ?? '?'),
      before?.kid,
    ])
    expect(unnamed.keys.map(({ kid }) => kid)).toEqual([undefined, undefined, undefined])
    expect((await keysOf(path)).keys).toHaveLength(1)
  })

  test('LinkedIn repeats no nonce, and GitHub has no ID tokens', async () => {
    const token = await standIn.idToken({ provider: 'linkedin', clientId: 'app', nonce: 'n' })

    expect(claimsOf(token)).not.toHaveProperty('nonce')
    await expect(standIn.idToken({ provider: 'github', clientId: 'app' })).rejects.toThrow('no ID')
  })

  test('Microsoft signs for the tenant that was asked', async () => {
    const issuers: unknown[] = []
    for (const tenant of ['common', 'organizations', 'b1c2d3e4-0000-4000-8000-000000000000']) {
      const path = `/login.microsoftonline.com/${tenant}`
      const { issuer } = await read(`${path}/v2.0/.well-known/openid-configuration`)
      issuers.push(issuer)
    }

    expect(issuers).toEqual([
      'https://login.microsoftonline.com/{tenantid}/v2.0',
      'https://login.microsoftonline.com/{tenantid}/v2.0',
      'https://login.microsoftonline.com/b1c2d3e4-0000-4000-8000-000000000000/v2.0',
    ])
  })
})

const read = async (path: string): Promise<Record<string, unknown>> =>
  JSON.parse(await (await fetch(`${standIn.origin}${path}`)).text())

const keysOf = async (path: string): Promise<{ keys: { kid?: string; kty: string }[] }> =>
  JSON.parse(await (await fetch(`${standIn.origin}${path}`)).text())

const decoded = (token: string, index: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString())
const headerOf = (token: string) => decoded(token, 0)
const claimsOf = (token: string) => decoded(token, 1)

describe('controls', () => {
  const discovery = '/accounts.google.com/.well-known/openid-configuration'

  test('an answer is made otherwise, breaks off or never comes, until all is straight', async () => {
    const ask = (signal?: AbortSignal) =>
      fetch(`${standIn.origin}${discovery}`, { ...(signal && { signal }) })
    standIn.twist(discovery, (answer) => ({ ...answer, status: 302 }))
    expect((await ask()).status).toBe(302)
    standIn.twist('/accounts.google.com', 'reset')
    await expect(ask()).rejects.toThrow()
    standIn.twist('', 'hang')
    await expect(ask(AbortSignal.timeout(50))).rejects.toThrow('timeout')
    standIn.straighten()
    expect((await ask()).status).toBe(200)
  })

  test('every question is remembered', async () => {
    await fetch(`${standIn.origin}${discovery}?once=1`)

    expect(standIn.asked.at(-1)).toMatchObject({ method: 'GET', path: discovery })
  })

  test('a stopped one answers nothing', async () => {
    const other = await startStandIn()
    await other.stop()

    await expect(fetch(other.origin)).rejects.toThrow()
  })
})
