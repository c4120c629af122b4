import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  isOwnable,
  isReachable,
  type OwnService,
  openService,
} from '../../../test/services/services.js'
import { memoryStore } from '../memory/memory.js'
import { withPorts } from '../with-ports.js'
import { type RedisLimits, redisLimits, redisPorts } from './redis.js'

describe.skipIf(!isReachable('redis'))('counters in Redis', () => {
  let url: string
  let client: Redis
  beforeEach(async () => {
    url = await (await openService('redis')).fresh()
    client = new Redis(url)
  })
  afterEach(() => client.quit())
  const open = () => redisLimits(client).counters

  test('count for all who share them, and each caller is given a number of its own', async () => {
    const [one, other] = [open(), open()]
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? one : other).hit('a', 60)),
    )

    expect(answers.map(({ count }) => count).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    )
    expect(await one.hit('b', 60)).toEqual({ count: 1, resetSeconds: 60 })
  })

  test('are forgotten with their window', async () => {
    await open().hit('login:192.0.2.1', 60)
    expect(await client.pttl('latchkey:limit:login:192.0.2.1')).toBeGreaterThan(50_000)
    await client.pexpire('latchkey:limit:login:192.0.2.1', 1_500)

    expect(await open().hit('login:192.0.2.1', 60)).toEqual({ count: 2, resetSeconds: 2 })
    await client.pexpire('latchkey:limit:login:192.0.2.1', 0)
    expect(await open().hit('login:192.0.2.1', 60)).toEqual({ count: 1, resetSeconds: 60 })
  })

  test('never stay for ever: one without an end, or with one too far away, gets a new one', async () => {
    await client.set('latchkey:limit:a', '7')
    expect(await open().hit('a', 60)).toEqual({ count: 8, resetSeconds: 60 })
    await client.set('latchkey:limit:a', '7', 'EX', 86_400)
    expect(await open().hit('a', 60)).toEqual({ count: 8, resetSeconds: 60 })
    expect(await client.pttl('latchkey:limit:a')).toBeLessThanOrEqual(60_000)
  })

  test('that are no numbers are an error and no licence', async () => {
    await client.set('latchkey:limit:a', 'many')
    await client.rpush('latchkey:limit:b', 'many')
    await client.set('latchkey:limit:c', '9223372036854775807')
    for (const key of ['a', 'b', 'c']) await expect(open().hit(key, 60)).rejects.toThrow()
  })

  test.each([[null], ['OK'], [[]], [['a', 'b']], [[0, 5]], [[1, -1]], [{ count: 1 }]])(
    'an answer that makes no sense (%j) is an error and no licence',
    async (answer) => {
      const { counters } = redisLimits({ call: async () => answer })

      await expect(counters.hit('a', 60)).rejects.toThrow()
    },
  )

  test('come with the sessions too', async () => {
    const store = withPorts(memoryStore(), redisPorts(client, { allowVolatile: true }))

    expect(await store.counters?.hit('a', 60)).toEqual({ count: 1, resetSeconds: 60 })
    expect(await open().hit('a', 60)).toEqual({ count: 2, resetSeconds: 60 })
  })

  test('do not mind a Redis that forgets', async () => {
    const limits = redisLimits(client)
    await client.config('SET', 'maxmemory-policy', 'noeviction')

    expect(await limits.migrate()).toEqual([])
    expect(await limits.concerns()).toEqual([])
  })
})

describe.skipIf(!isOwnable('redis'))('a Redis for limits alone', () => {
  let server: OwnService
  let limits: RedisLimits
  beforeEach(async () => {
    server = await openService('redis', { own: true, settings: { appendonly: 'no' } })
    limits = redisLimits(server.url)
  })
  afterEach(async () => {
    await limits.close()
    await server.stop()
  })

  test('that is away at the start, or has no name, is told of and keeps nobody from starting', async () => {
    await server.stop('fast')
    for (const url of [server.url, 'redis://nobody.invalid', 'unix:///nowhere.sock']) {
      const away = redisLimits(url)
      expect(await away.migrate()).toEqual([])
      expect(await away.concerns()).toMatchObject([{ concern: expect.stringContaining('half') }])
      await expect(away.places[0]?.ping()).rejects.toMatchObject({ code: 'store_unavailable' })
      await away.close()
    }
  })

  test('that will never let us in is refused at the start', async () => {
    const { host } = new URL(server.url)
    const stranger = redisLimits(`redis://:wrong@${host}/0`)

    await expect(stranger.migrate()).rejects.toThrow('does not let us in')
    await stranger.close()
  })

  test('that hangs does not keep /health waiting', async () => {
    await limits.migrate()
    server.pause()
    const started = performance.now()
    await expect(limits.places[0]?.ping()).rejects.toMatchObject({ code: 'store_unavailable' })

    expect(performance.now() - started).toBeLessThan(1_500)
    server.resume()
  })
})
