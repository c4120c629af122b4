import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createAuth } from '../../auth.js'
import { AuthError } from '../../errors.js'
import { addSeconds } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import { memoryStore } from '../../stores/memory/memory.js'
import { createTestClock } from '../../testing/clock.js'
import { sampleSession } from '../../testing/samples.js'
import { createTestAuth } from '../../testing/test-auth.js'
import { createJanitor } from './janitor.js'
import type { SessionStore } from './store.js'

const day = 86_400

afterEach(() => {
  vi.useRealTimers()
})

/** What is done before and after each batch of the store. */
type Around = { before?: (batch: number) => unknown; after?: (removed: number) => unknown }

/** A janitor of a memory store with so many sessions that may go. */
const janitorOf = async ({
  expired = 0,
  purgeSeconds = 600,
  before,
  after,
}: { expired?: number; purgeSeconds?: number } & Around) => {
  const { sessions } = memoryStore()
  const clock = createTestClock()
  const said: string[] = []
  const insertExpired = async (count: number): Promise<void> => {
    const expiresAt = addSeconds(clock(), -2 * day)
    for (let index = 0; index < count; index += 1)
      await sessions.insert(sampleSession({ expiresAt }))
  }
  await insertExpired(expired)
  let batch = 0
  const removeExpired: SessionStore['removeExpired'] = async (...given) => {
    batch += 1
    await before?.(batch)
    const removed = await sessions.removeExpired(...given)
    after?.(removed)
    return removed
  }
  const hear = (level: string) => (_: object, message: string) => said.push(`${level} ${message}`)
  const log: Log = {
    debug: hear('debug'),
    info: hear('info'),
    warn: hear('warn'),
    error: hear('error'),
  }
  const janitor = createJanitor({
    sessions: { removeExpired },
    clock,
    log,
    settings: { purgeSeconds },
  })
  return { janitor, sessions, clock, said, insertExpired, batches: () => batch }
}

describe('a sweep', () => {
  test('takes what expired a day ago and leaves everything else', async () => {
    const { janitor, sessions, clock } = await janitorOf({})
    const at = (seconds: number) => sampleSession({ expiresAt: addSeconds(clock(), seconds) })
    const [gone, justGone, expired, live] = [at(-2 * day), at(-day), at(-day + 1), at(1)]
    const ended = { ...at(1), revokedAt: clock() }
    for (const session of [gone, justGone, expired, live, ended]) await sessions.insert(session)

    expect(await janitor.sweep()).toBe(2)
    expect(await sessions.find(gone.id)).toBeUndefined()
    expect(await sessions.find(justGone.id)).toBeUndefined()
    for (const kept of [expired, live, ended]) expect(await sessions.find(kept.id)).toEqual(kept)
    expect(await janitor.sweep()).toBe(0)
  })

  test('goes on in batches of 500 until one is not full', async () => {
    const removed: number[] = []
    const { janitor } = await janitorOf({ expired: 1200, after: (count) => removed.push(count) })

    expect(await janitor.sweep()).toBe(1200)
    expect(removed).toEqual([500, 500, 200])
  })

  test('lets others work between two batches', async () => {
    const order: string[] = []
    const { janitor } = await janitorOf({
      expired: 1001,
      before: () => {
        order.push('batch')
        setImmediate(() => order.push('others'))
      },
    })
    await janitor.sweep()

    expect(order).toEqual(['batch', 'others', 'batch', 'others', 'batch'])
  })

  test('is shared by all who ask while it goes on', async () => {
    const { janitor, batches } = await janitorOf({ expired: 700 })

    expect(await Promise.all([janitor.sweep(), janitor.sweep()])).toEqual([700, 700])
    expect(batches()).toBe(2)
  })

  test('that meets a store that is away says so, and the next one goes on', async () => {
    const { janitor } = await janitorOf({
      expired: 1200,
      before: (batch) => {
        if (batch === 2) throw new AuthError('store_unavailable')
      },
    })

    await expect(janitor.sweep()).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(await janitor.sweep()).toBe(700)
  })
})

