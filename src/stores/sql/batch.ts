/**
 * Commits of one event-loop turn go to the disk together: a commit waits for the disk, and waiting once for many costs
 * as much as waiting once for one. Each work stands in a savepoint, so a failing one takes nothing else with it.
 */
export type Writer = {
  begin(): void
  commit(): void
  rollback(): void
  savepoint(): void
  release(): void
  rollbackToSavepoint(): void
  /** Whether the error means that the database itself cannot go on, so that the whole transaction is lost. */
  isFatal(error: unknown): boolean
}

type Job = { run(): Promise<unknown>; settle(outcome: Outcome): void }
type Outcome = { value: unknown } | { error: unknown }

export const createBatch = (writer: Writer) => {
  let queue: Job[] = []
  let turn: Promise<void> | undefined

  const enqueue = <Result>(run: () => Promise<Result>): Promise<Result> =>
    new Promise<Result>((resolve, reject) => {
      let result: Result
      queue.push({
        run: async () => {
          result = await run()
        },
        settle: (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(result)),
      })
      turn ??= new Promise((done) => setImmediate(done)).then(flushAll)
    })

  const flushAll = async (): Promise<void> => {
    while (queue.length > 0) {
      const jobs = queue
      queue = []
      await flush(jobs)
    }
    turn = undefined
  }

  const flush = async (jobs: readonly Job[]): Promise<void> => {
    const settlements: (() => void)[] = []
    try {
      writer.begin()
      for (const job of jobs) {
        const outcome = await runInSavepoint(job)
        settlements.push(() => job.settle(outcome))
      }
      writer.commit()
    } catch (error) {
      tryRollback()
      for (const job of jobs) job.settle({ error })
      return
    }
    for (const settle of settlements) settle()
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
      // a full disk has rolled back already
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
