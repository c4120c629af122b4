import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { canStartRedis, type RedisServer, startRedis } from '../../../test/redis-server.js'
import { storeContract } from '../../testing/store-contract.js'
import { memoryStore } from '../memory/memory.js'
import { sqlStore } from '../sql/sql.js'
import type { Store } from '../store.js'
import { withPorts } from '../with-ports.js'
import { redisPorts } from './redis.js'

/** The contract of sessions on a real server, beside a store that keeps the rest. Transactions are no word of Redis. */
const folder = mkdtempSync(join(tmpdir(), 'latchkey-redis-'))
const parts = ['users', 'sessions', 'keys', 'events'] as const

describe.runIf(canStartRedis)('with a Redis server', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(async () => {
    await redis.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  let places = 0
  /** Redis and a file, both empty, opened by so many at once. */
  const open = (instances: number, rest: (place: number) => Store): Store[] => {
    places += 1
    const prefix = `place ${places}:`
    return Array.from({ length: instances }, () =>
      withPorts(rest(places), redisPorts(redis.url, { prefix })),
    )
  }
  const file = (place: number): Store => sqlStore(`sqlite:${join(folder, `${place}.db`)}`)

  storeContract('memory, sessions in redis', () => open(1, memoryStore), { describe, test, parts })
  storeContract('sqlite, sessions in redis', () => open(1, file), { describe, test, parts })
  storeContract('sqlite, sessions in redis, two instances', () => open(2, file), {
    describe,
    test,
    parts,
  })
})
