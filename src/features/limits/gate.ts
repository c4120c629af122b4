import type { WaitingLine } from '../../lib/waiting-line.js'
import { createSharedGate } from './shared-gate.js'

/** A gate lets a bounded number of works run at once, a bounded number wait, and sends the rest away at the door. */
export type Gate = {
  /** @throws AuthError `overloaded` at once when the queue is full */
  pass<Result>(work: () => Promise<Result>): Promise<Result>
  /** How many run and how many wait at this moment. */
  load(): { running: number; waiting: number }
}

export const createGate = ({ running, line }: { running: number; line: WaitingLine }): Gate => {
  const gate = createSharedGate({ running, kinds: ['work'], lines: { work: line } })
  return {
    pass: (work) => gate.pass('work', work),
    load: () => {
      const { running, waiting } = gate.load()
      return { running, waiting }
    },
  }
}
