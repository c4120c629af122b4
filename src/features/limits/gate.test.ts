import { describe, expect, test } from 'vitest'
import { createWaitingLine } from '../../lib/waiting-line.js'
import { createGate } from './gate.js'

const lineOf = (most: number) => createWaitingLine({ name: 'passwords', option: 'a', most })

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
    endNext: () => ends.shift()?.(),
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a gate', () => {
  test('lets so many run, so many wait, and sends the rest away at once', async () => {
    const gate = createGate({ running: 2, line: lineOf(1) })
    const work = createWork()
    const passed = ['a', 'b', 'c'].map((name) => gate.pass(work.run(name)))

    await expect(gate.pass(work.run('d'))).rejects.toMatchObject({
      code: 'overloaded',
      status: 503,
      retryAfterSeconds: 1,
    })
    expect(gate.load()).toEqual({ running: 2, waiting: 1 })
    expect(work.started).toEqual(['a', 'b'])

    for (let left = 3; left > 0; left -= 1) {
      work.endNext()
      await settled()
    }
    expect(await Promise.all(passed)).toEqual(['a', 'b', 'c'])
    expect(gate.load()).toEqual({ running: 0, waiting: 0 })
  })

  test('serves those who wait in the order they came', async () => {
    const gate = createGate({ running: 1, line: lineOf(10) })
    const work = createWork()
    for (const name of ['a', 'b', 'c', 'd']) void gate.pass(work.run(name))
    for (let left = 4; left > 0; left -= 1) {
      work.endNext()
      await settled()
    }

    expect(work.started).toEqual(['a', 'b', 'c', 'd'])
  })

  test('hands the place over: nobody slips in between', async () => {
    const gate = createGate({ running: 1, line: lineOf(10) })
    const work = createWork()
    const first = gate.pass(work.run('first'))
    void gate.pass(work.run('waiting'))
    await settled()
    work.endNext()
    await first
    void gate.pass(work.run('late'))
    await settled()

    expect(work.started).toEqual(['first', 'waiting'])
    expect(gate.load()).toEqual({ running: 1, waiting: 1 })
  })

  test('gives the place back when a work fails, at once or later', async () => {
    const gate = createGate({ running: 1, line: lineOf(1) })
    const failure = new Error('failed')

    await expect(gate.pass(() => Promise.reject(failure))).rejects.toBe(failure)
    await expect(
      gate.pass(() => {
        throw failure
      }),
    ).rejects.toBe(failure)
    expect(gate.load()).toEqual({ running: 0, waiting: 0 })
    expect(await gate.pass(async () => 'works')).toBe('works')
  })

  test('without a queue sends away whoever finds it full', async () => {
    const gate = createGate({ running: 1, line: lineOf(0) })
    const work = createWork()
    void gate.pass(work.run('a'))

    await expect(gate.pass(work.run('b'))).rejects.toMatchObject({ code: 'overloaded' })
  })
})
