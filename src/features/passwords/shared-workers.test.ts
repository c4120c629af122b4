import { expect, test } from 'vitest'
import { silentLog } from '../../lib/log.js'
import type { HashJob } from './hash-job.js'
import { shareHashWorkers } from './shared-workers.js'
import { createHashWorkers } from './workers.js'

const job: HashJob = {
  kind: 'argon2-hash',
  password: 'a long and winding road',
  options: { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 },
}

const counted = () => {
  const count = { made: 0, ended: 0 }
  const create = () => {
    count.made += 1
    const workers = createHashWorkers(1)
    const close = () => {
      count.ended += 1
      return workers.close()
    }
    return { ...workers, close }
  }
  return { create, count }
}

test('who logs to one place shares threads, and the last to close ends them', async () => {
  const log = { ...silentLog }
  const { create, count } = counted()
  const one = shareHashWorkers(log, 1, create)
  const other = shareHashWorkers(log, 1, create)
  await one.run(job)
  await one.close()
  await one.close() // twice is once

  expect(await other.run(job)).toMatch(/^\$argon2id/)
  await expect(one.run(job)).rejects.toThrow('closed')
  expect(count).toEqual({ made: 1, ended: 0 })
  await other.close()
  const next = shareHashWorkers(log, 1, create)
  expect(await next.run(job)).toMatch(/^\$argon2id/)
  await next.close()
  expect(count).toEqual({ made: 2, ended: 2 })
})

test('who logs elsewhere or wants other threads has threads of their own', async () => {
  const log = { ...silentLog }
  const { create, count } = counted()
  const all = [
    shareHashWorkers(log, 1, create),
    shareHashWorkers(log, 2, create),
    shareHashWorkers({ ...silentLog }, 1, create),
  ]
  expect(count.made).toBe(3)
  for (const { close } of all) await close()
})
