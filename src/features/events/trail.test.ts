import { describe, expect, test } from 'vitest'
import { createAuth } from '../../auth.js'
import { silentLog } from '../../lib/log.js'
import { memoryStore } from '../../stores/memory/memory.js'
import type { Store } from '../../stores/store.js'
import { withPorts } from '../../stores/with-ports.js'
import { createTestAuth } from '../../testing/test-auth.js'
import { findCheckpoints } from './checkpoints.js'
import type { RecordedEvent } from './store.js'
import { createTrailKey } from './trail-key.js'
import { verifyTrail } from './verify.js'

const caller = { address: '192.0.2.1', requestId: 'request-1' }
const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'

const trailOf = (store: Store) => store.events.list({ limit: 1000 })

/** Logs in so many times, so many of them at once. */
const logIn = async (
  { auth, ada }: Awaited<ReturnType<typeof createTestAuth>>,
  times: number,
): Promise<void> => {
  await Promise.all(Array.from({ length: times }, () => auth.login(ada, caller)))
}

/** A log that keeps the checkpoints it is told. */
const createListening = () => {
  const said: string[] = []
  const tell = (fields: object): void => {
    if ('checkpoint' in fields) said.push(String(fields.checkpoint))
  }
  return { said, log: { ...silentLog, info: tell, error: tell } }
}

describe('the chain', () => {
  test('holds every event: those that are recorded one after the other share a lane', async () => {
    const test = await createTestAuth()
    for (let count = 0; count < 3; count += 1) await test.auth.login(test.ada, caller)
    const trail = await trailOf(test.auth.store)

    expect(new Set(trail.map(({ chain }) => chain)).size).toBe(1)
    expect(trail.map(({ number }) => number)).toEqual(trail.map((_, index) => index + 1))
    expect(await test.auth.trail.verify()).toEqual({
      isIntact: true,
      events: trail.length,
      unchained: 0,
      pruned: 0,
      recorders: 1,
      findings: [],
    })
  })

  test('goes on over restarts, each with a recorder of its own', async () => {
    const store = memoryStore()
    for (let count = 0; count < 3; count += 1) {
      const test = await createTestAuth({
        store: withPorts(store, { users: memoryStore().users }),
      })
      await logIn(test, 2)
      await test.auth.close()
    }
    const { auth } = await createTestAuth({
      store: withPorts(store, { users: memoryStore().users }),
    })

    expect(await auth.trail.verify()).toMatchObject({ isIntact: true, recorders: 4 })
  })

  test('is proved with the root secret it was made with, also when that has a successor', async () => {
    const store = memoryStore()
    const before = await createTestAuth({ store, secret })
    await logIn(before, 2)
    await before.auth.close()
    const successor = { store, secret: [...secret].reverse().join('') }
    const after = createAuth({ ...successor, previousSecrets: [secret] })
    await after.login(before.ada, caller)

    expect(await after.trail.verify()).toMatchObject({ isIntact: true, recorders: 2 })
    const keys = [createTrailKey(successor.secret)]
    const other = await verifyTrail({ store, keys })
    expect(other.findings.map(({ what }) => what)).toContain('recorder_changed')
  })

  test('a lane whose transaction failed is never used again, and nothing is amiss', async () => {
    let isBroken = false
    const inner = memoryStore()
    // commits, and loses the answer
    const store: Store = {
      ...inner,
      transaction: async (work) => {
        const result = await inner.transaction(work)
        if (isBroken) throw new Error('no answer')
        return result
      },
    }
    const test = await createTestAuth({ store })
    await logIn(test, 3)
    isBroken = true
    await expect(test.auth.login(test.ada, caller)).rejects.toThrow('no answer')
    isBroken = false
    await logIn(test, 3)

    expect(await test.auth.trail.verify()).toMatchObject({ isIntact: true })
  })

  test('a work that the store runs again begins afresh, even where the first run left its events', async () => {
    const inner = memoryStore()
    const elsewhere = memoryStore()
    const store: Store = {
      ...withPorts(inner, { events: elsewhere.events }),
      transaction: async (work) => {
        const given = (ports: Parameters<typeof work>[0]) =>
          work({ ...ports, events: elsewhere.events })
        await inner
          .transaction(async (ports) => {
            await given(ports)
            throw new Error('a deadlock')
          })
          .catch(() => undefined)
        return inner.transaction(given)
      },
    }
    const test = await createTestAuth({ store })
    await logIn(test, 3)
    const trail = await trailOf(store)

    expect(trail.filter(({ type }) => type === 'login.succeeded')).toHaveLength(6)
    expect(await test.auth.trail.verify()).toMatchObject({ isIntact: true })
  })

  test('a process that can use none of its many lanes any more registers anew', async () => {
    let isBroken = false
    const inner = memoryStore()
    const store: Store = {
      ...inner,
      transaction: async (work) => {
        const result = await inner.transaction(work)
        if (isBroken) throw new Error('no answer')
        return result
      },
    }
    const { auth, ada } = await createTestAuth({ store })
    const { id } = await auth.users.find(ada.email)
    isBroken = true
    // endings of sessions that nobody has are cheap, and are recorded
    for (let count = 0; count < 100; count += 1) {
      isBroken = false
      await auth.users.setActive(ada.email, true, caller)
      isBroken = true
      await auth.users.setActive(ada.email, true, caller).catch(() => undefined)
    }
    isBroken = false
    await auth.users.setActive(id, true, caller)

    expect(await auth.trail.verify()).toMatchObject({ isIntact: true, recorders: 2 })
  })
})

