import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type StandIn, startStandIn } from './stand-in.js'

/** What a test can tell the stand-ins, and have from them without a browser. */
let standIn: StandIn
beforeAll(async () => {
  standIn = await startStandIn()
})
afterEach(() => standIn.straighten())
afterAll(() => standIn.stop())

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
    expect(payload).toMatchObject({ nonce: about.nonce, sub: standIn.people[0]?.subject })
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
