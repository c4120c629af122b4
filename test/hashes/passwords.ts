import { afterAll } from 'vitest'
import type { HashSettings } from '../../src/features/passwords/algorithms.js'
import { createHashGate } from '../../src/features/passwords/hashing.js'
import { createPasswords } from '../../src/features/passwords/passwords.js'
import { createHashWorkers } from '../../src/features/passwords/workers.js'

export const hashing: HashSettings = {
  algorithm: 'argon2id',
  memoryKib: 19_456,
  passes: 2,
  parallelism: 1,
}

/** The room of passwords for the tests of one file, with threads that end with them. */
export const openPasswords = () => {
  const workers = createHashWorkers()
  const { gate } = createHashGate({ queue: 1000, atOnce: 4 })
  afterAll(() => workers.close())
  const deps = { hashing, gate, workers }
  const room = createPasswords({ ...deps, policy: 'default', serviceName: 'latchkey' })
  return {
    deps,
    verify: (password: string, hash: string) => room.verify(password, hash, 'login'),
    isOutdated: room.isOutdated,
  }
}
