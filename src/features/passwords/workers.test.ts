import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createWaitingLine } from '../../lib/waiting-line.js'
import { createGate } from '../limits/gate.js'
import { hashJob } from './algorithms.js'
import type { HashJob } from './hash-job.js'
import { createPasswords } from './passwords.js'
import { createHashWorkers } from './workers.js'

const lineOf = (most: number) => createWaitingLine({ name: 'passwords', option: 'a', most })

/** The threads that were given work since. */
const watchThreads = (): Set<Worker> => {
  const threads = new Set<Worker>()
  const post = Worker.prototype.postMessage
  vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (
    this: Worker,
    ...given: Parameters<typeof post>
  ) {
    threads.add(this)
    return post.apply(this, given)
  })
  return threads
}
afterEach(() => vi.restoreAllMocks())

const hashing = { algorithm: 'argon2id', memoryKib: 19_456, passes: 2, parallelism: 1 } as const

const start = () => {
  const workers = createHashWorkers()
  const gate = createGate({ running: 1, line: lineOf(10) })
  const passwords = createPasswords({
    hashing,
    policy: 'default',
    serviceName: 'latchkey',
    gate,
    workers,
  })
  return { workers, gate, passwords }
}

/** A job that cannot be done before its thread is told to end. */
const seconds: HashJob = {
  kind: 'argon2-hash',
  password: 'a long and winding road',
  options: { algorithm: 2, memoryCost: 65_536, timeCost: 100, parallelism: 1 },
}

describe('hash workers', () => {
  test('a thread is used again for the next job', async () => {
    const threads = watchThreads()
    const { workers, passwords } = start()
    for (let count = 0; count < 3; count += 1) await passwords.hash('a long and winding road')
    await workers.close()

    expect(threads.size).toBe(1)
  })

  test('a job the library cannot do is answered, and the thread goes on', async () => {
    const threads = watchThreads()
    const { workers, passwords } = start()

    expect(
      await workers.run({ kind: 'argon2-verify', password: 'x', hash: 'nonsense' }),
    ).toBeUndefined()
    expect(await passwords.hash('a long and winding road')).toMatch(/^\$argon2id/)
    expect(threads.size).toBe(1)
    await workers.close()
  })

  test('a thread that ends under its work fails that work only, and wedges nothing', async () => {
    const threads = watchThreads()
    const { workers, gate, passwords } = start()
    const failing = gate.pass(() => workers.run(seconds))
    const waiting = passwords.hash('a long and winding road')
    await vi.waitFor(() => expect(threads.size).toBe(1))
    for (const thread of threads) void thread.terminate()

    await expect(failing).rejects.toThrow('ended under its work')
    expect(await waiting).toMatch(/^\$argon2id/)
    expect(gate.load()).toEqual({ running: 0, waiting: 0 })
    expect(await passwords.verify('a long and winding road', await waiting)).toBe(true)
    await workers.close()
  })

  test('what lies ready behind the work of a dying thread is done by another', async () => {
    const threads = watchThreads()
    const workers = createHashWorkers(1)
    const dying = workers.run(seconds)
    const ready = workers.run(hashJob('a long and winding road', hashing))
    expect(threads.size).toBe(1)
    for (const thread of threads) void thread.terminate()

    await expect(dying).rejects.toThrow('ended under its work')
    expect(await ready).toMatch(/^\$argon2id/)
    expect(threads.size).toBe(2)
    await workers.close()
  })

  test('no more threads are started than allowed, and none before there is work for it', async () => {
    const threads = watchThreads()
    const workers = createHashWorkers(2)
    await workers.run(hashJob('one', hashing))
    expect(threads.size).toBe(1)
    await Promise.all(['two', 'three', 'four'].map((text) => workers.run(hashJob(text, hashing))))
    expect(threads.size).toBe(2)
    await workers.close()
  })

  test('a thread that ends while it is idle is not given work again', async () => {
    const threads = watchThreads()
    const { workers, passwords } = start()
    await passwords.hash('a long and winding road')
    for (const thread of threads) await thread.terminate()

    expect(await passwords.hash('a long and winding road')).toMatch(/^\$argon2id/)
    expect(threads.size).toBe(2)
    await workers.close()
  })

  test('an error on an idle thread does not end the process', async () => {
    const threads = watchThreads()
    const { workers, passwords } = start()
    await passwords.hash('a long and winding road')

    for (const thread of threads) {
      expect(() => thread.emit('error', new Error('out of memory'))).not.toThrow()
    }
    await workers.close()
  })
})
