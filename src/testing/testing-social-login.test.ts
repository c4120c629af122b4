import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuth } from '../auth.js'
import { toFetch } from '../http/fetch.js'
import { memoryStore } from '../stores/memory/memory.js'
import { startStandIn } from './stand-in/stand-in.js'

const baseUrl = 'http://localhost:8000'
let standIn: Awaited<ReturnType<typeof startStandIn>>
beforeAll(async () => {
  standIn = await startStandIn()
})
afterAll(() => standIn.stop())

const openApp = () => {
  const auth = createAuth({
    baseUrl,
    store: memoryStore(),
    oauth: {
      standIn: standIn.origin,
      returnUrls: [`${baseUrl}/welcome`],
      // any client id will do; its secret is '<client id>-secret'
      providers: [{ name: 'google', clientId: 'app', clientSecret: 'app-secret' }],
    },
  })
  const app = toFetch(auth) // or your own app, with latchkey inside
  return (path: string, init: RequestInit = {}) => app(new Request(`${baseUrl}${path}`, init))
}

/** A browser without eyes: to the provider, and back. `who` is a subject, an address, or 'nobody' who cancels. */
const signIn = async (ask: ReturnType<typeof openApp>, who: string) => {
  const start = await ask('/auth/oauth/google')
  const [cookie = ''] = (start.headers.get('set-cookie') ?? '').split(';')
  const url = new URL(start.headers.get('location') ?? '')
  url.searchParams.set('login_hint', who)
  const there = await fetch(url, { redirect: 'manual' })
  const back = new URL(there.headers.get('location') ?? '')
  return ask(back.pathname + back.search, { headers: { cookie } })
}

test('Ada signs in with Google, and comes back to the page', async () => {
  const answer = await signIn(openApp(), 'ada@gmail.com')

  expect(answer.headers.get('location')).toBe(`${baseUrl}/welcome`)
  expect(answer.headers.get('set-cookie')).toContain('refresh_token=')
})

test('who cancels is told so, and may try again', async () => {
  const answer = await signIn(openApp(), 'nobody')

  expect(answer.headers.get('location')).toBe(`${baseUrl}/welcome?error=provider_denied`)
})

test('a provider that does not answer as it should lets nobody in', async () => {
  standIn.twist('/oauth2.googleapis.com/token', (answer) => ({ ...answer, body: '<html>' }))
  const answer = await signIn(openApp(), 'ada@gmail.com')
  standIn.straighten()

  expect(answer.headers.get('location')).toContain('?error=provider_unavailable')
})

test('an app trades the ID token that it got for itself', async () => {
  const ask = openApp()
  const nonce = 'n-0S6_WzA2Mj'
  const trade = async (idToken: string) =>
    ask('/auth/oauth/google', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id_token: idToken, nonce }),
    })
  const ours = await standIn.idToken({ provider: 'google', clientId: 'app', nonce })
  const theirs = await standIn.idToken({ provider: 'google', clientId: 'another', nonce })
  const forged = await standIn.idToken({
    ...{ provider: 'google', clientId: 'app', nonce },
    signedBy: 'another key',
  })

  expect((await trade(ours)).status).toBe(200)
  expect((await trade(theirs)).status).toBe(401)
  expect((await trade(forged)).status).toBe(401)
})

test('the guide shows this very file, but for where things are imported from', () => {
  const guide = readFileSync(new URL('../../docs/guides/testing-social-login.md', import.meta.url))
  const shown = /```ts\n[\s\S]*?from 'vitest'\n([\s\S]*?)```/.exec(guide.toString())?.[1]
  const [, run] = readFileSync(new URL(import.meta.url))
    .toString()
    .split("from './stand-in/stand-in.js'\n")

  expect(shown).toMatch(/^\nconst baseUrl/)
  expect(run?.startsWith(shown ?? '')).toBe(true)
})