describe('in time', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  })
  const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000)

  test('the pause is nine times as long as the batch was', async () => {
    const { janitor, batches } = await janitorOf({
      expired: 600,
      before: () => vi.advanceTimersByTime(100),
    })
    const sweep = janitor.sweep()
    await pass(0.899)
    expect(batches()).toBe(1)
    await pass(0.001)

    expect(batches()).toBe(2)
    expect(await sweep).toBe(600)
  })

  test('it sweeps by itself, once in every interval after the former sweep', async () => {
    const { janitor, insertExpired, batches } = await janitorOf({ expired: 3 })
    janitor.start()
    janitor.start()
    expect(batches()).toBe(0)
    await pass(600)
    expect(batches()).toBe(1)
    await insertExpired(2)
    await pass(600)

    expect(batches()).toBe(2)
    expect(await janitor.sweep()).toBe(0)
  })

  test('many that start together do not sweep together', async () => {
    const janitors = await Promise.all(Array.from({ length: 40 }, () => janitorOf({})))
    for (const { janitor } of janitors) janitor.start()
    await pass(300)
    const early = janitors.filter(({ batches }) => batches() === 1).length

    expect(early).toBeGreaterThan(0)
    expect(early).toBeLessThan(40)
  })

  test('with an interval of nothing it never does, but it still can by hand', async () => {
    const { janitor, batches } = await janitorOf({ expired: 3, purgeSeconds: 0 })
    janitor.start()
    await pass(10 * day)
    expect(batches()).toBe(0)

    expect(await janitor.sweep()).toBe(3)
  })

  test('a store that is away is no event: it tries again next time', async () => {
    const { janitor, said, batches } = await janitorOf({
      expired: 3,
      before: (batch) => {
        if (batch === 1) throw new AuthError('store_unavailable')
        if (batch === 2) throw new Error('a bug')
      },
    })
    janitor.start()
    await pass(1800)

    expect(batches()).toBe(3)
    expect(said).toEqual([
      'debug expired sessions could not be removed',
      'error expired sessions could not be removed',
      'debug expired sessions were removed',
    ])
  })

  test('who keeps the store busy does not keep it from being tidied up: it tries again soon', async () => {
    const { janitor, said, batches } = await janitorOf({
      expired: 3,
      before: (batch) => {
        if (batch < 4) throw new AuthError('overloaded')
      },
    })
    janitor.start()
    await pass(640)

    expect(batches()).toBe(4)
    expect(said.at(-1)).toBe('debug expired sessions were removed')
  })

  test('once stopped it neither goes on nor begins again', async () => {
    const { janitor, batches } = await janitorOf({ expired: 1200 })
    const sweep = janitor.sweep()
    await pass(0)
    await janitor.stop()
    expect(await sweep).toBe(500)
    janitor.start()
    expect(vi.getTimerCount()).toBe(0)
    await pass(1200)

    expect(batches()).toBe(1)
  })

  test('stopping waits for the batch under way', async () => {
    const order: string[] = []
    const { janitor } = await janitorOf({
      before: () => new Promise((resolve) => setTimeout(resolve, 50)),
      after: () => order.push('batch'),
    })
    const sweep = janitor.sweep()
    const stopped = janitor.stop().then(() => order.push('stopped'))
    await pass(0.05)
    await Promise.all([sweep, stopped])

    expect(order).toEqual(['batch', 'stopped'])
  })
})

describe('the auth object', () => {
  const caller = { address: '192.0.2.1' }

  test('tells what expired from what never was until a day has passed, and nobody hears of a sweep', async () => {
    const { auth, ada, clock, events } = await createTestAuth()
    const { refreshToken } = await auth.login(ada, caller)
    const heard = events.length
    clock.advance('7d')
    clock.advance('23h')

    expect(await auth.sessions.purge()).toBe(0)
    await expect(auth.refresh(refreshToken, caller)).rejects.toMatchObject({
      code: 'session_expired',
    })
    clock.advance('1h')
    expect(await auth.sessions.purge()).toBe(1)
    await expect(auth.refresh(refreshToken, caller)).rejects.toMatchObject({
      code: 'invalid_token',
    })
    expect(events).toHaveLength(heard)
  })

  test.each([
    ['sweeps by itself from when it is ready', '1m', false],
    ['does not where it is told so', '0s', true],
  ])('%s', async (_, purge, isLeft) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const store = memoryStore()
    const old = sampleSession({ expiresAt: new Date(0) })
    await store.sessions.insert(old)
    const auth = createAuth({ store, sessions: { purge } })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await store.sessions.find(old.id)).toEqual(old)
    await auth.ready()
    await vi.advanceTimersByTimeAsync(60_000)
    await auth.close()

    expect(await store.sessions.find(old.id)).toEqual(isLeft ? old : undefined)
  })

  test('sweeps no more when it is closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const store = memoryStore()
    const auth = createAuth({ store, sessions: { purge: '1m' } })
    await auth.ready()
    await auth.close()
    const old = sampleSession({ expiresAt: new Date(0) })
    await store.sessions.insert(old)
    await vi.advanceTimersByTimeAsync(120_000)

    expect(await store.sessions.find(old.id)).toEqual(old)
  })
})
