import { createServer } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { browserPath, keepWatchedPage, launchBrowser, openWatchedPage } from './watched-page.js'

/** C-02, S-40: what a real browser lets pages of other origins do with the server. */
type Site = { origin: string; close(): void }

/** A web site with one empty page. */
const openSite = async (host: 'localhost' | '127.0.0.1'): Promise<Site> => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>x</title>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    origin: `http://${host}:${port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Scripts for the page, which lives in the browser: there is no DOM here. */
const submitForm = (action: string): string => `
  document.body.insertAdjacentHTML('beforeend', '<form method="post"></form>')
  document.forms[0].action = ${JSON.stringify(action)}
  document.forms[0].submit()`

const putIntoFrame = (src: string): string => `
  new Promise((resolve) => {
    const frame = document.createElement('iframe')
    frame.onload = resolve
    frame.src = ${JSON.stringify(src)}
    document.body.append(frame)
  }).then(() => true)`

const runInline = `
  new Promise((resolve) => {
    const violations = []
    document.addEventListener('securitypolicyviolation', (violation) => {
      violations.push(violation.violatedDirective)
      if (violations.length === 2) resolve({ ran: 'ran' in window, violations: violations.sort() })
    })
    document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.ran = 1">')
    const script = document.createElement('script')
    script.textContent = 'window.ran = 2'
    document.body.append(script)
  })`

const person = { email: 'ada@example.com', password: 'correct horse battery 42' }

describe.skipIf(!browserPath)('pages of other origins (needs chromium)', () => {
  let server: TestServer
  let browser: Browser
  let page: Page
  const sites: Site[] = []

  beforeAll(async () => {
    sites.push(
      await openSite('localhost'),
      await openSite('localhost'),
      await openSite('127.0.0.1'),
    )
    const env = { ALLOWED_ORIGINS: sites[0]?.origin ?? '' }
    ;[server, browser] = await Promise.all([startServer({ env }), launchBrowser()])
    ;({ page } = await keepWatchedPage(browser, server.origin)) // one person, whichever page is open
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    for (const { close } of sites) close()
  })

  /** What a script of the page gets to see: the status, or that the browser gives nothing out. */
  const ask = (path: string, init: RequestInit = {}): Promise<string> =>
    page.evaluate(
      ([url, given]) =>
        fetch(url, { method: 'POST', credentials: 'include', ...given }).then(
          ({ status, type }) => `${status} ${type}`,
          () => 'nothing',
        ),
      [server.origin + path, init] as const,
    )
  const asJson = (body: object): RequestInit => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const visit = async (index: number): Promise<void> => {
    await page.goto(sites[index]?.origin ?? '')
  }

  test('a listed page signs in, refreshes and reads with the cookie', async () => {
    await visit(0)

    expect(await ask('/auth/register', asJson(person))).toBe('201 cors')
    expect(await ask('/auth/login', asJson(person))).toBe('200 cors')
    expect(await ask('/auth/refresh')).toBe('200 cors')
    expect(await page.evaluate('document.cookie')).toBe('')
  })

  test.each([
    ['a page beside it', 1],
    ['a page of another site', 2],
  ])('%s sees nothing, changes nothing and signs nobody in or out', async (_, index) => {
    await visit(index)

    for (const path of ['/auth/login', '/auth/refresh', '/auth/logout', '/auth/register'])
      expect([path, await ask(path, asJson(person))]).toEqual([path, 'nothing'])
    // as a form sends it: no preflight, and no answer that a script may read
    for (const path of ['/auth/login', '/auth/logout', '/auth/refresh'])
      await ask(path, { mode: 'no-cors', body: JSON.stringify(person) })
    await page.evaluate(submitForm(`${server.origin}/auth/logout`))
    await page.waitForURL('**/auth/logout')
    expect(await page.textContent('body')).toContain('origin_not_allowed')

    await visit(0)
    expect(await ask('/auth/refresh')).toBe('200 cors') // the session stands, and its cookie
  })

  test('an unlisted page may read what is public to everybody, and nothing else', async () => {
    await visit(2)

    const plain = { method: 'GET', credentials: 'omit' } as const
    expect(await ask('/.well-known/jwks.json', plain)).toBe('200 cors')
    expect(await ask('/health', plain)).toBe('nothing')
    expect(await ask('/auth/me', plain)).toBe('nothing')
  })

  test('no page of ours may be framed, nor run what is written into it', async () => {
    for (const path of ['/docs', '/redoc', '/test-login', '/errors/not_found']) {
      await visit(0)
      await page.evaluate(putIntoFrame(server.origin + path))
      const frame = page.frames().find((each) => each !== page.mainFrame())
      expect([path, frame?.url()]).toEqual([path, 'chrome-error://chromewebdata/'])

      await page.goto(server.origin + path)
      const ran = await page.evaluate(runInline)
      expect([path, ran]).toEqual([
        path,
        { ran: false, violations: ['script-src-attr', 'script-src-elem'] },
      ])
    }
  })

  test('the page of a refusal complains of nothing', async () => {
    for (const code of ['invalid_credentials', 'nonsense']) {
      const watched = await openWatchedPage(browser, server.origin)
      await watched.page.goto(`/errors/${code}`)
      await watched.page.getByRole('heading').first().waitFor()
      expect(watched.complaints.filter((each) => !each.includes('404'))).toEqual([])
    }
  })
})
