import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { logIn, password, register, says, somebody } from './try-it-steps.js'
import { browserPath, launchBrowser, openWatchedPage } from './watched-page.js'

describe.skipIf(!browserPath)('a long list of sessions (needs chromium)', () => {
  let server: TestServer
  let browser: Browser

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startServer(), launchBrowser()])
  })

  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  const signInElsewhere = async (email: string, times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      const { status } = await fetch(`${server.origin}/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password }),
      })
      expect(status).toBe(200)
    }
  }

  test('is shown page by page, for the keyboard and for screen readers too', async () => {
    const { page, complaints } = await openWatchedPage(browser, server.origin)
    await page.goto('/test-login')
    const ada = await register(page, somebody())
    const more = page.getByRole('button', { name: 'More' })
    const sessions = page.getByTestId('session')
    const current = page.locator('[data-testid="session"][data-current="true"]')
    expect(await more.isVisible()).toBe(false)

    await signInElsewhere(ada.email, 51)
    await page.getByRole('tabpanel').getByRole('button', { name: 'Reload' }).click()
    await page.getByRole('tab', { name: 'Sessions 50+' }).waitFor()
    expect(await sessions.count()).toBe(50)
    expect(await current.count()).toBe(0)

    await more.focus()
    await page.keyboard.press('Enter')
    await says(page, '52 sessions are listed.')
    expect(await page.getByRole('tab', { name: 'Sessions 52' }).isVisible()).toBe(true)
    expect(await sessions.count()).toBe(52)
    expect(await current.count()).toBe(1)
    expect(await sessions.first().getAttribute('data-current')).toBe('true')
    expect(await more.isVisible()).toBe(false)
    expect(await page.locator(':focus').getAttribute('id')).toBe('reload-sessions')

    await page.getByRole('button', { name: 'This device' }).click()
    await page.getByTestId('signed-out').waitFor()
    const eve = await register(page, somebody())
    await expect.poll(() => sessions.count()).toBe(1)
    await page.getByRole('button', { name: 'This device' }).click()
    await logIn(page, eve.email)
    await page.getByRole('tab', { name: 'Sessions 1' }).waitFor()
    expect(complaints).toEqual([])
  })
})
