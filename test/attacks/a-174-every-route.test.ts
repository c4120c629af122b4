import { describe, expect, test } from 'vitest'
import { routesOf } from '../../src/http/routes.js'
import { app, base, expectForbidden, json, openForBrowsers } from './foreign-page.js'

/** C-02, C-03, C-06: whatever changes something, asked by every kind of page. */
type Sign = { said: readonly string[]; passes: boolean }

/** What a browser says of the page that asks, and whether it is one of ours. */
const signs: readonly Sign[] = [
  { said: ['Sec-Fetch-Site', 'same-origin'], passes: true },
  { said: ['Sec-Fetch-Site', 'same-origin', 'Origin', base], passes: true },
  { said: ['Sec-Fetch-Site', 'none'], passes: true },
  { said: ['Sec-Fetch-Site', 'same-site', 'Origin', app], passes: true },
  { said: ['Sec-Fetch-Site', 'cross-site', 'Origin', app], passes: true },
  { said: ['Origin', base], passes: true },
  { said: ['Origin', app], passes: true },
  { said: ['Sec-Fetch-Site', 'same-site'], passes: false },
  { said: ['Sec-Fetch-Site', 'same-site', 'Origin', base], passes: false },
  { said: ['Sec-Fetch-Site', 'same-site', 'Origin', 'https://www.example.com'], passes: false },
  { said: ['Sec-Fetch-Site', 'cross-site'], passes: false },
  { said: ['Sec-Fetch-Site', 'cross-site', 'Origin', base], passes: false },
  { said: ['Sec-Fetch-Site', 'cross-site', 'Origin', 'null'], passes: false },
  { said: ['Sec-Fetch-Site', 'cross-site', 'Origin', 'https://evil.example'], passes: false },
  { said: ['Sec-Fetch-Site', 'cross-site', 'X-Requested-With', 'fetch'], passes: false },
  { said: ['Sec-Fetch-Site', 'of-another-time'], passes: false },
  { said: ['Origin', 'null'], passes: false },
  { said: ['Origin', 'https://evil.example'], passes: false },
  // neither header: no browser of today. With a cookie it needs what a form cannot send
  { said: json, passes: true },
  { said: ['X-Requested-With', 'fetch'], passes: true },
  { said: [], passes: false },
  { said: ['Content-Type', 'text/plain'], passes: false },
  { said: ['Content-Type', 'application/x-www-form-urlencoded'], passes: false },
  { said: ['Content-Type', 'multipart/form-data; boundary=x'], passes: false },
]

describe('every route that changes something', async () => {
  const { target, signInWithCookie } = await openForBrowsers()
  const cookie = await signInWithCookie()
  const all = routesOf(target.auth).filter(({ method }) => method !== 'GET')
  const changing = all.filter(({ anyOrigin }) => !anyOrigin)
  const titles = changing.map(({ method, path }) => [`${method} ${path}`, method, path] as const)

  test('there are as many as the table says', () => {
    expect(changing.length).toBeGreaterThanOrEqual(8)
  })

  test('one changes nothing and may be sent by anybody: it takes the browser on to an address', () => {
    const others = all.filter(({ anyOrigin }) => anyOrigin)
    expect(others.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /auth/oauth/{provider}/callback',
    ])
  })

  test.each(titles)('%s', async (_, method, path) => {
    const real = path.replace(/\{\w+\}/g, '01890a5d-ac96-7000-8000-000000000000')
    for (const { said, passes } of signs) {
      const answer = await target.ask(method, real, {
        headers: [...said, 'Cookie', cookie],
        body: '',
      })
      if (passes) expect([said, answer.json?.code]).not.toEqual([said, 'origin_not_allowed'])
      else expectForbidden(answer)
    }
  })

  test('what only reads has no need to know who asks, and takes no cookie', async () => {
    const reading = routesOf(target.auth).filter(({ method }) => method === 'GET')
    for (const { path, access } of reading) {
      expect([path, access.startsWith('refresh token')]).toEqual([path, false])
      const real = path.replace(/\{\w+\}/g, 'x')
      const [without, withCookie] = [
        await target.ask('GET', real, { headers: ['Sec-Fetch-Site', 'cross-site'] }),
        await target.ask('GET', real, {
          headers: ['Sec-Fetch-Site', 'cross-site', 'Cookie', cookie],
        }),
      ]
      expect([path, withCookie.status]).toEqual([path, without.status])
    }
  })
})
