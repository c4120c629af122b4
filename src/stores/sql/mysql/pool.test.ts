import { describe, expect, test, vi } from 'vitest'
import { createPool } from './pool.js'

/** A place that opens members when it is told to. */
const createPlace = ({ most = 2, waitMilliseconds = 20, restMilliseconds = 1000 } = {}) => {
  const attempts: { succeed(): void; fail(error: Error): void }[] = []
  const lost = new Set<number>()
  const ended: number[] = []
  const pool = createPool({
    most,
    waitMilliseconds,
    restMilliseconds,
    open: () => {
      const name = attempts.length
      const member = {
        name,
        isLost: () => lost.has(name),
        end: async () => {
          ended.push(name)
        },
      }
      return new Promise<typeof member>((resolve, reject) => {
        attempts.push({ succeed: () => resolve(member), fail: reject })
      })
    },
  })
  return { pool, attempts, lost, ended }
}

describe('the pool', () => {
  test('opens what is needed, not more than it may, and lends what rests again', async () => {
    const { pool, attempts } = createPlace({ waitMilliseconds: 5000 })
    const taken = [pool.take(), pool.take(), pool.take()]
    expect(attempts).toHaveLength(2)
    attempts[1]?.succeed()
    attempts[0]?.succeed()
    const first = await taken[0]
    if (first) pool.giveBack(first)

    expect((await taken[2])?.name).toBe(1)
    expect(attempts).toHaveLength(2)
  })

  test('what arrives after its caller gave up belongs to the next', async () => {
    const { pool, attempts } = createPlace()
    await expect(pool.take()).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    const next = pool.take()
    attempts[0]?.succeed()

    expect((await next).name).toBe(0)
  })

  test('who came after an attempt began does not fail with it', async () => {
    const { pool, attempts } = createPlace({ waitMilliseconds: 30 })
    await expect(pool.take()).rejects.toThrow('in time')
    const next = pool.take()
    attempts[0]?.fail(new Error('refused'))
    await Promise.resolve()
    attempts[1]?.succeed()

    expect((await next).name).toBe(1)
  })

  test('a failed attempt is told to one caller, and leaves room', async () => {
    const { pool, attempts } = createPlace({ most: 1, waitMilliseconds: 5000 })
    const taken = [pool.take(), pool.take()]
    attempts[0]?.fail(new Error('refused'))
    await expect(taken[0]).rejects.toThrow('refused')
    attempts[1]?.succeed()

    expect((await taken[1])?.name).toBe(1)
  })

  test('what broke while it was lent or at rest is not lent again', async () => {
    const { pool, attempts, lost, ended } = createPlace({ most: 1, waitMilliseconds: 5000 })
    const first = pool.take()
    attempts[0]?.succeed()
    lost.add((await first).name)
    pool.giveBack(await first)
    const second = pool.take()
    await vi.waitFor(() => expect(attempts).toHaveLength(2))
    attempts[1]?.succeed()
    pool.giveBack(await second)
    lost.add((await second).name)
    const taking = pool.take()
    await vi.waitFor(() => expect(attempts).toHaveLength(3))
    attempts[2]?.succeed()

    expect((await taking).name).toBe(2)
    expect(ended).toEqual([0, 1])
  })

  test('what rested too long is ended', async () => {
    const { pool, attempts, ended } = createPlace({ restMilliseconds: 0 })
    const taking = pool.take()
    attempts[0]?.succeed()
    pool.giveBack(await taking)
    const next = pool.take()
    attempts[1]?.succeed()

    expect((await next).name).toBe(1)
    expect(ended).toEqual([0])
  })

  test('closes when all is given back, also what was still being opened', async () => {
    const { pool, attempts, ended } = createPlace({ waitMilliseconds: 5000 })
    const [lent, waiting] = [pool.take(), pool.take()]
    attempts[0]?.succeed()
    const member = await lent
    const closed = pool.close().then(() => ended.push(-1))
    await expect(waiting).rejects.toThrow('closed')
    await expect(pool.take()).rejects.toThrow('closed')
    pool.giveBack(member)
    attempts[1]?.succeed()
    await closed

    expect(ended).toEqual([0, 1, -1])
  })
})
