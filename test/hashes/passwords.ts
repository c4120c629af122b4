import { afterAll } from 'vitest'
import { createGate } from '../../src/features/limits/gate.js'
import type { HashSettings } from '../../src/features/passwords/algorithms.js'
import { createPasswords } from '../../src/features/passwords/passwords.js'
import { createHashWorkers } from '../../src/features/passwords/workers.js'
import { createWaitingLine } from '../../src/lib/waiting-line.js'

export const hashing: HashSettings = {
  algorithm: 'argon2id',
  memoryKib: 19_456,
  passes: 2,
  parallelism: 1,
}

/** The room of passwords for the tests of one file, with threads that end with them. */
export const openPasswords = () => {
  const workers = createHashWorkers()
  const gate = createGate({
    running: 4,
    line: createWaitingLine({ name: 'passwords', option: 'a', most: 1000 }),
  })
  afterAll(() => workers.close())
  const deps = { hashing, gate, workers }
  return {
    deps,
    ...createPasswords({ ...deps, policy: 'default', serviceName: 'latchkey' }),
  }
}
