import { describe, expect, test } from 'vitest'
import { expectForbidden, json, openForBrowsers } from './foreign-page.js'
import { expectHealthy } from './target.js'

/** C-01, C-05, C-08: the cookie, and what is taken for it. */
const cookieName = '__Host-refresh_token'

describe('the refresh cookie', async () => {
  const { target, signInWithCookie, post } = await openForBrowsers()
  let cookie: string

  test('A-183 a browser gets the refresh token where no script reads it', async () => {
    for (const site of ['same-origin', 'none']) {
      const {
        text,
        headers,
        json: grant,
      } = await target.ask('POST', '/auth/login', {
        headers: ['Sec-Fetch-Site', site],
        body: target.ada,
      })
      expect(text).not.toContain('lkr_')
      expect(grant.refresh_token).toBeUndefined()
      expect(headers['set-cookie']).toHaveLength(1)
      expect(headers['set-cookie']?.[0]).toMatch(
        /^__Host-refresh_token=lkr_[\w.-]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
      )
    }
    const program = await target.ask('POST', '/auth/login', { body: target.ada })
    expect(program.headers['set-cookie']).toBeUndefined()
  })

  test('C-05, A-044 two cookies of the name are refused where the cookie counts, and nowhere else', async () => {
    cookie = await signInWithCookie()
    const planted = `${cookieName}=lkr_AAAA.AAAA.0.AAAA`
    const same = ['Sec-Fetch-Site', 'same-origin', ...json]
    for (const both of [`${planted}; ${cookie}`, `${cookie}; ${planted}`, `${cookie}; ${cookie}`]) {
      const refused = await post('/auth/refresh', [...same, 'Cookie', both])
      expect([refused.status, refused.json.code]).toEqual([401, 'invalid_token'])
      expect((await post('/auth/login', [...same, 'Cookie', both], target.ada)).status).toBe(200)
      expect((await target.ask('GET', '/health', { headers: ['Cookie', both] })).status).toBe(200)
      expectForbidden(
        await post('/auth/refresh', ['Sec-Fetch-Site', 'cross-site', ...json, 'Cookie', both]),
      )
    }
    for (const [one, two] of [
      ['a=b', cookie],
      [cookie, 'a=b'],
    ]) {
      expect(
        (await post('/auth/refresh', [...same, 'Cookie', String(one), 'Cookie', String(two)]))
          .status,
      ).toBe(200)
      cookie = await signInWithCookie()
    }
    const split = await post('/auth/refresh', [...same, 'Cookie', cookie, 'Cookie', planted])
    expect(split.status).toBe(401)
  })

  test('C-05 other spellings of the cookie are not the cookie', async () => {
    cookie = await signInWithCookie()
    const value = cookie.slice(cookieName.length + 1)
    const forms = [
      `__host-refresh_token=${value}`,
      `refresh_token=${value}`,
      `$Version=1; $${cookie}`,
      `${cookieName}="${value}"`,
      `${cookieName} =${value}`,
      `x="; ${cookieName}=${value}"`,
      `${cookieName}=${value}%20`,
      `${cookieName}=${value.toUpperCase()}`,
    ]
    for (const form of forms) {
      const answer = await post('/auth/refresh', ['Sec-Fetch-Site', 'same-origin', 'Cookie', form])
      expect([form, answer.status]).toEqual([form, 401])
    }
    await expectHealthy(target)
  })

  test('C-08 a refused or ended session takes its cookie away with the same attributes', async () => {
    const gone = '__Host-refresh_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure'
    const same = ['Sec-Fetch-Site', 'same-origin']
    cookie = await signInWithCookie()
    expect((await post('/auth/logout', [...same, 'Cookie', cookie])).headers['set-cookie']).toEqual(
      [gone],
    )
    expect(
      (await post('/auth/refresh', [...same, 'Cookie', cookie])).headers['set-cookie'],
    ).toEqual([gone])
    expect(
      (await post('/auth/refresh', [...same, 'Cookie', 'other=1'])).headers['set-cookie'],
    ).toBeUndefined()
  })
})
