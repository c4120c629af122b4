import { describe, expect, test } from 'vitest'
import { expectForbidden, json, openForBrowsers } from './foreign-page.js'
import { expectHealthy } from './target.js'

/** C-01, C-05, C-08: the cookies, and what is taken for them. */
const cookieName = '__Host-refresh_token'

const deviceCookie =
  /^__Host-known_device=[\w.-]{1,300}; Max-Age=15552000; Path=\/; HttpOnly; SameSite=Lax; Secure$/

describe('the cookies', async () => {
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
      expect(headers['set-cookie']).toHaveLength(2)
      expect(headers['set-cookie']?.[0]).toMatch(
        /^__Host-refresh_token=lkr_[\w.-]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
      )
    }
    const program = await target.ask('POST', '/auth/login', { body: target.ada })
    expect(program.headers['set-cookie']).toEqual([expect.stringMatching(deviceCookie)])
  })

  test('C-01, C-08 a device is known by a cookie, whatever way its refresh token goes', async () => {
    const grace = { email: 'grace@example.com', password: 'penny lane is in my ears' }
    const answers = [
      await target.ask('POST', '/auth/register', { body: grace }),
      await post('/auth/register', ['Sec-Fetch-Site', 'none'], {
        ...grace,
        email: 'g@example.com',
      }),
      await target.ask('POST', '/auth/login', { body: grace }),
      await post('/auth/login', ['Sec-Fetch-Site', 'none'], grace),
    ]
    for (const { headers, text } of answers) {
      const [cookie = ''] = (headers['set-cookie'] ?? []).filter((one) => one.includes('device'))
      expect(cookie).toMatch(deviceCookie)
      expect(cookie.length).toBeLessThan(500)
      expect(text).not.toContain('device')
    }
  })

  test('C-01 the cookie of a device lets nobody in', async () => {
    const { headers } = await target.ask('POST', '/auth/login', { body: target.ada })
    const [device = ''] = (headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0] ?? '')
    for (const path of ['/auth/refresh', '/auth/logout']) {
      const answer = await target.ask('POST', path, { headers: ['Cookie', device] })
      expect([path, answer.status, answer.json.code]).toEqual([path, 401, 'missing_token'])
    }
    const me = await target.ask('GET', '/auth/me', { headers: ['Cookie', device] })
    expect(me.status).toBe(401)
    const asToken = { body: { refresh_token: device.slice(device.indexOf('=') + 1) } }
    expect((await target.ask('POST', '/auth/refresh', asToken)).status).toBe(401)
    const wrong = { ...target.ada, password: 'not this one' }
    expect((await post('/auth/login', [...json, 'Cookie', device], wrong)).status).toBe(401)
  })

  test('C-05 a device that is named twice is none, and one that signed in keeps its name', async () => {
    const login = async (cookie: string) => {
      const { headers, status } = await post('/auth/login', [...json, 'Cookie', cookie], target.ada)
      expect(status).toBe(200)
      return headers['set-cookie']?.at(-1)?.split(';')[0] ?? ''
    }
    const idOf = (cookie: string) => cookie.split('.')[1]
    const [first, second] = [await login('a=b'), await login('a=b')]

    expect(idOf(await login(first))).toBe(idOf(first))
    for (const cookies of [`${first}; ${second}`, `${first}; ${first}`, `${first}x`])
      expect([idOf(first), idOf(second)]).not.toContain(idOf(await login(cookies)))
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
