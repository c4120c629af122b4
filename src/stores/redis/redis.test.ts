import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { isReachable, openService } from '../../../test/services/services.js'
import { storeContract } from '../../testing/store-contract.js'
import { memoryStore } from '../memory/memory.js'
import { sqlStore } from '../sql/sql.js'
import type { Store } from '../store.js'
import { withPorts } from '../with-ports.js'
import { redisPorts } from './redis.js'

/** The contract of sessions on a real server, beside a store that keeps the rest. Transactions are no word of Redis. */
const folder = mkdtempSync(join(tmpdir(), 'latchkey-redis-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let places = 0
const emptyFile = (): string => {
  places += 1
  return `sqlite:${join(folder, `${places}.db`)}`
}

/** Opened by so many at once. A server that somebody gave us for tests need not be fit for more. */
const open = async (instances: number, rest: () => Store): Promise<Store[]> => {
  const url = await (await openService('redis')).fresh()
  return Array.from({ length: instances }, () =>
    withPorts(rest(), redisPorts(url, { allowVolatile: true })),
  )
}

const runner = { describe, test, parts: ['users', 'sessions', 'keys', 'events'] } as const

describe.skipIf(!isReachable('redis'))('redis', () => {
  storeContract('memory, sessions in redis', () => open(1, memoryStore), runner)

  storeContract(
    'sqlite, sessions in redis',
    () => {
      const place = emptyFile()
      return open(1, () => sqlStore(place))
    },
    runner,
  )

  storeContract(
    'sqlite, sessions in redis, two instances',
    () => {
      const place = emptyFile()
      return open(2, () => sqlStore(place))
    },
    runner,
  )
})
