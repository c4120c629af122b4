import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { isOwnable, type OwnService, openService } from '../services/services.js'
import { type Caller, createCaller, pause } from './calls.js'
import { say } from './runs.js'

/** Redis that only counts is away or hangs: half of each limit in each process, never none, never closed to all. */
describe.skipIf(!isOwnable('redis'))('limits in Redis', () => {
  let redis: OwnService
  let servers: TestServer[]
  let callers: Caller[]
  const env = (url: string) => ({
    REDIS_URL: url,
    RATE_LIMIT_REQUESTS: '1000',
    RATE_LIMIT_LOGIN: '7',
    RATE_LIMIT_REFRESH: '100',
    TRUSTED_PROXIES: '127.0.0.1',
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'json',
  })
  beforeEach(async () => {
    redis = await openService('redis', { own: true, settings: { appendonly: 'no' } })
    servers = [
      await startServer({ env: env(redis.url) }),
      await startServer({ env: env(redis.url) }),
    ]
    callers = servers.map((server) => createCaller(server))
  })
  afterEach(async () => {
    for (const caller of callers) caller.close()
    for (const server of servers) await server.stop()
    await redis.stop()
  })

  /** How many of so many wrong logins from one address are looked at; one after the other on both servers in turn. */
  const guess = async (
    address: string,
    tries: number,
    on: readonly Caller[],
  ): Promise<number[]> => {
    const seen = on.map(() => 0)
    for (let count = 0; count < tries; count += 1) {
      const { status, headers } = await login(on[count % on.length], address)
      expect([401, 429]).toContain(status)
      if (status === 401) seen[count % on.length] = (seen[count % on.length] ?? 0) + 1
      else expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    }
    return seen
  }

  let strangers = 0
  const login = (caller: Caller | undefined, address: string) => {
    if (caller === undefined) throw new Error('There is no such server')
    strangers += 1 // an account each, so that nothing but the limit stops them
    return caller.call('POST', '/auth/login', {
      body: { email: `nobody${strangers}@example.com`, password: 'not the one' },
      headers: { 'x-forwarded-for': address },
    })
  }

  const health = async (): Promise<unknown[]> =>
    Promise.all(
      callers.map(async (caller) => {
        const [report, ready] = await Promise.all(
          ['/health', '/health/ready'].map((path) => caller.call('GET', path)),
        )
        return [report?.status, report?.body.stores, ready?.status, ready?.body.stores]
      }),
    )
  const both = (word: string, up: boolean) =>
    Array(2).fill([200, { sqlite: 'connected', redis: word }, 200, { sqlite: true, redis: up }])

  const gone = 'the shared rate limits cannot be reached'
  const back = 'the shared rate limits can be reached again'
  const timesSaid = (server: TestServer, sentence: string): number =>
    server.log().split(sentence).length - 1

  const expectBack = async (): Promise<number> => {
    const started = performance.now()
    while (!servers.every((server) => timesSaid(server, back) === 1)) {
      expect(performance.now() - started).toBeLessThan(5_000)
      for (const caller of callers) await caller.call('GET', '/auth/me')
      await pause(20)
    }
    const milliseconds = Math.round(performance.now() - started)
    const seen = await guess('192.0.2.200', 20, callers)
    expect((seen[0] ?? 0) + (seen[1] ?? 0)).toBe(7)
    expect(await health()).toEqual(both('connected', true))
    return milliseconds
  }

  const expectHalves = async (): Promise<number> => {
    const started = performance.now()
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => callers[index % 2]?.call('GET', '/auth/me')),
    )
    const first = Math.round(performance.now() - started)
    expect(first).toBeLessThan(3_000)
    expect(await guess('192.0.2.101', 30, callers)).toEqual([4, 4])
    expect(await guess('192.0.2.102', 10, callers.slice(0, 1))).toEqual([4])
    expect(await health()).toEqual(both('unavailable', false))
    for (const server of servers) {
      expect(timesSaid(server, gone)).toBe(1)
      expect(server.log()).not.toContain(new URL(redis.url).password)
    }
    return first
  }

  test('count together, and at half in each process while it is away', async () => {
    const seen = await guess('192.0.2.100', 30, callers)
    expect((seen[0] ?? 0) + (seen[1] ?? 0)).toBe(7)
    expect(await health()).toEqual(both('connected', true))
    await redis.stop('fast')
    const first = await expectHalves()
    await redis.start()

    const again = await expectBack()
    say(`R-18: limits, Redis away: first 40 answers in ${first} ms, shared again after ${again} ms`)
  })

  test('wait for a Redis that hangs once and no more, and share again when it goes on', async () => {
    redis.pause()
    const first = await expectHalves()
    redis.resume()

    const again = await expectBack()
    say(`R-18: limits, Redis hung: first 40 answers in ${first} ms, shared again after ${again} ms`)
  })

  test('do not keep a server from starting while it is away, nor from ending while it hangs', async () => {
    await redis.stop('fast')
    await servers[0]?.kill()
    await servers[0]?.restart()
    expect(await guess('192.0.2.103', 10, callers.slice(0, 1))).toEqual([4])
    expect(servers[0]?.log()).toMatch(/"warning":"store".*Redis does not answer/)
    await redis.start()
    await expectBack()
    redis.pause()

    expect(await servers[0]?.end()).toEqual({ code: 0, signal: null })
    redis.resume()
  })
})
