import { describe, expect, test } from 'vitest'
import { app, base, expectForbidden, json, openForBrowsers } from './foreign-page.js'

/** C-02 to C-07: what another site can make a browser send. */
describe('requests another site makes a browser send', async () => {
  const { target, signInWithCookie, post } = await openForBrowsers()
  let cookie: string

  test('A-174, A-176, C-06 refresh, logout, login and register from a foreign page', async () => {
    cookie = await signInWithCookie()
    const signs = [
      ['Sec-Fetch-Site', 'cross-site'],
      ['Sec-Fetch-Site', 'same-site'],
      ['Sec-Fetch-Site', 'SAME-ORIGIN'],
      ['Sec-Fetch-Site', ''],
      ['Sec-Fetch-Site', 'same-origin, cross-site'],
      ['Sec-Fetch-Site', 'cross-site', 'Origin', base],
      ['Sec-Fetch-Site', 'cross-site', 'Origin', 'null'],
      ['Sec-Fetch-Site', 'same-site', 'Origin', 'https://other.example.com'],
      ['Origin', 'null'],
      ['Origin', 'https://evil.example'],
      ['Origin', ''],
      ['Sec-Fetch-Site', 'cross-site', 'X-Requested-With', 'x'],
    ]
    for (const sign of signs) {
      for (const path of ['/auth/refresh', '/auth/logout'])
        expectForbidden(await post(path, [...sign, ...json, 'Cookie', cookie]))
      expectForbidden(await post('/auth/login', sign, target.ada))
      expectForbidden(
        await post('/auth/register', sign, {
          email: 'x@example.org',
          password: 'correct horse battery',
        }),
      )
    }
    expect(
      (await post('/auth/refresh', ['Sec-Fetch-Site', 'same-origin', 'Cookie', cookie])).status,
    ).toBe(200)
  })

  test('A-177 origins that look like a listed one', async () => {
    const cousins = [
      'https://app.example.com.evil.com',
      'https://evilapp.example.com',
      'http://app.example.com',
      `${app}:8443`,
      `${app}:443`,
      'https://APP.example.com',
      `${app}/`,
      `${app}.`,
      ` ${app} x`,
      `${app}, ${app}`,
      `${app}#`,
      'https://app.example.com@evil.com',
      'https://xn--pp-eka.example.com',
      '*',
      'https://*.example.com',
      'file://',
      'https://',
      `${base}.evil.com`,
      'http://id.example.com',
    ]
    for (const origin of cousins) {
      expectForbidden(
        await post('/auth/login', ['Origin', origin, 'Sec-Fetch-Site', 'cross-site'], target.ada),
      )
      expectForbidden(await post('/auth/login', ['Origin', origin], target.ada))
      const read = await target.ask('GET', '/auth/me', { headers: ['Origin', origin] })
      expect(read.headers['access-control-allow-origin']).toBeUndefined()
      expect(read.headers.vary).toContain('Origin')
    }
  })

  test('A-178 a listed origin of one request opens nothing for another in flight', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        target.ask('GET', '/auth/me', {
          headers: ['Origin', index % 2 ? app : 'https://evil.example'],
        }),
      ),
    )
    answers.forEach(({ headers }, index) => {
      expect(headers['access-control-allow-origin']).toBe(index % 2 ? app : undefined)
    })
  })

  test('A-179 a preflight opens the door for listed origins only, and only for named headers', async () => {
    const preflight = (origin: string) =>
      target.ask('OPTIONS', '/auth/login', {
        headers: [
          'Origin',
          origin,
          'Access-Control-Request-Method',
          'POST',
          'Access-Control-Request-Headers',
          'x-evil, content-type',
        ],
      })
    for (const origin of ['https://evil.example', 'null', base.replace('id', 'ID')]) {
      const names = Object.keys((await preflight(origin)).headers).filter((name) =>
        name.startsWith('access-control'),
      )
      expect(names).toEqual([])
    }
    const { status, headers } = await preflight(app)
    expect([
      status,
      headers['access-control-allow-origin'],
      headers['access-control-allow-credentials'],
    ]).toEqual([204, app, 'true'])
    expect(headers['access-control-allow-headers']).not.toMatch(/evil|\*/)
    expect(headers['access-control-allow-methods']).not.toContain('*')
  })

  test('A-179 the public key set is open to everybody, once', async () => {
    for (const origin of [app, 'https://evil.example']) {
      const { headers, rawHeaders } = await target.ask('GET', '/.well-known/jwks.json', {
        headers: ['Origin', origin],
      })
      expect(headers['access-control-allow-origin']).toBe('*')
      expect(rawHeaders.filter((name) => name === 'access-control-allow-origin')).toHaveLength(1)
      expect(headers['access-control-allow-credentials']).toBeUndefined()
    }
  })

  test('C-02 a cookie without any sign of its page needs what a form cannot send', async () => {
    cookie = await signInWithCookie()
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      expectForbidden(
        await target.ask('POST', '/auth/logout', {
          headers: ['Cookie', cookie, 'Content-Type', type],
          body: '{}',
        }),
      )
    }
    expectForbidden(await target.ask('POST', '/auth/logout', { headers: ['Cookie', cookie] }))
    expect(
      (
        await target.ask('POST', '/auth/logout', {
          headers: ['Cookie', cookie, 'X-Requested-With', 'x'],
        })
      ).status,
    ).toBe(204)
  })

  test('C-03, A-046, A-077, A-186 state changes by POST only', async () => {
    cookie = await signInWithCookie()
    for (const path of [
      '/auth/refresh',
      '/auth/logout',
      '/auth/login',
      '/auth/register',
      '/v1/auth/logout',
    ]) {
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'TRACE']) {
        const { status, headers } = await target.ask(method, path, {
          headers: ['Cookie', cookie, 'Sec-Fetch-Site', 'cross-site'],
        })
        expect([method, path, status, headers.allow]).toEqual([method, path, 405, 'POST, OPTIONS'])
        expect(headers['set-cookie']).toBeUndefined()
      }
    }
    expect(
      (await post('/auth/refresh', ['Sec-Fetch-Site', 'same-origin', 'Cookie', cookie])).status,
    ).toBe(200)
  })

  test('A-185 no header or parameter changes the method', async () => {
    for (const name of [
      'X-HTTP-Method-Override',
      'X-HTTP-Method',
      'X-Method-Override',
      '_method',
    ]) {
      expect((await target.ask('GET', '/auth/logout', { headers: [name, 'POST'] })).status).toBe(
        405,
      )
      expect((await target.ask('GET', '/auth/logout?_method=POST', {})).status).toBe(405)
      expect(
        (await target.ask('POST', '/auth/login', { headers: [name, 'GET'], body: target.ada }))
          .status,
      ).toBe(200)
    }
  })
})
