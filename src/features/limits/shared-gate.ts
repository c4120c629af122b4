import { AuthError } from '../../errors.js'
import { recordOf } from '../../lib/record-of.js'
import type { WaitingLine } from '../../lib/waiting-line.js'

/** A gate for several kinds of work: those that wait take turns, so that many of one kind hold up none of the others. */
export type SharedGate<Kind extends string> = {
  /**
   * Looks whether there is room for one more, so that nothing is begun in vain. Keeps no place.
   *
   * @throws AuthError `overloaded` when the line of its kind is full
   */
  requireRoom(kind: Kind): void
  /** @throws AuthError `overloaded` at once when the line of its kind is full */
  pass<Result>(kind: Kind, work: () => Promise<Result>): Promise<Result>
  /** How many run and how many wait at this moment, and how many were sent away since the start. */
  load(): GateLoad & { kinds: Readonly<Record<Kind, GateLoad>> }
}

export type GateLoad = { running: number; waiting: number; sentAway: number }

export const createSharedGate = <Kind extends string>({
  running: most,
  kinds,
  lines,
}: {
  running: number
  kinds: readonly Kind[]
  lines: Readonly<Record<Kind, WaitingLine>>
}): SharedGate<Kind> => {
  const running = recordOf(kinds, () => ({ works: 0 }))
  /** Only kinds that wait, in the order of their turns. */
  const queues = new Map<Kind, (() => void)[]>()
  const pace = createPace()
  let free = most

  const loadOf = (kind: Kind): GateLoad => ({
    running: running[kind].works,
    waiting: lines[kind].waiting(),
    sentAway: lines[kind].sentAway(),
  })

  const load = () => {
    const loads = kinds.map(loadOf)
    return {
      running: sum(loads.map((one) => one.running)),
      waiting: sum(loads.map((one) => one.waiting)),
      sentAway: sum(loads.map((one) => one.sentAway)),
      kinds: recordOf(kinds, loadOf),
    }
  }

  const stand = (kind: Kind): void => {
    if (lines[kind].enter()) return
    const seconds = (load().waiting * pace.seconds()) / most
    throw new AuthError('overloaded', { retryAfterSeconds: Math.max(1, Math.ceil(seconds)) })
  }

  const enter = (kind: Kind): Promise<void> | undefined => {
    if (free > 0) {
      free -= 1
      return undefined
    }
    stand(kind)
    return new Promise((resolve) => {
      const queue = queues.get(kind)
      if (queue) queue.push(resolve)
      else queues.set(kind, [resolve])
    })
  }

  /** Whoever leaves hands the place to the next in line, so that nobody slips in between. */
  const leave = (): void => {
    const [turn] = queues
    if (turn === undefined) {
      free += 1
      return
    }
    const [kind, queue] = turn
    const next = queue.shift()
    queues.delete(kind)
    if (queue.length > 0) queues.set(kind, queue) // behind all others that wait
    lines[kind].leave()
    next?.()
  }

  return {
    requireRoom: (kind) => {
      if (free > 0) return
      stand(kind)
      lines[kind].leave()
    },
    pass: async (kind, work) => {
      await enter(kind)
      running[kind].works += 1
      const done = pace.begin()
      try {
        return await work()
      } finally {
        done()
        running[kind].works -= 1
        leave()
      }
    },
    load,
  }
}

/** How long a work takes, as a mean in which the last works count most. */
const createPace = () => {
  let mean: number | undefined
  return {
    seconds: () => mean ?? 0,
    begin: () => {
      const started = performance.now()
      return (): void => {
        const seconds = (performance.now() - started) / 1000
        mean = mean === undefined ? seconds : mean + (seconds - mean) / 10
      }
    },
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
