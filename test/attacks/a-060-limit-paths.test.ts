import { afterEach, describe, expect, test } from 'vitest'
import { startTarget, type Target } from './target.js'

/** another spelling of a path is another path, or has the same limit. */
describe('A-060 tricks with paths', () => {
  let target: Target
  afterEach(() => target.close())

  const guess = async (path: string): Promise<number> => {
    const body = { email: 'ada@example.com', password: 'not the one she has' }
    return (await target.ask('POST', path, { body })).status
  }

  const tricks = [
    ...['//auth/login', '/auth//login', '/auth/login/', '/AUTH/LOGIN', '/auth/Login'],
    ...['/auth/%6cogin', '/auth/%6Cogin', '/auth/./login', '/auth/x/../login', '/auth/login;x'],
    ...['/auth/login%00', '/auth/login%20', '/auth/login%2f', '/auth/login.json', '/auth\\login'],
    ...['/v1//auth/login', '/V1/auth/login', '/v1/v1/auth/login', '/./auth/login', '/auth/login,'],
  ]

  test('lead to no login, and so past no limit', async () => {
    target = await startTarget({ limits: { login: 3 } })
    for (let tries = 0; tries < 4; tries += 1) await guess('/auth/login')

    expect(await guess('/auth/login')).toBe(429)
    for (const path of tricks) expect([path, await guess(path)]).toEqual([path, 404])
    expect(target.events.filter(({ type }) => type === 'login.failed')).toHaveLength(3)
  })

  test('are counted among all requests', async () => {
    target = await startTarget({ limits: { requests: 10 } })
    for (const path of tricks.slice(0, 10)) expect(await guess(path)).toBe(404)

    for (const path of [...tricks, '/auth/login', '/', '/nowhere'])
      expect([path, await guess(path)]).toEqual([path, 429])
    expect((await target.ask('OPTIONS', '/auth/login')).status).toBe(429)
    expect((await target.ask('PUT', '/auth/login')).status).toBe(429)
  })

  test('the twin under /v1, a query and another absolute form share the limit of the route', async () => {
    target = await startTarget({ limits: { login: 4 } })
    for (const path of ['/auth/login', '/v1/auth/login', '/auth/login?x=1', '/v1/auth/login?'])
      expect(await guess(path)).toBe(401)

    for (const path of ['/auth/login', '/v1/auth/login', '/auth/login?y', 'http://x/auth/login'])
      expect(await guess(path)).toBe(429)
  })

  test('health checks are never counted, and nothing else passes for one', async () => {
    target = await startTarget({ limits: { requests: 2 } })
    for (let times = 0; times < 9; times += 1)
      for (const path of ['/health', '/health/live', '/health/ready', '/v1/health'])
        expect((await target.ask('GET', path)).status).toBe(200)
    expect((await target.ask('GET', '/health')).headers.ratelimit).toBeUndefined()

    for (const path of ['/health/', '/health/x', '//health']) await target.ask('GET', path)
    expect((await target.ask('POST', '/health')).status).toBe(429)
    expect((await target.ask('GET', '/health')).status).toBe(200)
  })
})
