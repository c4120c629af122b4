import { availableParallelism } from 'node:os'
import { createWaitingLine } from '../../lib/waiting-line.js'
import { createGate } from '../limits/gate.js'
import { createHashWorkers, jobsPerThread } from './workers.js'

/** Where passwords are hashed: threads, and the gate that bounds what is asked of them. */
export const createHashing = ({ queue }: { queue: number }) => {
  const threads = availableParallelism()
  const line = createWaitingLine({ name: 'passwords', option: 'passwords.queue', most: queue })
  const atOnce = threads * jobsPerThread
  return {
    workers: createHashWorkers(threads),
    gate: createGate({ running: atOnce, line }),
    line,
    atOnce,
  }
}
