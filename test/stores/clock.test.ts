import { describe, expect, onTestFinished, test } from 'vitest'
import { measureSkew } from '../../src/lib/clock-skew.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { mongoStore } from '../../src/stores/mongo/mongo.js'
import { redisPorts } from '../../src/stores/redis/redis.js'
import { sqlStore } from '../../src/stores/sql/sql.js'
import type { Place } from '../../src/stores/store.js'
import { isReachable, openService } from '../services/services.js'

/** a place says what its clock says, to the second and whatever its time zone. */
const openers = {
  postgres: sqlStore,
  mysql: sqlStore,
  mongodb: mongoStore,
  redis: (url: string) => redisPorts(url),
} satisfies Record<string, (url: string) => { places: readonly Place[]; close(): Promise<void> }>

const kinds = ['postgres', 'mysql', 'mongodb', 'redis'] as const

describe.each(kinds)('the clock of %s', (kind) => {
  test.skipIf(!isReachable(kind))('is that of this machine, on which it runs', async () => {
    const place = openers[kind](await (await openService(kind)).fresh())
    onTestFinished(() => place.close())
    const [{ ping, now } = {}] = place.places
    await ping?.()
    if (now === undefined) throw new Error('It has no clock')
    const [right, late] = [
      await measureSkew(now, () => new Date()),
      await measureSkew(now, () => new Date(Date.now() + 60_000)),
    ]

    expect(Math.abs(right.seconds)).toBeLessThan(1)
    expect(Math.abs(late.seconds - 60)).toBeLessThan(1)
  })
})

test('a file and the memory have no clock of their own', async () => {
  const store = sqlStore('sqlite::memory:')
  await store.close()

  expect(store.places[0]).not.toHaveProperty('now')
  expect(memoryStore().places[0]).not.toHaveProperty('now')
})
