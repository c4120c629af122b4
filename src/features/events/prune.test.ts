import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../stores/memory/memory.js'
import type { Store } from '../../stores/store.js'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1', requestId: 'request-1' }

const trailOf = (store: Store) => store.events.list({ limit: 1000 })

/** Logs in so many times, so many of them at once. */
const logIn = async (
  { auth, ada }: Awaited<ReturnType<typeof createTestAuth>>,
  times: number,
): Promise<void> => {
  await Promise.all(Array.from({ length: times }, () => auth.login(ada, caller)))
}

describe('pruning', () => {
  test('takes the oldest events away, keeps the proof of the rest, and is itself recorded', async () => {
    const test = await createTestAuth()
    await logIn(test, 6)
    test.clock.advance('30d')
    const between = test.clock()
    await logIn(test, 6)
    const all = (await trailOf(test.auth.store)).length
    const dry = await test.auth.trail.prune({ before: between, isDryRun: true })
    expect(await trailOf(test.auth.store)).toHaveLength(all)
    const { removed } = await test.auth.trail.prune({ before: between }, { actor: 'cli' })
    const trail = await trailOf(test.auth.store)

    expect(dry.removed).toBe(removed)
    expect(removed).toBeGreaterThan(6)
    expect(trail).toHaveLength(all - removed + 1)
    expect(trail.every(({ at }) => at >= between)).toBe(true)
    expect(trail.at(-1)).toMatchObject({ type: 'trail.pruned', actorId: 'cli' })
    await logIn(test, 6)
    expect(await test.auth.trail.verify()).toMatchObject({ isIntact: true, pruned: removed })
  })

  test('again and again, with everything gone in the end', async () => {
    const test = await createTestAuth()
    for (let round = 0; round < 4; round += 1) {
      await logIn(test, 4)
      test.clock.advance('1d')
      await test.auth.trail.prune({ before: test.clock() })
      expect(await test.auth.trail.verify()).toMatchObject({ isIntact: true })
    }

    expect(await trailOf(test.auth.store)).toHaveLength(1)
  })

  test('takes nothing from a trail that is not intact', async () => {
    const test = await createTestAuth()
    await logIn(test, 1)
    await test.auth.login(test.ada, caller)
    test.clock.advance('1d')
    const [first] = await trailOf(test.auth.store)
    await test.auth.store.events.remove([first?.sequence ?? 0])
    const { removed, report } = await test.auth.trail.prune({ before: test.clock() })

    expect(removed).toBe(0)
    expect(report.findings).toMatchObject([{ what: 'missing' }])
  })

  test('that was cut off leaves nothing amiss, and is finished by the next', async () => {
    let left = Number.POSITIVE_INFINITY
    const inner = memoryStore()
    // as a store without transactions does it: one after the other, newest first
    const store: Store = {
      ...inner,
      events: {
        ...inner.events,
        remove: async (sequences) => {
          for (const sequence of sequences.toSorted((a, b) => b - a)) {
            left -= 1
            if (left < 0) throw new Error('killed')
            await inner.events.remove([sequence])
          }
        },
      },
      transaction: (work) => work({ ...inner, events: store.events }),
    }
    const test = await createTestAuth({ store })
    await logIn(test, 8)
    test.clock.advance('1d')
    left = 5
    await expect(test.auth.trail.prune({ before: test.clock() })).rejects.toThrow('killed')
    left = Number.POSITIVE_INFINITY
    expect(await test.auth.trail.verify()).toMatchObject({ isIntact: true })
    await test.auth.trail.prune({ before: test.clock() })

    expect(await test.auth.trail.verify()).toMatchObject({ isIntact: true })
    expect((await trailOf(store)).map(({ type }) => type)).toEqual(['trail.pruned', 'trail.pruned'])
  })
})
