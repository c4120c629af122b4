import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDialect } from '../hosts/dialect-host.js'
import { browserPath, launchBrowser, openWatchedPage } from './watched-page.js'

/** What a wrong password is told, where the refresh token lies, and what the page must not offer. */
const dialects = [
  {
    profile: 'username',
    refusal: 'Invalid username or password',
    refresh: 'nowhere',
    lacks: ['register', 'me', 'logout'],
  },
  { profile: 'cookie', refusal: 'Invalid credentials', refresh: 'cookie', lacks: ['me'] },
  { profile: 'strict', refusal: 'Invalid credentials', refresh: 'page', lacks: ['logout'] },
  { profile: 'flat', refusal: 'Invalid email or password', refresh: 'page', lacks: [] },
  { profile: 'envelope', refusal: 'Incorrect email or password', refresh: 'cookie', lacks: [] },
] as const

const offered = { register: '#tab-register', me: '#reload-me', logout: '#logout-this' }
const natively = ['#settings', '#logout-others', '#logout-all']

describe.skipIf(!browserPath)('the try-it page in a dialect (needs chromium)', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())

  const notice = (page: Page) => page.getByTestId('notice')
  const says = (page: Page, sentence: string) =>
    notice(page).filter({ hasText: sentence }).waitFor()

  const logIn = async (page: Page, name: string): Promise<void> => {
    const form = page.getByTestId('login-form')
    await form.getByLabel(name.includes('@') ? 'E-mail' : 'Username').fill(name)
    await form.getByLabel('Password', { exact: true }).fill('Correct.Horse.42!')
    await form.getByRole('button', { name: 'Log in' }).click()
  }

  const enter = async (page: Page, profile: string): Promise<void> => {
    if (profile === 'username') await logIn(page, 'grace')
    else {
      await page.getByRole('tab', { name: 'Register' }).click()
      await page.getByRole('button', { name: 'Make someone up' }).click()
      await page.getByRole('button', { name: 'Create account' }).click()
      await notice(page).waitFor()
      if ((await notice(page).textContent())?.startsWith('The account is made.'))
        await page.getByRole('button', { name: 'Log in', exact: true }).click()
    }
    await page.getByTestId('account-name').waitFor()
  }

  test.each(dialects)(
    '$profile: in, refreshed, out',
    async ({ profile, refusal, refresh, lacks }) => {
      const server = await startDialect(profile)
      const origin = `http://localhost:${server.port}`
      const { page, complaints, calls } = await openWatchedPage(browser, origin)
      try {
        await page.goto('/test-login')
        await page.locator('#health-status[data-tone="good"]').waitFor()
        expect(await page.getByTestId('dialect').textContent()).toContain(profile)
        await logIn(page, profile === 'username' ? 'nobody' : 'nobody@example.com')
        await page.getByRole('alert').filter({ hasText: refusal }).waitFor()
        await enter(page, profile)

        const hidden: string[] = [...natively, ...lacks.map((each) => offered[each])]
        for (const place of hidden)
          expect([place, await page.locator(place).isVisible()]).toEqual([place, false])
        expect(await page.locator('#token-claims [data-claim="exp"]').textContent()).toContain('·')
        expect(await page.getByTestId('raw-refresh').isVisible()).toBe(refresh === 'page')
        expect(await page.locator('#refresh-now').isVisible()).toBe(refresh !== 'nowhere')

        if (refresh !== 'nowhere') {
          await page.getByRole('button', { name: 'Refresh now' }).click()
          await says(page, 'A new access token is here.')
          expect(calls.at(-1)).toBe('POST /auth/refresh') // within one second the token may be the same
        }
        if (!hidden.includes('#reload-me')) {
          await page.getByRole('button', { name: 'Reload', exact: true }).first().click()
          await says(page, 'Reloaded.')
        }
        await page.reload()
        await page.locator(refresh === 'cookie' ? '#account' : '#signed-out').waitFor()
        if (refresh !== 'cookie') await enter(page, profile)

        const way = hidden.includes('#logout-this')
          ? (['Forget', 'The server was told nothing.'] as const)
          : (['This device', 'You are signed out.'] as const)
        await page.getByRole('button', { name: way[0] }).click()
        await says(page, way[1])
        await page.reload()
        await page.getByTestId('signed-out').waitFor()
        expect(complaints).toEqual([])
      } finally {
        await server.close()
      }
    },
  )
})
