import { availableParallelism } from 'node:os'
import type { Log } from '../../lib/log.js'
import { createSharedLines } from '../../lib/shared-lines.js'
import { createSharedGate, type SharedGate } from '../limits/shared-gate.js'
import { type HashPurpose, hashPurposes } from './purposes.js'
import { shareHashWorkers } from './shared-workers.js'
import { createHashWorkers, jobsPerThread } from './workers.js'

export type HashGate = SharedGate<HashPurpose>

/** Where passwords are hashed: threads, and the gate that bounds what is asked of them. */
export const createHashing = ({
  queue,
  threads = availableParallelism(),
  log,
}: {
  queue: number
  threads?: number | undefined
  log: Log
}) => {
  const atOnce = threads * jobsPerThread
  const { gate, lines } = createHashGate({ queue, atOnce })
  const workers = shareHashWorkers(log, threads, () => createHashWorkers(threads, log))
  return { workers, gate, lines, atOnce }
}

export const createHashGate = ({ queue, atOnce }: { queue: number; atOnce: number }) => {
  const lines = createSharedLines({
    kinds: hashPurposes,
    name: 'passwords',
    option: 'PASSWORD_HASH_QUEUE',
    most: queue,
  })
  const gate: HashGate = createSharedGate({ running: atOnce, kinds: hashPurposes, lines })
  return { gate, lines: Object.values(lines) }
}
