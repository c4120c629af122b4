import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, readSettings, startServer } from '../../src/server/server.js'
import { type StandIn, startStandIn } from '../../src/testing/testing.js'

/** The code of docs/guides/social-login.md does what stands beside it, against a server with the settings of the guide. */
const guide = readFileSync(new URL('../../docs/guides/social-login.md', import.meta.url), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'latchkey-guide-'))
const here = 'http://localhost:5173/signed-in'
let standIn: StandIn
let server: RunningServer
let origin: string

beforeAll(async () => {
  standIn = await startStandIn()
  const environment = {
    ...{ PORT: '0', DATABASE_URL: 'memory', LOG_LEVEL: 'silent', RATE_LIMIT_LOGIN: '0' },
    RETURN_URLS: here,
    ALLOWED_ORIGINS: new URL(here).origin,
    GOOGLE_CLIENT_ID: 'our-app',
    GOOGLE_CLIENT_SECRET: 'our-app-secret',
    GOOGLE_APP_CLIENT_IDS: 'our-phone-app',
    GITHUB_CLIENT_ID: 'our-app',
    GITHUB_CLIENT_SECRET: 'our-app-secret',
    OAUTH_STAND_IN_URL: standIn.origin,
  }
  server = await startServer(readSettings({ environment, envFile: devNull }))
  origin = `http://localhost:${server.port}`
})
afterAll(async () => {
  await server?.stop()
  await standIn?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A sample by the name in its first line, as a module. */
const sample = async (name: string) => {
  const [code] =
    [...guide.matchAll(/```js\n(.*?)```/gs)].flatMap(([, text = '']) =>
      text.startsWith(`// ${name}`) ? text : [],
    ) ?? []
  const file = join(folder, name.replace(/\.js$/, '.mjs'))
  writeFileSync(
    file,
    String(code)
      .replace('https://id.example.com', origin)
      .replace('https://app.example.com/signed-in', here),
  )
  return import(pathToFileURL(file).href)
}

/** As a browser that follows, keeps cookies, and stops where a page of ours begins. */
const browse = async (start: string): Promise<URL> => {
  const cookies = new Map<string, string>()
  let url = new URL(start)
  for (let steps = 0; steps < 6 && !url.href.startsWith(here); steps += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const set of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = set.split(';')[0]?.split('=') ?? []
      cookies.set(name, value)
    }
    url = new URL(answer.headers.get('location') ?? '', url)
  }
  return url
}

const globals = (search: string) => {
  const kept = new Map<string, string>()
  const seen: { left?: string; shown?: string } = {}
  Object.assign(globalThis, {
    sessionStorage: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
      removeItem: (name: string) => kept.delete(name),
    },
    location: {
      search,
      pathname: '/signed-in',
      assign: (to: string) => {
        seen.left = to
      },
    },
    history: {
      replaceState: (_state: unknown, _title: string, to: string) => {
        seen.shown = to
      },
    },
  })
  return seen
}

test('a single-page app signs somebody in', async () => {
  const { signIn, finishSignIn } = await sample('signing-in.js')
  const seen = globals('')
  await signIn('google')
  const back = await browse(seen.left ?? '')
  Object.assign(Reflect.get(globalThis, 'location'), { search: back.search })

  expect(back.search).toMatch(/^\?code=/)
  expect(await finishSignIn()).toMatchObject({
    access_token: expect.any(String),
    user: { email: 'ada@gmail.com' },
  })
  expect(seen.shown).toBe('/signed-in')
  await expect(finishSignIn()).rejects.toThrow(/invalid_(?:exchange_code|body)/)
})

test('a single-page app is told what went wrong', async () => {
  const { finishSignIn } = await sample('signing-in.js')
  globals('?error=provider_denied')

  await expect(finishSignIn()).rejects.toThrow('provider_denied')
})

test('a native app trades an ID token, and an access token', async () => {
  const { trade } = await sample('trade.js')
  const nonce = 'n-0S6_WzA2Mj'
  const idToken = await standIn.idToken({ provider: 'google', clientId: 'our-phone-app', nonce })
  const accessToken = standIn.accessToken({ provider: 'github', clientId: 'our-app' })
  const grant = { access_token: expect.any(String), refresh_token: expect.any(String) }

  expect(await trade(origin, 'google', { id_token: idToken, nonce })).toMatchObject(grant)
  expect(await trade(origin, 'github', { accessToken })).toMatchObject(grant)
  await expect(trade(origin, 'google', { id_token: idToken, nonce })).rejects.toThrow(
    'provider_token_rejected',
  )
})

test('every refusal that the guide names exists, with its status', async () => {
  const rows = [...guide.matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)]

  expect(rows.length).toBeGreaterThan(10)
  for (const [, code, status] of rows) {
    const page = await fetch(`${origin}/errors/${code}`)
    expect([code, page.status]).toEqual([code, 200])
    expect(await page.text()).toContain(String(status))
  }
})
