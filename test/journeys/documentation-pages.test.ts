import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { browserPath, launchBrowser, openWatchedPage } from './watched-page.js'

describe.skipIf(!browserPath)('the documentation pages (needs chromium)', () => {
  let server: TestServer
  let browser: Browser

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startServer(), launchBrowser()])
  })

  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  const open = async (path: string) => {
    const watched = await openWatchedPage(browser, server.origin)
    await watched.page.goto(path)
    return watched
  }

  test.each(['/docs', '/v1/docs'])(
    'Swagger UI at %s works offline and calls the server',
    async (path) => {
      const { page, complaints } = await open(path)
      const health = page.locator('.opblock').filter({ hasText: '/health' }).first()
      await health.locator('.opblock-summary-control').click()
      await health.getByRole('button', { name: 'Execute' }).click()
      await health.locator('.live-responses-table').waitFor()

      expect(
        await health
          .locator('.live-responses-table tbody .response-col_status')
          .first()
          .textContent(),
      ).toContain('200')
      await page.locator('.btn.authorize').first().click()
      await page.getByRole('heading', { name: 'Available authorizations' }).waitFor()
      expect(complaints).toEqual([])
    },
  )

  test.each(['/redoc'])('ReDoc at %s works offline', async (path) => {
    const { page, complaints } = await open(path)
    await page.getByText('/auth/login').first().waitFor()
    await page.getByPlaceholder('Search').fill('sessions')
    await page.getByRole('search').getByRole('menuitem').first().waitFor()

    expect(complaints).toEqual([])
  })
})

test('in production the pages are off, and the page of a refusal leads to none of them', async () => {
  const server = await startServer({
    env: { ENVIRONMENT: 'production', BASE_URL: 'https://id.example.com' },
  })
  const statusOf = async (path: string) => (await fetch(server.origin + path)).status
  try {
    expect(await statusOf('/test-login')).toBe(404)
    expect(await statusOf('/docs')).toBe(404)
    const page = await (await fetch(`${server.origin}/errors/not_found`)).text()
    expect(page).toContain('<h1>Not found</h1>')
    expect(page).not.toMatch(/href="\/(?!"|assets)/)
  } finally {
    await server.stop()
  }
})

const strict = {
  AUTH_PROFILE: 'strict',
  JWT_SECRET_KEY: 'u3Rk8vTq1Zx6Lw9PbN4yHc7FmJ2sGdEa',
  JWT_REFRESH_SECRET_KEY: 'B7yHc7FmJ2sGdEau3Rk8vTq1Zx6Lw9Pb',
  RATE_LIMIT_REQUESTS: '10',
}

test('the strict dialect has no pages until they are asked for', async () => {
  const server = await startServer({ env: strict })
  try {
    expect((await fetch(`${server.origin}/docs`)).status).toBe(405)
  } finally {
    await server.stop()
  }
})

describe.skipIf(!browserPath)('the pages of the strict dialect (needs chromium)', () => {
  test('its ten requests a minute are not spent by what the pages are made of', async () => {
    const [server, browser] = await Promise.all([
      startServer({ env: { ...strict, DOCS: 'true' } }),
      launchBrowser(),
    ])
    try {
      const { page, complaints } = await openWatchedPage(browser, server.origin)
      await page.goto('/test-login')
      await page.getByTestId('signed-out').waitFor()
      await page.goto('/docs')
      const register = page.locator('.opblock').filter({ hasText: '/auth/register' })
      await register.locator('.opblock-summary-control').click()
      await register.getByRole('button', { name: 'Execute' }).click()
      const status = register.locator('.live-responses-table tbody .response-col_status')

      expect(await status.first().textContent()).toContain('201') // with the example as it stands
      expect(complaints).toEqual([])
    } finally {
      await browser.close()
      await server.stop()
    }
  })
})
