import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type StandIn, startStandIn } from '../../src/testing/stand-in/stand-in.js'
import { startServer, type TestServer } from '../servers.js'
import {
  accountId,
  beyond,
  choose,
  logins,
  out,
  overflow,
  providersOf,
  providersShown,
  signIn,
} from './social-steps.js'
import { logIn, password, register, says } from './try-it-steps.js'
import { browserPath, launchBrowser, openWatchedPage } from './watched-page.js'

/** A folder for pictures of every step, for whoever wants to look: nothing is read from them here, and each costs a tenth of a second. */
const pictures = process.env.TEST_PICTURES

describe.skipIf(!browserPath)('signing in through providers (needs chromium)', () => {
  let standIn: StandIn
  let server: TestServer
  let browser: Browser

  beforeAll(async () => {
    ;[standIn, browser] = await Promise.all([startStandIn(), launchBrowser()])
    server = await startServer({ env: providersOf(standIn) })
  })

  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    await standIn?.stop()
  })

  const open = async (options: BrowserContextOptions = {}) => {
    const watched = await openWatchedPage(browser, server.origin, options)
    await watched.page.goto('/test-login')
    await watched.page.getByTestId('provider-buttons').getByRole('button').first().waitFor()
    return { ...watched, wrong: () => beyond(watched.complaints, standIn.origin) }
  }

  test('three providers, one account with three identities; and back to fewer', async () => {
    const { page, wrong } = await open()
    await picture(page, 'signed-out')
    await signIn(page, 'Google', 'Ada Lovelace')
    await says(page, 'Signed in with Google.')
    expect(new URL(page.url()).search).toBe('')
    expect(await page.locator(':focus').getAttribute('id')).toBe('account-name')
    const id = await accountId(page)
    await logins(page, 1)
    await picture(page, 'one-login')
    await out(page)

    await signIn(page, 'GitHub', 'Ada Lovelace')
    await says(page, 'Signed in with GitHub.')
    expect(await accountId(page)).toBe(id)
    await logins(page, 2)

    await page.getByRole('button', { name: 'Link Facebook' }).click()
    await choose(page, 'Ada Lovelace')
    await says(page, 'Facebook is linked to this account.')
    await page.getByTestId('identity').nth(2).waitFor()
    expect(await providersShown(page)).toEqual(['facebook', 'github', 'google'])
    await picture(page, 'three-logins')
    await out(page)
    await signIn(page, 'Facebook', 'Ada Lovelace')
    await says(page, 'Signed in with Facebook.')
    expect(await accountId(page)).toBe(id)

    await logins(page, 3)
    for (const name of ['Facebook', 'GitHub']) {
      await page.getByRole('button', { name: `Unlink ${name}` }).click()
      await says(page, `${name} is unlinked.`)
    }
    await page.getByRole('button', { name: 'Unlink Google' }).click()
    await says(page, 'This is the last way in to the account, so it stays.')
    await picture(page, 'last-way-in')

    await page.getByRole('tab', { name: 'Password' }).click()
    await page.locator('#password-new').fill(password)
    await page.getByRole('button', { name: 'Change password' }).click()
    await says(page, 'The password is changed.')
    await page.getByRole('tab', { name: /^Logins/ }).click()
    await page.getByRole('button', { name: 'Unlink Google' }).click()
    await says(page, 'Google is unlinked.')
    await page.getByText('No login of a provider is linked.').waitFor()
    await out(page)
    await logIn(page, 'ada@gmail.com', password)
    await page.getByTestId('session').first().waitFor()
    await page.getByRole('tab', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete the account' }).click()
    await page.locator('#delete-password[aria-invalid="true"]').waitFor()
    await page.locator('#delete-password').fill(password)
    await page.getByRole('button', { name: 'Delete the account' }).click()
    await says(page, 'The account is deleted.')
    expect(wrong()).toEqual([])
  })

  test('who came in through a provider deletes the account without a password', async () => {
    const { page, wrong } = await open()
    await signIn(page, 'Google', 'Grace Hopper')
    await says(page, 'Signed in with Google.')
    await page.getByRole('tab', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete the account' }).click()
    await says(page, 'The account is deleted.')
    expect(wrong()).toEqual([])
  })

  test('who cancels is told so and can try again; the address bar keeps nothing', async () => {
    const { page, wrong } = await open()
    await signIn(page, 'Google', 'Cancel')
    await says(page, 'The sign-in was not confirmed at Google.')
    expect(page.url()).toBe(`${server.origin}/test-login`)
    await picture(page, 'cancelled')
    await signIn(page, 'Google', 'Grace Hopper')
    await says(page, 'Signed in with Google.')
    expect(wrong()).toEqual([])
  })

  test('an answer for another browser is a page that leads back to the start', async () => {
    const victim = await open()
    const thief = await open()
    let answer = ''
    thief.page.on('request', (request) => {
      if (request.url().includes('/callback?')) answer = request.url()
    })
    await signIn(thief.page, 'Google', 'Grace Hopper')
    await says(thief.page, 'Signed in with Google.')
    expect(answer).toContain('state=')

    const refused = await victim.page.goto(`${answer}&error_description=%3Cb%3Ehello%3C/b%3E`)
    expect(refused?.status()).toBe(400)
    const { page } = victim
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(
      'Sign-in not under way',
    )
    expect(await page.content()).not.toContain('hello')
    expect(await page.evaluate('getComputedStyle(document.querySelector("main")).maxWidth')).toBe(
      '544px',
    )
    await picture(page, 'refused')
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.setViewportSize({ width: 360, height: 740 })
    await picture(page, 'refused-dark-narrow')
    expect(await overflow(page)).toBe(0)

    await page.getByRole('link', { name: 'Try again' }).click()
    await choose(page, 'Grace Hopper')
    await page.waitForURL(`${server.origin}/test-login`)
    expect(victim.wrong()).toEqual([])
  })

  test('two tabs, and the way back after signing in', async () => {
    const { page, wrong } = await open()
    const tab = await page.context().newPage()
    await tab.goto('/test-login')
    await tab.getByRole('button', { name: 'Sign in with GitHub' }).click()
    await signIn(page, 'Google', 'Grace Hopper')
    await says(page, 'Signed in with Google.')
    await choose(tab, 'Grace Hopper')
    await says(tab, 'Signed in with GitHub.')
    const id = await accountId(page)
    expect(await accountId(tab)).toBe(id)

    await page.goBack() // the provider's page
    await page.goBack()
    await page.waitForURL(`${server.origin}/test-login`)
    await page.getByTestId('session').first().waitFor()
    expect(await accountId(page)).toBe(id)
    expect(wrong()).toEqual([])
  })

  test('an account with the same address: sign in and link, or take it over on purpose', async () => {
    const planted = await open()
    standIn.people.push({
      subject: '555000111',
      email: 'mary@gmail.com',
      emailVerified: true,
      firstName: 'Mary',
      lastName: 'Somerville',
      picture: null,
    })
    await register(planted.page, { email: 'mary@gmail.com', username: 'mary' })

    const { page, wrong } = await open()
    await signIn(page, 'Google', 'Mary Somerville')
    await says(page, 'There is already an account with the e-mail address that Google named.')
    await page.getByTestId('account-exists').waitFor()
    await picture(page, 'account-exists')
    await page.getByRole('button', { name: 'Take over the account' }).click()
    await choose(page, 'Mary Somerville')
    await says(page, 'Signed in with Google.')
    await out(page)
    await logIn(page, 'mary@gmail.com', password)
    await page.getByTestId('login-form').getByRole('alert').waitFor()
    await planted.page.getByRole('button', { name: 'Refresh now' }).click()
    await planted.page.getByTestId('signed-out').waitFor()
    expect([wrong(), planted.wrong()]).toEqual([[], []])
  })

  test('what anybody can write into the address is not repeated', async () => {
    const { page, wrong } = await open()
    for (const error of ['%3Cb%3Eyou+won%3C/b%3E', 'constructor', 'account_exists']) {
      await page.goto(`/test-login?error=${error}&linked=google&code=v1.x`)
      await page.getByTestId('notice').waitFor()
      expect(await page.getByTestId('notice').textContent()).not.toContain('won')
      expect(await page.getByTestId('account-exists').isVisible()).toBe(false)
      expect(new URL(page.url()).search).toBe('')
    }
    expect(wrong()).toEqual([])
  })

  test.each([
    { colorScheme: 'light', width: 360 },
    { colorScheme: 'dark', width: 360 },
    { colorScheme: 'dark', width: 1280 },
  ] as const)('looks right: $colorScheme, $width pixels', async ({ colorScheme, width }) => {
    const { page, wrong } = await open({ colorScheme, viewport: { width, height: 800 } })
    expect(await overflow(page)).toBe(0)
    await picture(page, `out-${colorScheme}-${width}`)
    await signIn(page, 'GitHub', 'Grace Hopper')
    await says(page, 'Signed in with GitHub.')
    await page.getByRole('tab', { name: /^Logins/ }).click()
    await page.getByTestId('identity').first().waitFor()
    expect(await overflow(page)).toBe(0)
    await picture(page, `in-${colorScheme}-${width}`)
    expect(wrong()).toEqual([])
  })

  test('where no cookie carries the grant, a code is fetched with a verifier of this tab', async () => {
    await server.end()
    await server.restart({ REFRESH_TOKEN_TRANSPORT: 'body' })
    try {
      const { page, calls, wrong } = await open()
      await signIn(page, 'Google', 'Grace Hopper')
      await says(page, 'Signed in with Google.')
      expect(calls).toContain('POST /auth/oauth/exchange')
      expect(calls).not.toContain('POST /auth/refresh')
      expect(page.url()).toBe(`${server.origin}/test-login`)
      expect(await page.getByTestId('raw-refresh').isVisible()).toBe(true)
      const kept = await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')
      expect(kept).toBe('{}')
      const cookies = await page.context().cookies()
      expect(cookies.map(({ name }) => name).sort()).toEqual(['known_device', 'oauth_browser'])

      await page.getByRole('tab', { name: /^Logins/ }).click()
      await page.getByRole('button', { name: 'Link Facebook' }).click()
      await choose(page, 'Grace Hopper')
      await says(page, 'This page forgot its tokens on the way')
      await picture(page, 'linked-without-tokens')
      await signIn(page, 'Facebook', 'Cancel')
      await says(page, 'The sign-in was not confirmed at Facebook.')
      expect(wrong()).toEqual([])
    } finally {
      await server.end()
      await server.restart({ REFRESH_TOKEN_TRANSPORT: 'auto' })
    }
  })

  test('the dialect envelope takes tokens of providers that are pasted', async () => {
    const spoken = await startServer({
      env: {
        ...providersOf(standIn),
        AUTH_PROFILE: 'envelope',
        SECRET_KEY: '3d8fb1a07c52e94610bd77f2a9c4e5086b1f90d3a7e24c58',
      },
    })
    try {
      const { page, complaints } = await openWatchedPage(browser, spoken.origin)
      await page.goto('/test-login')
      const box = page.getByTestId('provider-token-box')
      await box.waitFor()
      expect(await page.getByTestId('providers').isVisible()).toBe(false)
      await box.getByRole('button', { name: 'GitHub' }).click()
      await says(page, 'Paste an access token of the provider first.')
      const token = standIn.accessToken({ provider: 'github', clientId: 'try-it-github' })
      await page.getByLabel('Access token of a provider').fill(token)
      await box.getByRole('button', { name: 'Facebook' }).click()
      await page.getByTestId('notice').filter({ hasNotText: 'Paste' }).waitFor()
      await picture(page, 'pasted')
      await box.getByRole('button', { name: 'GitHub' }).click()
      await says(page, 'Signed in.')
      expect(await page.getByTestId('requests').textContent()).not.toContain(token)
      expect(complaints).toEqual([])
    } finally {
      await spoken.stop()
    }
  })

  const picture = async (page: Page, name: string): Promise<void> => {
    if (pictures === undefined) return
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
  }
})
