import { AuthError } from '../../errors.js'
import type { WaitingLine } from '../../lib/waiting-line.js'

/** A gate lets a bounded number of works run at once, a bounded number wait, and sends the rest away at the door. */
export type Gate = {
  /** @throws AuthError `overloaded` at once when the queue is full */
  pass<Result>(work: () => Promise<Result>): Promise<Result>
  /** How many run and how many wait at this moment. */
  load(): { running: number; waiting: number }
}

export const createGate = ({
  running: most,
  line,
}: {
  running: number
  line: WaitingLine
}): Gate => {
  let running = 0
  const queue: (() => void)[] = []

  const enter = (): Promise<void> | undefined => {
    if (running < most) {
      running += 1
      return undefined
    }
    if (!line.enter()) throw new AuthError('overloaded')
    return new Promise((resolve) => queue.push(resolve))
  }

  /** Whoever leaves hands the place to the next in line, so that nobody slips in between. */
  const leave = (): void => {
    const next = queue.shift()
    if (next === undefined) {
      running -= 1
      return
    }
    line.leave()
    next()
  }

  return {
    pass: async (work) => {
      await enter()
      try {
        return await work()
      } finally {
        leave()
      }
    },
    load: () => ({ running, waiting: line.waiting() }),
  }
}
