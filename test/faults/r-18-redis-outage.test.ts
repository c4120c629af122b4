import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { isOwnable, type OwnService, openService } from '../services/services.js'
import {
  type Answer,
  type Caller,
  createCaller,
  password,
  pause,
  refresh,
  type Sending,
  type SignedIn,
  signIn,
  signUp,
} from './calls.js'
import { rowsOf } from './database.js'
import { say } from './runs.js'

/** Redis that keeps the sessions is away or hangs: 503 in time, nothing lost, nothing cleared, healed by itself. */
describe.skipIf(!isOwnable('redis'))('sessions in Redis', () => {
  let redis: OwnService
  let server: TestServer
  let caller: Caller
  let ada: SignedIn
  beforeEach(async () => {
    redis = await openService('redis', { own: true })
    server = await startServer({
      env: { SESSION_STORE: 'redis', REDIS_URL: redis.url, LOG_LEVEL: 'warn' },
    })
    caller = createCaller(server)
    ada = await signUp(caller, 'ada@example.com')
  })
  afterEach(async () => {
    caller?.close()
    await server?.stop()
    await redis.stop()
  })

  const cookieOf = ({ headers }: Answer): string =>
    String(headers['set-cookie']?.[0]).split(';')[0] ?? ''

  /** In a browser the refresh token is a cookie. */
  const signInAsBrowser = async (): Promise<string> =>
    cookieOf(
      await caller.call('POST', '/auth/login', {
        body: { email: 'ada@example.com', password },
        headers: { origin: server.origin, 'sec-fetch-site': 'same-origin' },
      }),
    )
  const asBrowser = (cookie: string): Sending => ({
    body: {},
    headers: { cookie, origin: server.origin, 'sec-fetch-site': 'same-origin' },
  })

  /** What needs a session, and what it is to answer while there are none to be had. */
  const calls = (cookie: string): [string, string, Sending][] => [
    ['POST', '/auth/refresh', { body: { refresh_token: ada.refreshToken } }],
    ['POST', '/auth/refresh', asBrowser(cookie)],
    ['POST', '/auth/login', { body: { email: 'ada@example.com', password } }],
    ['POST', '/auth/logout', asBrowser(cookie)],
    ['GET', '/auth/me', { token: ada.accessToken }],
    ['GET', '/auth/sessions', { token: ada.accessToken }],
  ]

  const expectOutage = async (cookie: string): Promise<number> => {
    await pause(1_000) // a session that was just looked at is known for a second
    const together = [...calls(cookie), ...calls(cookie), ...calls(cookie)]
    const answers = await Promise.all(together.map((call) => caller.call(...call)))
    for (const [index, { status, body, headers, text, milliseconds }] of answers.entries()) {
      expect([status, body.code], `${together[index]?.[1]} ${text}`).toEqual([
        503,
        'store_unavailable',
      ])
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
      expect(headers['set-cookie']).toBeUndefined()
      expect(milliseconds).toBeLessThan(5_000)
    }
    return Math.round(Math.max(...answers.map(({ milliseconds }) => milliseconds)))
  }

  const expectReport = async (): Promise<void> => {
    const [health, ready, live, keys] = await Promise.all(
      ['/health', '/health/ready', '/health/live', '/.well-known/jwks.json'].map((path) =>
        caller.call('GET', path),
      ),
    )
    expect([health?.status, health?.body]).toMatchObject([
      503,
      { status: 'unhealthy', stores: { sqlite: 'connected', redis: 'unavailable' } },
    ])
    expect([ready?.status, ready?.body]).toMatchObject([
      503,
      { database: true, stores: { sqlite: true, redis: false }, migrations: true, keys: true },
    ])
    expect([live?.status, keys?.status]).toEqual([200, 200])
  }

  const expectHealed = async (cookie: string): Promise<number> => {
    const started = performance.now()
    while ((await caller.call('GET', '/health/ready')).status !== 200) await pause(20)
    const milliseconds = performance.now() - started
    expect(milliseconds).toBeLessThan(5_000)

    expect((await refresh(caller, ada.refreshToken)).status).toBe(200)
    expect((await caller.call('POST', '/auth/refresh', asBrowser(cookie))).status).toBe(200)
    expect((await caller.call('GET', '/auth/me', { token: ada.accessToken })).status).toBe(200)
    await signIn(caller, 'ada@example.com')
    const report = await caller.call('GET', '/health')
    expect(report.body).toMatchObject({ stores: { sqlite: 'connected', redis: 'connected' } })
    return Math.round(milliseconds)
  }

  test('are refused while it is away, and are there when it is back', async () => {
    const cookie = await signInAsBrowser()
    await redis.stop('fast')
    const slowest = await expectOutage(cookie)
    await expectReport()
    await redis.start()

    const healed = await expectHealed(cookie)
    say(`R-18: Redis away: 503 within ${slowest} ms, back after ${healed} ms, 0 sessions lost`)
  })

  test('are refused while it hangs, and are there when it goes on', async () => {
    const cookie = await signInAsBrowser()
    redis.pause()
    const slowest = await expectOutage(cookie)
    await expectReport()
    redis.resume()

    const healed = await expectHealed(cookie)
    say(`R-18: Redis hung: 503 within ${slowest} ms, back after ${healed} ms, 0 sessions lost`)
  })

  test('are on record all the same: nothing that was refused stands in the trail', async () => {
    await redis.stop('fast')
    for (let tries = 0; tries < 3; tries += 1) await refresh(caller, ada.refreshToken)
    await redis.start()
    while ((await caller.call('GET', '/health/ready')).status !== 200) await pause(20)
    await refresh(caller, ada.refreshToken)

    expect(
      rowsOf(server.folder, 'select type from latchkey_events order by sequence').map(
        ({ type }) => type,
      ),
    ).toEqual(['key.created', 'account.registered', 'login.succeeded', 'session.refreshed'])
  })

  test('and the server ends in time although Redis hangs', async () => {
    redis.pause()
    const started = performance.now()

    expect(await server.end()).toEqual({ code: 0, signal: null })
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
