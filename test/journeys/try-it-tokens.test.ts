import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DialectHost, startDialect } from '../hosts/dialect-host.js'
import { register, says } from './try-it-steps.js'
import { browserPath, launchBrowser, openWatchedPage } from './watched-page.js'

describe.skipIf(!browserPath)('tokens on the try-it page (needs chromium)', () => {
  let server: DialectHost
  let browser: Browser

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startDialect('native', 'envelope'), launchBrowser()])
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  test('a token from elsewhere is laid open and tried; the own one is forgotten, in envelopes', async () => {
    const { page, complaints } = await openWatchedPage(browser, `http://localhost:${server.port}`)
    await page.goto('/test-login')
    const { email } = await register(page)
    const password = 'a quiet lemon orchard'
    const other = await server.auth.register({ email: 'bob@example.com', password }, {})
    await page.getByText('Another token').click()
    await page.getByLabel('An access token from elsewhere').fill(other.accessToken)
    await page.getByRole('button', { name: 'Lay it open' }).click()
    await says(page, 'Nothing was verified')
    expect(await page.locator('#any-claims [data-claim="sub"]').textContent()).toContain('for')
    await page.getByRole('button', { name: 'Ask who it is' }).click()
    await says(page, 'The server takes its bearer for bob@example.com.')
    expect(await page.getByTestId('account-email').textContent()).toBe(email)

    await page.getByLabel('An access token from elsewhere').fill('nonsense')
    await page.getByRole('button', { name: 'Ask who it is' }).click()
    await says(page, 'malformed, expired, revoked')
    await page.getByRole('button', { name: 'API info' }).click()
    await says(page, 'What the server says of itself')

    await page.getByRole('button', { name: 'Forget' }).click()
    await says(page, 'The session goes on')
    await page.reload()
    await page.getByTestId('session').first().waitFor() // the cookie was not forgotten
    expect(complaints).toEqual([])
  })
})
