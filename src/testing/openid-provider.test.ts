import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuth } from '../auth.js'
import { toFetch } from '../http/fetch.js'
import { memoryStore } from '../stores/memory/memory.js'
import { type OpenIdProvider, startOpenIdProvider } from './openid-provider.js'
import { grace } from './stand-in/people.js'

const baseUrl = 'http://localhost:8000'
const client = { id: 'app', secret: 'a secret of the app' }

let provider: OpenIdProvider
beforeAll(async () => {
  const callback = `${baseUrl}/auth/oauth/acme/callback`
  provider = await startOpenIdProvider({ clients: [{ ...client, redirectUris: [callback] }] })
})
afterAll(() => provider.stop())

/** An app that knows the provider by its issuer only. */
const openApp = () => {
  const auth = createAuth({
    baseUrl,
    store: memoryStore(),
    oauth: {
      returnUrls: [`${baseUrl}/welcome`],
      providers: [
        {
          ...{ name: 'acme', title: 'Acme', issuer: provider.issuer },
          ...{ clientId: client.id, clientSecret: client.secret },
        },
      ],
    },
  })
  const app = toFetch(auth)
  return (path: string, init: RequestInit = {}) => app(new Request(`${baseUrl}${path}`, init))
}

/** A browser without eyes: to the provider, and back to the app. */
const signIn = async (ask: ReturnType<typeof openApp>, hint: string): Promise<Response> => {
  const start = await ask('/auth/oauth/acme')
  const [cookie = ''] = (start.headers.get('set-cookie') ?? '').split(';')
  const url = new URL(start.headers.get('location') ?? '')
  url.searchParams.set('login_hint', hint)
  const there = await fetch(url, { redirect: 'manual' })
  const back = new URL(there.headers.get('location') ?? '')
  return ask(back.pathname + back.search, { headers: { cookie } })
}

const exchange = (ask: ReturnType<typeof openApp>, body: object) =>
  ask('/auth/oauth/acme', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

describe('a whole OpenID provider', () => {
  test('signs somebody in by redirects, without a human', async () => {
    const answer = await signIn(openApp(), 'grace@gmail.com')

    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe(`${baseUrl}/welcome`)
    expect(answer.headers.get('set-cookie')).toContain('refresh_token=')
  })

  test('lets somebody cancel', async () => {
    const answer = await signIn(openApp(), 'nobody')

    expect(answer.headers.get('location')).toBe(`${baseUrl}/welcome?error=provider_denied`)
  })

  test('asks a browser who is there', async () => {
    const start = await openApp()('/auth/oauth/acme')
    const page = await fetch(start.headers.get('location') ?? '', {
      headers: { accept: 'text/html' },
    })

    expect(await page.text()).toContain('Grace Hopper')
  })

  test('gives ID tokens that an app can trade once, with the nonce that it asked for', async () => {
    const ask = openApp()
    const nonce = 'a nonce of the app'
    const tokens = await provider.tokens({ clientId: client.id, person: grace, nonce })
    const proof = { id_token: tokens.idToken, nonce }

    expect((await exchange(ask, { ...proof, nonce: 'another nonce' })).status).toBe(401)
    const traded = await exchange(ask, proof)
    expect(traded.status).toBe(200)
    expect(await traded.json()).toMatchObject({ user: { email: 'grace@gmail.com' } })
    expect((await exchange(ask, proof)).status).toBe(401)
  })

  test('knows its clients', async () => {
    await expect(provider.tokens({ clientId: 'another' })).rejects.toThrow('no client "another"')
  })
})
