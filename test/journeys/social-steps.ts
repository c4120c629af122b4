import type { Page } from 'playwright-core'
import type { StandIn } from '../../src/testing/stand-in/stand-in.js'
import { says } from './try-it-steps.js'

/** Three providers, all of them a stand-in. */
export const providersOf = ({ origin }: StandIn): Record<string, string> => ({
  OAUTH_STAND_IN_URL: origin,
  ...Object.fromEntries(
    ['google', 'facebook', 'github'].flatMap((name) => [
      [`${name.toUpperCase()}_CLIENT_ID`, `try-it-${name}`],
      [`${name.toUpperCase()}_CLIENT_SECRET`, `try-it-${name}-secret`],
    ]),
  ),
})

export const signIn = async (page: Page, provider: string, who: string): Promise<void> => {
  await page.getByRole('button', { name: `Sign in with ${provider}` }).click()
  await choose(page, who)
}

/** On the page of the stand-in. */
export const choose = async (page: Page, who: string): Promise<void> => {
  await page.getByText('A stand-in for').first().waitFor()
  await page.getByRole('button', { name: who }).click()
}

export const out = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'This device' }).click()
  await says(page, 'You are signed out.')
}

export const logins = async (page: Page, count: number): Promise<void> => {
  await page.getByRole('tab', { name: `Logins ${count}` }).click()
  await page
    .getByTestId('identity')
    .nth(count - 1)
    .waitFor()
}

export const providersShown = async (page: Page): Promise<string[]> => {
  const shown = await page.getByTestId('identity').all()
  const names = await Promise.all(shown.map((entry) => entry.getAttribute('data-provider')))
  return names.map(String).sort()
}

export const accountId = (page: Page): Promise<string | null> =>
  page.locator('#account-facts code').textContent()

export const overflow = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth - innerWidth')

/** What the browser found wrong with pages of ours: being at the provider is what was wanted. */
export const beyond = (complaints: readonly string[], standIn: string): string[] =>
  complaints.filter((complaint) => !complaint.startsWith(`asked another origin: ${standIn}`))
