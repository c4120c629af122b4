import { afterAll, expect, test } from 'vitest'
import { json, openForBrowsers } from './foreign-page.js'
import { startTarget } from './target.js'

/** S-47: who signs out can have the browser forget what it keeps of this origin. */
const everything = '"cache", "cookies", "storage"'
const target = await startTarget({ http: { clearSiteData: true } })
afterAll(() => target.close())

test('S-47 signing out clears the site, and nothing else does', async () => {
  const { access, refresh } = await target.signIn()
  const others = { body: { scope: 'others' }, token: access }
  const clears = async (path: string, sent: object) => {
    const { headers } = await target.ask('POST', path, sent)
    return headers['clear-site-data']
  }

  expect(await clears('/auth/logout', others)).toBeUndefined()
  expect(await clears('/auth/logout', { body: { refresh_token: 'no token' } })).toBeUndefined()
  expect(await clears('/auth/refresh', { body: { refresh_token: 'no token' } })).toBeUndefined()
  expect(await clears('/auth/logout', { body: { refresh_token: refresh } })).toBe(everything)
})

test('S-47 it is not done unless asked for', async () => {
  const { post, signInWithCookie } = await openForBrowsers()
  const own = ['Sec-Fetch-Site', 'same-origin', 'Cookie', await signInWithCookie()]
  const { status, headers } = await post('/auth/logout', [...own, ...json], {})

  expect([status, headers['clear-site-data']]).toEqual([204, undefined])
})
