import { createServer } from 'node:http'
import express from 'express'
import { describe, expect, onTestFinished, test } from 'vitest'
import { toNode } from '../../src/http/node.js'
import { createTestAuth } from '../../src/testing/test-auth.js'
import { withoutLimits } from '../without-limits.js'
import { listen, startNode } from './hosts.js'
import { oauth } from './social.js'

/** Addresses that people visit with their browser: what they are told when it does not work. */
const html = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

const serve = async (options: object = {}) => {
  const { auth } = await createTestAuth({ limits: withoutLimits, oauth, ...options })
  const host = await startNode(auth)
  onTestFinished(() => host.close())
  return (path: string, accept = html, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${host.port}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { accept, ...init.headers },
    })
}

const links = (page: string): string[] =>
  [...page.matchAll(/ href="([^"]*)"/g)]
    .map(([, href = '']) => href)
    .filter((to) => !to.startsWith('data:'))

describe('a refusal on an address that people visit', () => {
  test('is a page for a browser, problem details for everybody else, with one status', async () => {
    const ask = await serve()
    const path = '/auth/oauth/github/callback?state=x&code=y'
    for (const accept of [html, 'text/html', 'TEXT/HTML ; q=0.1', 'a/b,text/html;level=1']) {
      const answer = await ask(path, accept)
      expect([accept, answer.status]).toEqual([accept, 400])
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    }
    const others = [
      '*/*',
      'application/json',
      'text/html;q=0',
      'text/html;q=0.000, a/b',
      'x-text/html',
      'text/*',
    ]
    for (const accept of others) {
      const answer = await ask(path, accept)
      expect([accept, answer.status]).toEqual([accept, 400])
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
      expect(await answer.json()).toMatchObject({ code: 'invalid_state' })
    }
    const elsewhere = await ask('/auth/me')
    expect(elsewhere.headers.get('content-type')).toContain('application/problem+json')
  })

  test('says what to do, and leads to its explanation and to the start, whatever was asked', async () => {
    const ask = await serve()
    const query = 'state=%22%3E%3Cscript%3E&return_to=https://evil.example&x=https://evil.example'
    const page = await (await ask(`/v1/auth/oauth/github/callback?${query}`)).text()

    expect(page).toContain('<h1>Sign-in not under way</h1>')
    expect(page).toContain('What to do')
    expect(links(page)).toEqual([
      'http://localhost:8000/auth/oauth/github',
      'http://localhost:8000/errors/invalid_state',
    ])
    expect(page).not.toMatch(/<script|evil|onclick|javascript:/i)
  })

  test.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    '{{constructor}}',
    'javascript:alert(1)',
  ])('never shows what a stranger wrote: %s (A-150)', async (text) => {
    const ask = await serve()
    const sent = encodeURIComponent(text)
    for (const path of [
      `/auth/oauth/github/callback?error=${sent}&error_description=${sent}&error_uri=${sent}`,
      `/auth/oauth/github?return_to=${sent}`,
      `/auth/oauth/github?${sent}=1`,
      `/auth/oauth/github/callback?state=a&state=${sent}`,
    ]) {
      const answer = await ask(path)
      const page = await answer.text()
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(page.replace(/<style>.*<\/style>/s, '')).not.toContain(text)
      expect(page).not.toMatch(/<script|<img|onerror="/)
    }
  })

  test('is kept by nobody, framed by nobody and runs nothing', async () => {
    const ask = await serve()
    for (const accept of [html, 'application/json']) {
      const { headers } = await ask('/auth/oauth/github/callback', accept)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('content-security-policy')).not.toMatch(/unsafe|script-src/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
    const onward = await ask('/auth/oauth/github')
    expect(onward.status).toBe(303)
    expect(onward.headers.get('cache-control')).toBe('no-store')
    expect(onward.headers.get('referrer-policy')).toBe('no-referrer')
  })

  test('offers nothing to try where there is no such provider', async () => {
    const ask = await serve()
    const page = await (await ask('/auth/oauth/nobody')).text()
    expect(links(page)).toEqual(['http://localhost:8000/errors/unsupported_provider'])
  })

  test('of a flood of parameters comes at once (A-155)', async () => {
    const ask = await serve()
    const many = Array.from({ length: 900 }, (_, index) => `p${index}=1`).join('&')
    const started = performance.now()
    expect((await ask(`/auth/oauth/github/callback?${many}`)).status).toBe(400)
    expect((await ask(`/auth/oauth/github/callback?${many}&${many}`)).status).toBe(422)
    expect((await ask(`/auth/oauth/github/callback?code=${'a'.repeat(5_000)}`)).status).toBe(422)
    expect((await ask(`/auth/oauth/github/callback?${'&'.repeat(9_000)}`)).status).toBe(422)
    expect((await ask(`/auth/oauth/github/callback?code=${'a'.repeat(40_000)}`)).status).toBe(431)
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('a look at the headers is no visit', async () => {
    const ask = await serve()
    for (const path of ['/auth/oauth/github', '/auth/oauth/github/callback']) {
      const answer = await ask(path, html, { method: 'HEAD' })
      expect([path, answer.status]).toEqual([path, 405])
      expect(answer.headers.get('allow')).not.toContain('HEAD')
      expect(answer.headers.getSetCookie()).toEqual([])
    }
  })
})

describe('where no cookie may carry the grant', () => {
  const http = { refreshTokenTransport: 'body' }

  test('a start without a challenge is refused, and no page can start in place of the app', async () => {
    const ask = await serve({ http })
    const refused = await ask('/auth/oauth/github', 'application/json')
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({
      code: 'invalid_query',
      errors: [{ field: 'code_challenge', code: 'required' }],
    })
    const page = await (await ask('/auth/oauth/github')).text()
    expect(page).toContain('code_challenge')
    expect(links(page)).toEqual(['http://localhost:8000/errors/invalid_query'])
    const started = await ask(`/auth/oauth/github?code_challenge=${'c'.repeat(43)}`)
    expect(started.status).toBe(303)
  })
})

describe('an answer that a provider posts', () => {
  const form = (body: string): RequestInit => ({
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://appleid.apple.com',
      'sec-fetch-site': 'cross-site',
    },
  })

  test('is sent on to the address with what counts, and nothing else happens', async () => {
    const ask = await serve()
    const body = 'code=a%2Bb&state=s&iss=i&user=%7B%22name%22%3A1%7D&id_token=x&return_to=y'
    const answer = await ask('/v1/auth/oauth/posting/callback', html, form(body))

    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe(
      'http://localhost:8000/auth/oauth/posting/callback?code=a%2Bb&state=s&iss=i',
    )
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.text()).toBe('')
  })

  test.each([
    ['is refused of who does not post', 'github', 'code=a&state=b', 405],
    ['is refused of nobody', 'nobody', 'code=a&state=b', 400],
    ['is refused with two states', 'posting', 'state=a&state=b', 400],
    ['is refused when it is too long', 'posting', `code=${'a'.repeat(4_097)}`, 400],
    ['is refused when it is far too long', 'posting', `code=${'a'.repeat(40_000)}`, 413],
    ['is refused as JSON', 'posting', '{"code":"a"}', 400],
  ])('%s', async (_, name, body, status) => {
    const ask = await serve()
    const answer = await ask(`/auth/oauth/${name}/callback`, html, form(body))
    expect(answer.status).toBe(status)
    expect(answer.headers.get('location')).toBeNull()
    if (status === 405) expect(answer.headers.get('allow')).toBe('GET, OPTIONS')
  })
})

test('under a prefix, redirect addresses are those of BASE_URL', async () => {
  const baseUrl = 'http://localhost:8000/id'
  const { auth } = await createTestAuth({ baseUrl, oauth, limits: withoutLimits })
  const app = express()
  app.use('/id', toNode(auth))
  const host = await listen(createServer(app))
  onTestFinished(() => host.close())
  const ask = (path: string) =>
    fetch(`http://127.0.0.1:${host.port}${path}`, { redirect: 'manual', headers: { accept: html } })

  const started = await ask('/id/auth/oauth/github')
  const location = new URL(started.headers.get('location') ?? '')
  expect(location.searchParams.get('redirect_uri')).toBe(`${baseUrl}/auth/oauth/github/callback`)
  const refused = await ask('/id/auth/oauth/github/callback?state=x')
  expect(links(await refused.text())).toEqual([
    `${baseUrl}/auth/oauth/github`,
    `${baseUrl}/errors/invalid_state`,
  ])
})
