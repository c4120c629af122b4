import { afterAll, beforeAll, expect, test } from 'vitest'
import { newFolder, run } from './cli/command.js'
import { jsonOf, type ServerProcess, serve } from './cli/server-process.js'

/** `latchkey serve --demo-providers`: what a newcomer clicks through, without a browser. */
let server: ServerProcess
beforeAll(async () => {
  server = await serve(newFolder(), { DATABASE_URL: 'memory' }, [], ['--demo-providers'])
})
afterAll(() => server.stop())

/** Somebody at a browser: it keeps cookies, and goes where it is sent. */
const openBrowser = () => {
  const cookies = new Map<string, string>()

  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const site = init.method === 'POST' ? 'same-origin' : 'cross-site'
    const headers = { ...init.headers, cookie, 'sec-fetch-site': site }
    const answer = await server.call(path, { ...init, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    return answer
  }

  /** At the provider, and back: where the browser ends. */
  const comeBack = async (departure: string, who: string): Promise<string> => {
    const url = new URL(departure)
    url.searchParams.set('login_hint', who)
    const there = await fetch(url, { redirect: 'manual' })
    const back = new URL(there.headers.get('location') ?? '')
    const answer = await ask(back.pathname + back.search)
    return answer.headers.get('location') ?? ''
  }

  const signIn = async (provider: string, who = 'ada@gmail.com'): Promise<string> => {
    const start = await ask(`/auth/oauth/${provider}`)
    return comeBack(start.headers.get('location') ?? '', who)
  }

  const token = async (): Promise<string> => {
    const answer = await ask('/auth/refresh', { method: 'POST' })
    expect(answer.status).toBe(200)
    const { access_token } = await jsonOf<{ access_token: string }>(answer)
    return access_token
  }

  return { ask, signIn, comeBack, token }
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

test('one person comes in by each of three providers, to one account', async () => {
  const home = `${server.url}/test-login`
  const browser = openBrowser()

  expect(await browser.signIn('google')).toBe(home)
  const first = await jsonOf<{ id: string }>(
    await browser.ask('/auth/me', bearer(await browser.token())),
  )
  expect(await browser.signIn('github')).toBe(home)
  const token = await browser.token()

  // Facebook does not say that an address was confirmed: it is linked by who is signed in
  expect(await browser.signIn('facebook')).toBe(`${home}?error=account_exists`)
  const departure = await browser.ask('/auth/oauth/facebook/link', {
    method: 'POST',
    ...bearer(token),
  })
  const { location } = await jsonOf<{ location: string }>(departure)
  expect(await browser.comeBack(location, 'ada@gmail.com')).toBe(`${home}?linked=facebook`)
  expect(await openBrowser().signIn('facebook')).toBe(home)

  const list = await jsonOf<{ identities: { provider: string }[] }>(
    await browser.ask('/auth/identities', bearer(token)),
  )
  expect(list.identities.map(({ provider }) => provider).sort()).toEqual([
    'facebook',
    'github',
    'google',
  ])
  const me = await jsonOf<{ id: string }>(await browser.ask('/auth/me', bearer(token)))
  expect(me.id).toBe(first.id)
})

test('an OpenID provider that is known by its issuer lets somebody in as well', async () => {
  expect(await openBrowser().signIn('acme', 'grace@gmail.com')).toBe(`${server.url}/test-login`)
})

test('somebody without a confirmed address, and somebody who cancels, are told so', async () => {
  const home = `${server.url}/test-login`

  expect(await openBrowser().signIn('google', '118820323')).toBe(
    `${home}?error=provider_email_missing`,
  )
  expect(await openBrowser().signIn('github', 'nobody')).toBe(`${home}?error=provider_denied`)
})

test('a browser is asked who is there, on a page that says what it is', async () => {
  const start = await openBrowser().ask('/auth/oauth/github')
  const page = await fetch(start.headers.get('location') ?? '', {
    headers: { accept: 'text/html' },
  })
  const text = await page.text()

  expect(text).toContain('A stand-in for GitHub')
  expect(text).toContain('Ada Lovelace')
  expect(page.headers.get('content-security-policy')).toContain("script-src 'none'")
})

test('it is warned that these logins are make-believe', () => {
  const warnings = server.lines.filter(({ level }) => level === 'warn')

  expect(server.places.demo_providers).toMatch(/^http:\/\/localhost:\d+$/)
  expect(warnings.map(({ warning }) => warning)).toContain('demo_providers')
  expect(warnings.map(({ warning }) => warning)).not.toContain('provider_stand_in')
})

test.each([
  [
    'in production',
    { ENVIRONMENT: 'production', BASE_URL: 'https://id.example.com' },
    'lets anybody sign in as anybody',
  ],
  ['where another contract is spoken', { AUTH_PROFILE: 'flat' }, 'is for the profile native'],
])('it does not start %s', async (_, variables, sentence) => {
  const { code, stdout, stderr } = await run(newFolder(), ['serve', '--demo-providers'], {
    ...variables,
    PORT: '0',
    JWT_SECRET_KEY: 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k',
  })

  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(sentence)
})

test('a port that is taken ends it, stand-ins and all', async () => {
  const words = ['serve', '--demo-providers', '--port', String(server.places.port)]
  const { code } = await run(newFolder(), words, { DATABASE_URL: 'memory' })

  expect(code).toBe(1)
})