describe('checkpoints', () => {
  test('the last one is written when the library closes, and stands in the log', async () => {
    const store = memoryStore()
    const { said, log } = createListening()
    const test = await createTestAuth({ store, log, secret })
    await logIn(test, 4)
    await test.auth.close()
    const trail = await trailOf(store)
    const [recorder] = await store.recorders.list({ afterNumber: 0, limit: 9 })

    expect(said).toEqual([recorder?.checkpoint])
    const heads = trail.map(({ number, mac }) => `:${number}:${mac}`)
    expect(heads.filter((head) => recorder?.checkpoint.includes(head)).length).toBeGreaterThan(0)
    // the whole of the newest lane is there
    await store.events.remove(trail.slice(-1).map(({ sequence }) => sequence))
    const report = await createAuth({ store, secret }).trail.verify()
    expect(report.findings).toMatchObject([{ what: 'cut_off' }])
  })

  test('a checkpoint that was kept shows that the whole store was set back', async () => {
    const store = memoryStore()
    const { said, log } = createListening()
    const test = await createTestAuth({ store, log, secret })
    await logIn(test, 2)
    const [recorder] = await store.recorders.list({ afterNumber: 0, limit: 9 })
    const early = await trailOf(store)
    await logIn(test, 2)
    await test.auth.close()
    const checkpoints = findCheckpoints(`{"msg":"x","checkpoint":"${said[0]}"}\n`)
    const auth = createAuth({ store: await copyOf(early, recorder), secret })

    expect((await auth.trail.verify()).isIntact).toBe(true)
    const { findings } = await auth.trail.verify({ checkpoints })
    expect(findings.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['checkpoint_older', 'cut_off']),
    )
  })

  test('a process whose row is gone says so, and registers anew', async () => {
    const { said, log } = createListening()
    const inner = memoryStore()
    const store: Store = {
      ...inner,
      recorders: { ...inner.recorders, writeCheckpoint: async () => false },
    }
    const test = await createTestAuth({ store, log })
    await test.auth.close()

    expect(said).toHaveLength(1)
  })
})

/** A store that holds no more than this. */
const copyOf = async (
  events: readonly RecordedEvent[],
  recorder: Awaited<ReturnType<Store['recorders']['last']>>,
): Promise<Store> => {
  const store = memoryStore()
  if (recorder !== undefined) await store.recorders.append(recorder)
  for (const { chain, number, mac, ...event } of events) {
    if (chain !== null && number !== null && mac !== null)
      await store.events.append({ ...event, chain, number, mac })
  }
  return store
}

describe('a running server', () => {
  test('is no reason for a finding: sequences may show out of order while somebody verifies', async () => {
    const inner = memoryStore()
    let hidden = new Set<number>()
    const store: Store = {
      ...inner,
      events: {
        ...inner.events,
        list: async (query) => {
          const page = await inner.events.list(query)
          const seen = page.filter(({ sequence }) => !hidden.has(sequence))
          hidden = new Set() // shown a moment later
          return seen
        },
      },
    }
    const test = await createTestAuth({ store })
    await logIn(test, 3)
    const [recorder] = await store.recorders.list({ afterNumber: 0, limit: 1 })
    for (let count = 0; count < 3; count += 1) await test.auth.login(test.ada, caller)
    const trail = await trailOf(store)

    expect(recorder).toBeDefined()
    for (const { sequence } of trail) {
      hidden = new Set([sequence])
      expect(await test.auth.trail.verify()).toMatchObject({ isIntact: true })
    }
  })
})
