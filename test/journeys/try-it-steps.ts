import type { Page } from 'playwright-core'

/** Good enough for every policy. */
export const password = 'correct horse battery 42'
let people = 0

/** Somebody nobody has seen yet; every test has its own. */
export const somebody = () => {
  people += 1
  return { email: `ada${people}@example.com`, username: `ada${people}` }
}

/** Registers somebody new and waits until the page has shown everything about them. */
export const register = async (page: Page, { email, username } = somebody()) => {
  await page.getByRole('tab', { name: 'Register' }).click()
  const form = page.getByTestId('register-form')
  await form.getByLabel('E-mail').fill(email)
  await form.getByLabel('Password', { exact: true }).fill(password)
  await form.getByLabel('Username').fill(username)
  await form.getByRole('button', { name: 'Create account' }).click()
  await page.getByTestId('session').first().waitFor()
  return { email, username }
}

export const logIn = async (page: Page, name: string, secret = password) => {
  const form = page.getByTestId('login-form')
  await form.getByLabel('E-mail or username').fill(name)
  await form.getByLabel('Password', { exact: true }).fill(secret)
  await form.getByRole('button', { name: 'Log in' }).click()
}

/** Waits until the page says so. */
export const says = (page: Page, sentence: string) =>
  page.getByTestId('notice').filter({ hasText: sentence }).waitFor()

/** What the decoded token shows for one claim. */
export const claim = (page: Page, name: string) =>
  page.locator(`#token-claims [data-claim="${name}"] dd`).first().textContent()
