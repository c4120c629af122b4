import { describe, expect, test, vi } from 'vitest'
import { createSharedLines } from '../../lib/shared-lines.js'
import { createSharedGate } from './shared-gate.js'

const kinds = ['login', 'change', 'registration'] as const
type Kind = (typeof kinds)[number]

const gateOf = (running: number, most: number) => {
  const lines = createSharedLines({ kinds, name: 'passwords', option: 'a', most })
  return createSharedGate({ running, kinds, lines })
}

/** A work that ends when told to. */
const createWork = () => {
  const ends: (() => void)[] = []
  const started: string[] = []
  return {
    started,
    run: (name: string) => () => {
      started.push(name)
      return new Promise<string>((resolve) => ends.push(() => resolve(name)))
    },
    endNext: async () => {
      ends.shift()?.()
      await settled()
    },
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a gate for several kinds', () => {
  test('lets so many run, so many wait, and sends the rest away at once', async () => {
    const gate = gateOf(2, 1)
    const work = createWork()
    const passed = ['a', 'b', 'c'].map((name) => gate.pass('login', work.run(name)))

    await expect(gate.pass('login', work.run('d'))).rejects.toMatchObject({
      code: 'overloaded',
      status: 503,
      retryAfterSeconds: 1,
    })
    const logins = { running: 2, waiting: 1, sentAway: 1 }
    const none = { running: 0, waiting: 0, sentAway: 0 }
    expect(gate.load()).toEqual({
      ...logins,
      kinds: { login: logins, change: none, registration: none },
    })
    expect(work.started).toEqual(['a', 'b'])

    for (let left = 3; left > 0; left -= 1) await work.endNext()
    expect(await Promise.all(passed)).toEqual(['a', 'b', 'c'])
    expect(gate.load()).toMatchObject({ running: 0, waiting: 0 })
  })

  test('says whether there is room, and keeps none', async () => {
    const gate = gateOf(1, 1)
    const work = createWork()
    const ask = () => gate.requireRoom('login')
    ask()
    const running = gate.pass('login', work.run('a'))
    ask()
    ask()
    const waiting = gate.pass('login', work.run('b'))
    await settled()

    expect(ask).toThrow(expect.objectContaining({ code: 'overloaded', retryAfterSeconds: 1 }))
    expect(gate.load()).toMatchObject({ running: 1, waiting: 1, sentAway: 1 })
    await work.endNext()
    ask()
    await work.endNext()
    expect(await Promise.all([running, waiting])).toEqual(['a', 'b'])
  })

  test('serves those of one kind in the order they came', async () => {
    const gate = gateOf(1, 10)
    const work = createWork()
    for (const name of ['a', 'b', 'c', 'd']) void gate.pass('login', work.run(name))
    for (let left = 4; left > 0; left -= 1) await work.endNext()

    expect(work.started).toEqual(['a', 'b', 'c', 'd'])
  })

  test('serves the kinds that wait in turn, however many wait of one', async () => {
    const gate = gateOf(1, 10)
    const work = createWork()
    const come = (kind: Kind, name: string) => void gate.pass(kind, work.run(name))
    for (const name of ['l0', 'l1', 'l2', 'l3', 'l4']) come('login', name)
    for (const name of ['r1', 'r2']) come('registration', name)
    come('change', 'c1')
    for (let left = 4; left > 0; left -= 1) await work.endNext()
    come('change', 'c2')
    for (let left = 5; left > 0; left -= 1) await work.endNext()

    expect(work.started).toEqual(['l0', 'l1', 'r1', 'c1', 'l2', 'r2', 'c2', 'l3', 'l4'])
  })

  test('hands the place over: nobody slips in between', async () => {
    const gate = gateOf(1, 10)
    const work = createWork()
    const first = gate.pass('login', work.run('first'))
    void gate.pass('login', work.run('waiting'))
    await settled()
    await work.endNext()
    await first
    void gate.pass('change', work.run('late'))
    await settled()

    expect(work.started).toEqual(['first', 'waiting'])
    expect(gate.load()).toMatchObject({ running: 1, waiting: 1 })
  })

  test('gives the place back when a work fails, at once or later', async () => {
    const gate = gateOf(1, 1)
    const failure = new Error('failed')

    await expect(gate.pass('login', () => Promise.reject(failure))).rejects.toBe(failure)
    await expect(
      gate.pass('login', () => {
        throw failure
      }),
    ).rejects.toBe(failure)
    expect(gate.load()).toMatchObject({ running: 0, waiting: 0 })
    expect(await gate.pass('login', async () => 'works')).toBe('works')
  })

  test('without a queue sends away whoever finds it full', async () => {
    const gate = gateOf(1, 0)
    const work = createWork()
    void gate.pass('login', work.run('a'))

    await expect(gate.pass('change', work.run('b'))).rejects.toMatchObject({ code: 'overloaded' })
  })

  test('says when to come again by how long the line takes now', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0)
    const gate = gateOf(2, 3)
    const work = createWork()
    const fill = () => {
      while (gate.load().waiting < 3) void gate.pass('login', work.run('a'))
      return settled()
    }
    await fill()
    now.mockReturnValue(4_500)
    await work.endNext()
    await fill()

    // three wait for two places, each held for 4.5 seconds
    await expect(gate.pass('login', work.run('b'))).rejects.toMatchObject({ retryAfterSeconds: 7 })

    now.mockReturnValue(5_000)
    for (let left = 100; left > 0; left -= 1) {
      await work.endNext()
      await fill()
    }
    await expect(gate.pass('login', work.run('c'))).rejects.toMatchObject({ retryAfterSeconds: 1 })
  })
})
