import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { claim, logIn, password, register, says, somebody } from './try-it-steps.js'
import { browserPath, inMotion, launchBrowser, openWatchedPage } from './watched-page.js'

describe.skipIf(!browserPath)('the try-it page (needs chromium)', () => {
  let server: TestServer
  let browser: Browser

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startServer(), launchBrowser()])
  })

  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  const open = async (path: string, options = {}) => {
    const watched = await openWatchedPage(browser, server.origin, options)
    await watched.page.goto(path)
    return watched
  }

  test('a newcomer sees a healthy server, and the page asks nothing about them', async () => {
    const { page, complaints, calls } = await open('/test-login')
    await page.locator('#health-status[data-tone="good"]').waitFor()

    expect(await page.getByTestId('version').textContent()).toMatch(/^\d+\.\d+\.\d+/)
    expect(await page.getByTestId('signed-out').isVisible()).toBe(true)
    expect(calls).toEqual(['GET /auth/oauth'])
    expect(await page.getByTestId('providers-none').textContent()).toContain('--demo-providers')
    expect(complaints).toEqual([])
  })

  test('the keyboard alone registers, changes the profile and logs out', async () => {
    const { page, complaints, calls } = await open('/test-login', inMotion)
    const press = page.keyboard.press.bind(page.keyboard)
    const type = page.keyboard.type.bind(page.keyboard)
    const { email, username } = somebody()
    await page.getByTestId('signed-out').waitFor()

    await press('Tab')
    expect(await page.locator(':focus').textContent()).toBe('Skip to content')
    await press('Enter')
    await press('Tab')
    expect(await page.locator(':focus').getAttribute('id')).toBe('tab-login')
    await press('ArrowRight')
    await press('Tab')
    await type(email)
    await press('Tab')
    await type(password)
    await press('Tab')
    await press('Enter')
    expect(await page.locator('#register-password').getAttribute('type')).toBe('text')
    await press('Tab')
    await type(username)
    await press('Enter')

    await says(page, 'Signed in.')
    await page.getByTestId('session').waitFor()
    expect(await page.locator(':focus').getAttribute('id')).toBe('account-name')

    await page.getByRole('tab', { name: 'Sessions' }).focus()
    for (const key of ['ArrowRight', 'ArrowRight', 'Tab']) await press(key)
    await press('Tab')
    await type('Grace')
    await press('Enter')
    await says(page, 'The profile is saved.')
    expect(await page.getByTestId('account-name').textContent()).toBe('Grace')

    await page.getByRole('button', { name: 'This device' }).focus()
    await press('Enter')
    await says(page, 'You are signed out.')
    expect(await page.locator(':focus').getAttribute('id')).toBe('login-identifier')

    const before = calls.length
    await page.reload()
    await page.getByTestId('signed-out').waitFor()
    expect(calls.slice(before)).toEqual(['GET /auth/oauth'])
    expect(complaints).toEqual([])
  })

  test('a refusal stands beside its field, is tied to it and leads to its explanation', async () => {
    const { page, complaints } = await open('/test-login')
    await page.getByRole('tab', { name: 'Register' }).click()
    await page.locator('#register-email').fill('nobody')
    await page.locator('#register-password').fill(password)
    await page.getByRole('button', { name: 'Create account' }).click()
    const email = page.locator('#register-email')
    await page.locator('#register-email[aria-invalid="true"]').waitFor()

    expect(await page.locator('#register-email-error').textContent()).toMatch(/e-mail address/)
    expect(await email.getAttribute('aria-describedby')).toBe('register-email-error')
    expect(await page.locator(':focus').getAttribute('id')).toBe('register-email')

    await email.fill(somebody().email)
    await page.locator('#register-password').fill('short')
    await page.keyboard.press('Enter')
    await page.locator('#register-password[aria-invalid="true"]').waitFor()
    expect(await page.locator('#register-password-error').textContent()).toMatch(/12 characters/)
    expect(await email.getAttribute('aria-invalid')).toBe(null)
    expect(await page.locator('#register-email-error').isVisible()).toBe(false)

    const explanation = page.waitForEvent('popup')
    await page.getByTestId('register-form').locator('.form-problem a').click()
    const popup = await explanation
    expect(await popup.getByRole('heading', { level: 1 }).textContent()).not.toBe('')
    expect(new URL(popup.url()).pathname).toMatch(/^\/errors\//)
    expect(complaints).toEqual([])
  })

  test('a taken name and a wrong password are refused, a username logs in as well as an e-mail', async () => {
    const { page, complaints } = await open('/test-login')
    const ada = await register(page)
    await page.getByRole('button', { name: 'This device' }).click()
    await page.getByTestId('signed-out').waitFor()

    await page.getByRole('tab', { name: 'Register' }).click()
    await page.locator('#register-email').fill(ada.email)
    await page.locator('#register-password').fill(password)
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.locator('#register-email[aria-invalid="true"]').waitFor()

    await page.getByRole('tab', { name: 'Log in' }).click()
    await logIn(page, ada.username, 'wrong horse battery 42')
    await page.getByTestId('login-form').getByRole('alert').waitFor()
    await logIn(page, ada.username)
    await page.getByTestId('session').waitFor()
    expect(await page.getByTestId('account-email').textContent()).toBe(ada.email)
    expect(complaints).toEqual([])
  })

  test('the token is laid open, and a reload brings it back without a script having seen the cookie', async () => {
    const { page, complaints } = await open('/test-login')
    await register(page)
    const [sid, first] = [await claim(page, 'sid'), await claim(page, 'jti')]

    expect(await claim(page, 'iss')).toContain('http://localhost')
    expect(await page.getByTestId('clock-time').textContent()).toMatch(/^1[45]:\d\d$/)

    await page.getByRole('button', { name: 'Refresh now' }).click()
    await says(page, 'A new access token is here.')
    const second = await claim(page, 'jti')
    expect(second).not.toBe(first)

    await page.reload()
    await page.getByTestId('session').waitFor()
    expect(await claim(page, 'sid')).toBe(sid)
    expect(await page.evaluate('document.cookie')).toBe('')
    expect(await page.evaluate('JSON.stringify({ ...localStorage })')).not.toContain('eyJ')
    expect(complaints).toEqual([])
  })

  test('two presses at once share one refresh, and a second tab follows in and out', async () => {
    const { page, complaints, calls } = await open('/test-login')
    await register(page)
    await page.evaluate("for (const _ of '12') document.getElementById('refresh-now').click()")
    await says(page, 'A new access token is here.')
    expect(calls.filter((call) => call === 'POST /auth/refresh')).toHaveLength(1)

    const tab = await page.context().newPage()
    await tab.goto('/test-login')
    await tab.getByTestId('session').waitFor()
    expect(await claim(tab, 'sid')).toBe(await claim(page, 'sid'))
    await tab.getByRole('button', { name: 'This device' }).click()
    await page.getByTestId('signed-out').waitFor()
    expect(await page.getByTestId('raw-token').textContent()).toBe('')
    expect(complaints).toEqual([])
  })

  test('the clock runs down in amber and red; auto-refresh renews in time and exactly once', async () => {
    const { page, complaints, calls } = await openWatchedPage(browser, server.origin)
    await page.clock.install()
    await page.goto('/test-login')
    await register(page)
    const refreshes = () => calls.filter((call) => call === 'POST /auth/refresh').length
    const clock = page.getByTestId('clock')
    const tone = (name: string) => page.locator(`#clock[data-tone="${name}"]`).waitFor()
    await page.getByRole('switch', { name: 'Auto-refresh' }).uncheck()
    await tone('good')

    await page.clock.fastForward('11:00')
    await tone('warn')
    await page.clock.fastForward('03:00')
    await tone('bad')
    await page.clock.fastForward('02:00')
    await page.getByTestId('token-state').filter({ hasText: 'expired' }).waitFor()
    expect(await clock.getByTestId('clock-time').textContent()).toBe('00:00')
    expect(refreshes()).toBe(0)

    await page.getByRole('switch', { name: 'Auto-refresh' }).check()
    await tone('good')
    expect(refreshes()).toBe(1)
    await page.clock.fastForward('14:20')
    expect(refreshes()).toBe(1)
    await page.clock.fastForward('00:15')
    await tone('good')
    expect(refreshes()).toBe(2)
    expect(complaints).toEqual([])
  })

  test('sessions are listed and ended, others are logged out, and an ended page notices', async () => {
    const { page, complaints } = await open('/test-login')
    const ada = await register(page)
    const other = await open('/test-login')
    const third = await open('/test-login')
    for (const device of [other, third]) {
      await logIn(device.page, ada.email)
      await device.page.getByTestId('session').first().waitFor()
    }

    await page.getByRole('tabpanel').getByRole('button', { name: 'Reload' }).click()
    await page.getByTestId('session').nth(2).waitFor()
    expect(await page.locator('[data-testid="session"][data-current="true"]').count()).toBe(1)
    await page
      .getByRole('button', { name: /^End the session/ })
      .first()
      .click()
    await says(page, 'The session has ended.')
    await page.getByTestId('session').nth(2).waitFor({ state: 'detached' })
    expect(await page.getByTestId('session').count()).toBe(2)
    await page.getByRole('button', { name: 'Other devices' }).click()
    await says(page, 'Every other session has ended.')
    await page.getByTestId('session').nth(1).waitFor({ state: 'detached' })

    await other.page.getByRole('button', { name: 'Refresh now' }).click()
    await other.page.getByTestId('signed-out').waitFor()
    await page.getByRole('button', { name: 'End this session' }).click()
    await page.getByTestId('signed-out').waitFor()
    expect([complaints, other.complaints, third.complaints]).toEqual([[], [], []])
  })

  test('the password is changed and the account deleted, each with the password only', async () => {
    const { page, complaints } = await open('/test-login')
    const ada = await register(page)
    await page.getByRole('tab', { name: 'Password' }).click()
    await page.locator('#password-current').fill('wrong horse battery 42')
    await page.locator('#password-new').fill('another staple 7 times')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.locator('#password-current[aria-invalid="true"]').waitFor()
    await page.locator('#password-current').fill(password)
    await page.getByRole('button', { name: 'Change password' }).click()
    await says(page, 'The password is changed.')

    await page.getByRole('tab', { name: 'Delete' }).click()
    await page.locator('#delete-password').fill(password)
    await page.getByRole('button', { name: 'Delete the account' }).click()
    await page.locator('#delete-password[aria-invalid="true"]').waitFor()
    await page.locator('#delete-password').fill('another staple 7 times')
    await page.getByRole('button', { name: 'Delete the account' }).click()
    await says(page, 'The account is deleted.')

    await logIn(page, ada.email, 'another staple 7 times')
    await page.getByTestId('login-form').getByRole('alert').waitFor()
    expect(complaints).toEqual([])
  })

  test('requests are listed without secrets, and the curl line runs once they are wanted', async () => {
    const { page, complaints } = await open('/test-login')
    await register(page)
    await page.getByRole('button', { name: 'Reload' }).first().click()
    await says(page, 'Reloaded.')
    for (const entry of await page.getByTestId('request').all())
      await entry.locator('summary').click()

    const shown = await page.getByTestId('requests').textContent()
    expect(shown).toContain('/auth/register')
    expect(shown).not.toContain(password)
    expect(shown).not.toMatch(/eyJ[\w-]+\.[\w-]{20,}/)
    expect(await page.getByTestId('curl').textContent()).toContain('$ACCESS_TOKEN')

    await page.getByRole('switch', { name: 'With secrets' }).check()
    const line = String(await page.getByTestId('curl').textContent())
    const [url = '', Authorization = ''] = line.match(/(?<=')http[^']+|Bearer [^']+/g) ?? []
    const answer = await fetch(url, { headers: { Authorization } })
    expect(answer.status).toBe(200)
    expect(complaints).toEqual([])
  })

  test.each(['light', 'dark'] as const)(
    'nothing is cut off at 320 pixels (%s)',
    async (colorScheme) => {
      const { page, complaints } = await open('/test-login', {
        colorScheme,
        viewport: { width: 320, height: 700 },
      })
      const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth')
      expect(await overflow()).toBe(0)
      await register(page)
      for (const name of [/^Sessions/, /^Logins/, 'Profile', 'Password', 'Delete']) {
        await page.getByRole('tab', { name }).click()
        expect(await overflow()).toBe(0)
      }
      expect(complaints).toEqual([])
    },
  )
})
