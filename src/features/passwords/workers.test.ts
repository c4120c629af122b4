import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { silentLog } from '../../lib/log.js'
import { hashJob } from './algorithms.js'
import type { HashJob } from './hash-job.js'
import { createHashGate } from './hashing.js'
import { createPasswords } from './passwords.js'
import { createHashWorkers } from './workers.js'

const up = new WeakSet<Worker>()

/** The threads that were given work since. */
const watchThreads = (): Set<Worker> => {
  const threads = new Set<Worker>()
  const post = Worker.prototype.postMessage
  vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (
    this: Worker,
    ...given: Parameters<typeof post>
  ) {
    if (!threads.has(this)) this.once('online', () => up.add(this))
    threads.add(this)
    return post.apply(this, given)
  })
  return threads
}
afterEach(() => vi.restoreAllMocks())

/** So many have been given work, and all of them have come up. */
const online = (threads: Set<Worker>, count: number) =>
  vi.waitFor(() => expect([...threads].filter((thread) => up.has(thread))).toHaveLength(count))
const endAll = (threads: Iterable<Worker>) =>
  Promise.all([...threads].map((thread) => thread.terminate()))

const password = 'a long and winding road'
const hashing = { algorithm: 'argon2id', memoryKib: 19_456, passes: 2, parallelism: 1 } as const

const start = () => {
  const workers = createHashWorkers()
  const { gate } = createHashGate({ queue: 10, atOnce: 1 })
  const room = createPasswords({
    hashing,
    policy: 'default',
    serviceName: 'latchkey',
    gate,
    workers,
  })
  const hash = (text = password) => room.hash(text, 'login')
  const verify = (stored: string) => room.verify(password, stored, 'login')
  return { workers, gate, hash, verify }
}

/** Takes much longer than telling a thread to end. */
const slow: HashJob = {
  kind: 'argon2-hash',
  password,
  options: { algorithm: 2, memoryCost: 65_536, timeCost: 10, parallelism: 1 },
}

/** Never done, and not in native code, which nobody can interrupt. */
const endless: HashJob = {
  kind: 'sha-crypt-verify',
  password,
  digest: 'sha512',
  salt: 'salt',
  rounds: Number.MAX_SAFE_INTEGER,
  expected: '',
}

describe('hash workers', () => {
  test('a thread is used again for the next job', async () => {
    const threads = watchThreads()
    const { workers, hash } = start()
    for (let count = 0; count < 3; count += 1) await hash()
    await workers.close()

    expect(threads.size).toBe(1)
  })

  test('a job the library cannot do is answered, and the thread goes on', async () => {
    const threads = watchThreads()
    const { workers, hash } = start()

    expect(
      await workers.run({ kind: 'argon2-verify', password: 'x', hash: 'nonsense' }),
    ).toBeUndefined()
    expect(await hash()).toMatch(/^\$argon2id/)
    expect(threads.size).toBe(1)
    await workers.close()
  })

  test('a thread that ends under its work loses nothing: others do it again, and what lay ready behind it', async () => {
    const threads = watchThreads()
    const workers = createHashWorkers(1)
    const dying = workers.run(slow)
    const ready = workers.run(hashJob(password, hashing))
    await online(threads, 1)
    await endAll(threads)

    expect(await dying).toMatch(/^\$argon2id.*t=10/)
    expect(await ready).toMatch(/^\$argon2id.*t=2/)
    expect(threads.size).toBe(2)
    await workers.close()
  })

  test('a thread that ends before it is up loses nothing either', async () => {
    const threads = watchThreads()
    const { workers, gate, hash } = start()
    const all = [hash(), hash(), hash()]
    await vi.waitFor(() => expect(threads.size).toBe(1))
    await endAll(threads)

    for (const made of await Promise.all(all)) expect(made).toMatch(/^\$argon2id/)
    expect(gate.load()).toMatchObject({ running: 0, waiting: 0 })
    await workers.close()
  })

  test('work that ends every thread it meets is refused, while other work is done', async () => {
    const threads = watchThreads()
    const { workers, gate, hash, verify } = start()
    const killer = gate.pass('change', () => workers.run(endless))
    const refused = expect(killer).rejects.toThrow('3 hash workers ended under one work')
    const waiting = hash()
    for (let ended = 0; ended < 3; ended += 1) {
      await online(threads, ended + 1)
      await endAll([...threads].slice(ended))
    }

    await refused
    expect(await verify(await waiting)).toBe(true)
    expect(gate.load()).toMatchObject({ running: 0, waiting: 0 })
    await workers.close()
  })

  test('an end is told in the log, unless it was asked for', async () => {
    const told: string[] = []
    const log = { ...silentLog, error: (_fields: unknown, message: string) => told.push(message) }
    const threads = watchThreads()
    const workers = createHashWorkers(1, log)
    const work = workers.run(hashJob(password, hashing))
    await endAll(threads)
    await work
    await workers.close()

    expect(told).toEqual(['a hash worker ended; its work goes to another'])
  })

  test('closed, they refuse what they were given and what still comes', async () => {
    const workers = createHashWorkers(1)
    const left = expect(workers.run(endless)).rejects.toThrow('closed')
    await workers.close()

    await left
    await expect(workers.run(endless)).rejects.toThrow('closed')
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
    const { workers, hash } = start()
    await hash()
    for (const thread of threads) await thread.terminate()

    expect(await hash()).toMatch(/^\$argon2id/)
    expect(threads.size).toBe(2)
    await workers.close()
  })

  test('an error on an idle thread does not end the process', async () => {
    const threads = watchThreads()
    const { workers, hash } = start()
    await hash()

    for (const thread of threads) {
      expect(() => thread.emit('error', new Error('out of memory'))).not.toThrow()
    }
    await workers.close()
  })
})
