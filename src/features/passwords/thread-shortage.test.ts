import { afterEach, expect, test } from 'vitest'
import { silentLog } from '../../lib/log.js'
import { hashJob } from './algorithms.js'
import { createHashGate } from './hashing.js'
import { createHashWorkers, startHashThread } from './workers.js'

/** A system that lets so many threads start; where it refuses, Node throws as the thread is made. */
const systemWith = (mostThreads: number) => {
  const system = { mostThreads, threads: 0 }
  const startThread = () => {
    if (system.threads >= system.mostThreads) throw new Error('ERR_WORKER_INIT_FAILED')
    system.threads += 1
    return startHashThread()
  }
  return { system, startThread }
}

const job = hashJob('a long and winding road', {
  algorithm: 'argon2id',
  memoryKib: 19_456,
  passes: 2,
  parallelism: 1,
})

let workers: ReturnType<typeof createHashWorkers>
afterEach(() => workers.close())

test('where the system allows no thread callers are sent away, and served as soon as it does', async () => {
  const { system, startThread } = systemWith(0)
  const told: string[] = []
  const log = { ...silentLog, error: (_fields: unknown, message: string) => told.push(message) }
  workers = createHashWorkers(2, log, startThread)
  const { gate } = createHashGate({ queue: 4, atOnce: 1 })
  const ask = () => gate.pass('login', () => workers.run(job))

  for (const outcome of await Promise.allSettled([ask(), ask(), ask()])) {
    expect(outcome).toMatchObject({ reason: { code: 'overloaded', retryAfterSeconds: 1 } })
  }
  expect(gate.load()).toMatchObject({ running: 0, waiting: 0 })
  expect(told).toEqual(['the system allows no more threads for hashing'])

  system.mostThreads = 1
  expect(await ask()).toMatch(/^\$argon2id/)
})

test('where the system allows fewer threads than cores, those do the work', async () => {
  const { system, startThread } = systemWith(1)
  workers = createHashWorkers(4, silentLog, startThread)

  for (const made of await Promise.all([1, 2, 3, 4].map(() => workers.run(job)))) {
    expect(made).toMatch(/^\$argon2id/)
  }
  expect(system.threads).toBe(1)
})
