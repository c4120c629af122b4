import { nextTurn } from '../../../lib/next-turn.js'

/**
 * Commits of two event-loop turns, and of as long as the disk is busy with those before, go to the disk together: waiting
 * once for many costs as much as waiting once for one. Nobody is answered before, and the event loop serves others
 * meanwhile. Each work stands in a savepoint, so a failing one takes nothing else with it.
 */
export type Writer = {
  /** Throws at once when another process is writing; it never blocks this thread, which has others to serve. */
  begin(): void
  /** Resolves when what was committed is on the disk. */
  commit(): Promise<void>
  rollback(): void
  savepoint(): void
  release(): void
  rollbackToSavepoint(): void
  /** Whether the error means that the database itself cannot go on, so that the whole transaction is lost. */
  isFatal(error: unknown): boolean
  /** What callers are told whose patience ends while a disk hangs. */
  tooLate(): Error
  /** Whether the error means that another process is writing, so that it is worth asking again. */
  isBusy(error: unknown): boolean
}

type Job = { run(): Promise<unknown>; settle(outcome: Outcome): void; until: number }
type Outcome = { value: unknown } | { error: unknown }

export const createBatch = (writer: Writer) => {
  let queue: Job[] = []
  let turn: Promise<void> | undefined

  /** @param patienceMilliseconds for so long the work waits for another process to end its writing, and for the disk */
  const enqueue = <Result>(
    run: () => Promise<Result>,
    patienceMilliseconds: number,
  ): Promise<Result> =>
    new Promise<Result>((resolve, reject) => {
      let result: Result
      queue.push({
        run: async () => {
          result = await run()
        },
        settle: (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(result)),
        until: performance.now() + patienceMilliseconds,
      })
      turn ??= nextTurn().then(nextTurn).then(flushAll) // what arrives during the first turn still joins
    })

  const flushAll = async (): Promise<void> => {
    while (queue.length > 0) {
      if (begin()) await flush(takeAll())
      else if (queue.length > 0) await shortPause()
    }
    turn = undefined
  }

  const begin = (): boolean => {
    try {
      writer.begin()
      return true
    } catch (error) {
      for (const job of writer.isBusy(error) ? takeOverdue() : takeAll()) job.settle({ error })
      return false
    }
  }

  const takeAll = (): Job[] => {
    const taken = queue
    queue = []
    return taken
  }

  const takeOverdue = (): Job[] => {
    const now = performance.now()
    const taken = queue.filter(({ until }) => until <= now)
    queue = queue.filter(({ until }) => until > now)
    return taken
  }

  const flush = async (jobs: readonly Job[]): Promise<void> => {
    const settlements: (() => void)[] = []
    const share = createShare()
    try {
      for (const job of jobs) {
        if (share.isOver()) await share.next()
        const outcome = await runInSavepoint(job)
        settlements.push(() => job.settle(outcome))
      }
      await refusingTheLate(jobs, writer.commit())
    } catch (error) {
      tryRollback()
      for (const job of jobs) job.settle({ error })
      return
    }
    for (const settle of settlements) {
      if (share.isOver()) await share.next()
      settle()
    }
  }

  /** A disk that hangs holds up the commits behind it, and nobody for longer than their patience. */
  const refusingTheLate = async (jobs: readonly Job[], committed: Promise<void>): Promise<void> => {
    const watch = setInterval(() => {
      const late = jobs.filter(({ until }) => until <= performance.now())
      for (const job of [...late, ...takeOverdue()]) job.settle({ error: writer.tooLate() })
    }, lookMilliseconds)
    try {
      await committed
    } finally {
      clearInterval(watch)
    }
  }

  const runInSavepoint = async (job: Job): Promise<Outcome> => {
    writer.savepoint()
    try {
      await job.run()
    } catch (error) {
      if (writer.isFatal(error)) throw error
      writer.rollbackToSavepoint()
      return { error }
    }
    writer.release()
    return { value: undefined }
  }

  const tryRollback = (): void => {
    try {
      writer.rollback()
    } catch {
      // a full disk has rolled back already, or there is nothing open: it was the sync that failed
    }
  }

  return {
    enqueue,
    /** Resolves when nothing waits any more. */
    idle: async (): Promise<void> => {
      while (turn !== undefined) await turn
    },
  }
}
export type Batch = ReturnType<typeof createBatch>

const lookMilliseconds = 100

const leastMilliseconds = 2

/**
 * A long batch lets others in between, and then goes on for as long as they took: whoever asks for something quick is served
 * soon, and a flood of them does not keep the batch waiting.
 */
const createShare = () => {
  let until = performance.now() + leastMilliseconds
  return {
    isOver: (): boolean => performance.now() >= until,
    /** Resolves when there is time again. */
    next: async (): Promise<void> => {
      const over = performance.now()
      await nextTurn()
      const back = performance.now()
      until = back + Math.max(leastMilliseconds, back - over)
    },
  }
}

/** Uneven, so that two processes do not ask in step for ever. */
export const shortPause = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 9))
