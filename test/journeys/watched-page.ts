import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

/** Where a real browser lies; the test command names it, a bare vitest looks in the usual place. */
export const browserPath = [process.env.CHROMIUM_PATH, '/usr/bin/chromium'].find(
  (path) => path !== undefined && existsSync(path),
)

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    ...(browserPath !== undefined && { executablePath: browserPath }),
    args: [
      '--no-sandbox',
      '--headless',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

/** As most people have it. Elsewhere pages do without: no graphics card draws the frames here. */
export const inMotion = { reducedMotion: 'no-preference' } as const

type Watched = { page: Page; complaints: string[]; calls: string[] }

/** A watched page that ends with its test: one that stays open goes on drawing its clock, and slows all after it. */
export const openWatchedPage = async (
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Watched> => {
  const watched = await keepWatchedPage(browser, origin, options)
  onTestFinished(() => watched.page.context().close())
  return watched
}

/**
 * A page of its own profile that is watched: `complaints` gathers what the browser found wrong. A refused call
 * (4xx) is not wrong; the browser mentions it, and the page shows it.
 */
export const keepWatchedPage = async (
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Watched> => {
  const context = await browser.newContext({
    ...{ baseURL: origin, reducedMotion: 'reduce' },
    ...options,
  })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const complaints: string[] = []
  const calls: string[] = []
  page.on('console', (message) => {
    const isRefusedCall = message.text().startsWith('Failed to load resource') && isCall(message)
    if (['error', 'warning'].includes(message.type()) && !isRefusedCall) {
      complaints.push(message.text())
    }
  })
  page.on('pageerror', (error) => complaints.push(String(error.stack)))
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== origin) {
      complaints.push(`asked another origin: ${url.href}`)
    }
    if (url.pathname.startsWith('/auth/')) calls.push(`${request.method()} ${url.pathname}`)
  })
  return { page, complaints, calls }
}

const isCall = (message: { location(): { url: string } }): boolean =>
  new URL(message.location().url).pathname.startsWith('/auth/')
