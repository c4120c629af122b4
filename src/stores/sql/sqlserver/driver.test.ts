import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type StandIn, serverError, standIn } from '../../../../test/sqlserver/stand-in.js'
import { fullLine } from '../../../../test/stores/full-line.js'
import { sampleEvent, sampleKey, sampleSession } from '../../../testing/samples.js'
import type { Store } from '../../store.js'
import { storeOn } from '../store-on.js'
import { readSqlUrl } from '../url.js'
import { sqlserverDialectOn, sqlserverUrl } from './sqlserver.js'

const address = readSqlUrl('sqlserver://sa@db.example/l]k?timeout=1', sqlserverUrl)

let folder: string
let engine: StandIn
let store: Store
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-sqlserver-'))
  engine = standIn(join(folder, 'a.db'))
  store = storeOn(sqlserverDialectOn(address, engine.open))
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

/** Throws at the statement that begins so, as often as it is told. */
const failAt = (beginning: string, error: Error, times = 1) => {
  let left = times
  engine.onAsk = (sql) => {
    if (!sql.startsWith(beginning) || left === 0) return
    left -= 1
    throw error
  }
}

fullLine('sqlserver', async () =>
  storeOn(sqlserverDialectOn({ ...address, pool: 1 }, engine.open), { queue: 2 }),
)

describe('a transaction', () => {
  beforeEach(() => store.migrate())

  test.each([1205, 1222, 3960])(
    'that another was in the way of (%i) is run again',
    async (number) => {
      failAt('insert into "latchkey_events"', serverError(number), 3)
      let runs = 0
      await store.transaction(async ({ events, sessions }) => {
        runs += 1
        await sessions.insert(sampleSession({ userId: 'ada' }))
        await events.append(sampleEvent())
      })

      expect(runs).toBe(4)
      expect(await store.events.list({ limit: 9 })).toHaveLength(1)
      expect(
        await store.sessions.listLive({ userId: 'ada', now: new Date(0), limit: 9 }),
      ).toHaveLength(1)
    },
  )

  test('that always has another in its way is unavailable', async () => {
    failAt('insert into "latchkey_events"', serverError(1205), 1000)

    await expect(store.events.append(sampleEvent())).rejects.toMatchObject({
      code: 'store_unavailable',
    })
  })

  test('whose work swallows an error does nothing, also of what came after', async () => {
    failAt('insert into "latchkey_sessions"', serverError(547, 16))
    const outcome = store.transaction(async ({ sessions, keys }) => {
      await keys.append(sampleKey(1))
      await sessions.insert(sampleSession()).catch(() => {})
      await keys.append(sampleKey(2)).catch(() => {})
    })

    await expect(outcome).rejects.toMatchObject({ number: 547 })
    expect(await store.keys.list()).toEqual([])
  })

  test('whose work swallows a deadlock writes nothing outside of itself', async () => {
    failAt('insert into "latchkey_sessions"', serverError(1205))
    const appended: boolean[][] = []
    await store.transaction(async ({ sessions, keys }) => {
      const first = await keys.append(sampleKey(1))
      await sessions.insert(sampleSession()).catch(() => {})
      appended.push([first, await keys.append(sampleKey(2))])
    })

    expect(appended).toEqual([[true, true]])
  })

  test('goes on after a taken value, under both numbers of it', async () => {
    for (const number of [2627, 2601]) {
      failAt('insert into "latchkey_keys"', serverError(number))
      await store.transaction(async ({ keys, events }) => {
        expect(await keys.append(sampleKey(1))).toBe(false)
        await events.append(sampleEvent())
      })
    }

    expect(await store.events.list({ limit: 9 })).toHaveLength(2)
  })

  test('in which the connection is lost is unavailable, and the next one gets another', async () => {
    failAt('commit', Object.assign(new Error('lost'), { code: 'ESOCKET' }))

    await expect(store.keys.append(sampleKey(1))).rejects.toMatchObject({
      code: 'store_unavailable',
    })
    expect(await store.keys.append(sampleKey(1))).toBe(true)
  })
})

test('a session is not used again after a time-out, a server that ends it, a full disk', async () => {
  await store.migrate()
  for (const error of [
    Object.assign(new Error('too late'), { code: 'ETIMEOUT' }),
    serverError(596, 21),
    serverError(1105, 17),
  ]) {
    let opened = 0
    failAt('select 1', error)
    await expect(store.places[0]?.ping()).rejects.toMatchObject({ code: 'store_unavailable' })
    engine.onAsk = (sql) => {
      if (sql.startsWith('set lock_timeout')) opened += 1
    }
    await store.places[0]?.ping()

    expect(opened).toBe(1)
  }
})

describe('the start', () => {
  test('stops where readers wait for writers, and says what to run', async () => {
    engine.server.snapshots = 0

    await expect(store.migrate()).rejects.toThrow(
      'ALTER DATABASE [l]]k] SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE',
    )
    expect(await store.concerns()).toHaveLength(1)
  })

  test('stops on a server that is too old, but not on Azure, which counts otherwise', async () => {
    engine.server = { version: 14, edition: 3, snapshots: 1 }
    await expect(store.migrate()).rejects.toThrow(/older than 2019/)

    engine.server = { version: 12, edition: 5, snapshots: 1 }
    expect(await store.migrate()).not.toEqual([])
  })

  test('changes nothing where the lock of the migrations is not to be had', async () => {
    engine.lock = -1

    await expect(store.migrate()).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(await store.pendingMigrations()).not.toEqual([])
  })

  test('of five at once migrates once', async () => {
    const stores = Array.from({ length: 5 }, () =>
      storeOn(sqlserverDialectOn(address, engine.open)),
    )
    const done = await Promise.all(stores.map((each) => each.migrate()))
    await Promise.all(stores.map((each) => each.close()))

    expect(done.filter((names) => names.length > 0)).toHaveLength(1)
    expect(await store.pendingMigrations()).toEqual([])
  })
})
