import { afterEach, describe, expect, test } from 'vitest'
import { startTarget, type Target } from './target.js'

/** A-065 as far as addresses go, and A-099: one address tries little, however many accounts there are. */
describe('many accounts from one address', () => {
  let target: Target
  afterEach(() => target.close())

  test('A-065 one password on 500 accounts: five are tried in a minute', async () => {
    target = await startTarget({ limits: {}, http: { trustedProxies: ['127.0.0.1'] } })
    const statuses: number[] = []
    for (let account = 0; account < 500; account += 1) {
      const body = { email: `user${account}@example.com`, password: 'Winter2026!!' }
      const headers = ['X-Forwarded-For', `2001:db8:1:2::${account.toString(16)}`]
      statuses.push((await target.ask('POST', '/auth/login', { headers, body })).status)
    }

    expect(statuses.filter((status) => status === 401)).toHaveLength(5)
    expect(statuses.filter((status) => status === 429)).toHaveLength(495)
    expect(target.events.filter(({ type }) => type === 'login.failed')).toHaveLength(5)
  })

  test('A-099 which names are taken is asked five times in a minute and no more', async () => {
    target = await startTarget({ limits: {} })
    const statuses: number[] = []
    for (let name = 0; name < 20; name += 1) {
      const body = { email: 'ada@example.com', password: 'a long and winding road', username: 'x' }
      statuses.push((await target.ask('POST', '/auth/register', { body })).status)
    }

    expect(statuses.filter((status) => status !== 429)).toHaveLength(5)
    target.clock.advance('1m')
    const body = { email: 'ada@example.com', password: 'a long and winding road' }
    expect((await target.ask('POST', '/auth/register', { body })).status).toBe(409)
  })

  test('A-045 refresh tokens are guessed 300 times in a minute and no more', async () => {
    target = await startTarget({ limits: { requests: 0 } })
    let unlimited = 0
    for (let tries = 0; tries < 310; tries += 1) {
      const body = { refresh_token: `made-up-${tries}` }
      if ((await target.ask('POST', '/auth/refresh', { body })).status !== 429) unlimited += 1
    }

    expect(unlimited).toBe(300)
  })

  test('A-066 strangers behind an address do not use up the logins of a device that is known there', async () => {
    target = await startTarget({ limits: {} })
    const first = await target.ask('POST', '/auth/login', { body: target.ada })
    const cookies = (first.headers['set-cookie'] ?? []).map((text) => text.split(';')[0] ?? '')
    const cookie = cookies.find((text) => text.startsWith('known_device=')) ?? ''
    const signIn = async (sent: string): Promise<number> => {
      const headers = ['Cookie', sent, 'Sec-Fetch-Site', 'same-origin']
      return (await target.ask('POST', '/auth/login', { headers, body: target.ada })).status
    }
    for (let tries = 0; tries < 20; tries += 1) {
      const body = { email: `user${tries}@example.com`, password: 'Winter2026!!' }
      await target.ask('POST', '/auth/login', { body })
    }

    expect(await signIn('theme=dark')).toBe(429)
    for (const forged of [
      `${cookie}x`,
      cookie.toUpperCase(),
      `${cookie}; ${cookie}`,
      'known_device=a.b',
    ])
      expect([forged, await signIn(forged)]).toEqual([forged, 429])
    for (let times = 0; times < 5; times += 1) expect(await signIn(cookie)).toBe(200)
    expect(await signIn(cookie)).toBe(429)
  })
})
