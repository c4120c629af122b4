import { expect, test } from 'vitest'
import { startStandIn } from '../../src/testing/stand-in/stand-in.js'
import { startServer } from '../servers.js'
import { beyond, logins, signIn } from './social-steps.js'
import { says } from './try-it-steps.js'
import { browserPath, launchBrowser, openWatchedPage } from './watched-page.js'

/**
 * Apple posts its answer from its own site, and a browser sends no SameSite=Lax cookie with that. Here the provider is
 * another site than the server, as in life: 127.0.0.1 beside localhost.
 */
test.skipIf(!browserPath)('Apple: an answer that another site posts (needs chromium)', async () => {
  const standIn = await startStandIn()
  const elsewhere = standIn.origin.replace('localhost', '127.0.0.1')
  const { teamId, keyId, privateKey } = standIn.appleKey
  const server = await startServer({
    env: {
      OAUTH_STAND_IN_URL: elsewhere,
      APPLE_CLIENT_ID: 'com.example.web',
      APPLE_TEAM_ID: teamId,
      APPLE_KEY_ID: keyId,
      APPLE_PRIVATE_KEY: privateKey,
    },
  })
  const browser = await launchBrowser()
  try {
    const { page, complaints } = await openWatchedPage(browser, server.origin)
    const posted = page.waitForRequest(
      (request) => request.method() === 'POST' && /callback$/.test(request.url()),
    )
    await page.goto('/test-login')
    await signIn(page, 'Apple', 'Grace Hopper')
    expect((await (await posted).response())?.status()).toBe(303)
    await says(page, 'Signed in with Apple.')
    await logins(page, 1)
    expect(beyond(complaints, elsewhere)).toEqual([])
  } finally {
    await browser.close()
    await server.stop()
    await standIn.stop()
  }
})
