import { availableParallelism } from 'node:os'
import type { Log } from '../../lib/log.js'
import { createWaitingLine } from '../../lib/waiting-line.js'
import { createGate } from '../limits/gate.js'
import { shareHashWorkers } from './shared-workers.js'
import { createHashWorkers, jobsPerThread } from './workers.js'

/** Where passwords are hashed: threads, and the gate that bounds what is asked of them. */
export const createHashing = ({ queue, log }: { queue: number; log: Log }) => {
  const threads = availableParallelism()
  const line = createWaitingLine({ name: 'passwords', option: 'passwords.queue', most: queue })
  const atOnce = threads * jobsPerThread
  return {
    workers: shareHashWorkers(log, threads, () => createHashWorkers(threads)),
    gate: createGate({ running: atOnce, line }),
    line,
    atOnce,
  }
}
