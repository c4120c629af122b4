import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { AuthError } from '../../errors.js'
import { type Log, silentLog } from '../../lib/log.js'
import type { HashJob, HashReply } from './hash-job.js'

/** Threads that hash, started when first needed and kept. The caller bounds how many jobs come. */
export type HashWorkers = {
  /**
   * The result, or undefined when the job could not be done, as with a malformed hash. A thread that ends is replaced, and
   * what it was given is done by another.
   *
   * @throws AuthError `overloaded` where the system allows no thread; Error for a job that threads end under
   */
  run(job: HashJob): Promise<string | boolean | undefined>
  close(): Promise<void>
}

/** How many jobs a thread is given: one to do and one that lies ready, so that it never waits for the event loop. */
export const jobsPerThread = 2

/** A job that ends every thread it meets must not end threads for ever. */
const mostEnds = 3

/** Jobs in the order they were handed over; the first is being done, once the thread is up. */
type Thread = { worker: Worker; jobs: Pending[]; isUp: boolean }
type Pending = {
  job: HashJob
  /** Threads that ended under it. */
  ends: number
  resolve(result: string | boolean | undefined): void
  reject(error: unknown): void
}

/** @param threads Default: as many as cores */
export const createHashWorkers = (
  threads = availableParallelism(),
  log: Log = silentLog,
  startThread: () => Worker = startHashThread,
): HashWorkers => {
  const crew = new Set<Thread>()
  let isClosed = false
  let isShort = false

  const hand = (pending: Pending): void => {
    const thread = isClosed ? undefined : (idle() ?? another() ?? leastBusy())
    if (thread === undefined) {
      pending.reject(isClosed ? new Error('The hash workers are closed') : noThread())
      return
    }
    thread.jobs.push(pending)
    thread.worker.ref()
    thread.worker.postMessage(pending.job)
  }

  const leastBusy = (): Thread | undefined =>
    [...crew].sort((a, b) => a.jobs.length - b.jobs.length)[0]

  const idle = (): Thread | undefined => [...crew].find(({ jobs }) => jobs.length === 0)

  /** One more, while there may be. Where the system allows none, those that live do the work. */
  const another = (): Thread | undefined => {
    if (crew.size >= threads) return undefined
    try {
      const thread = start()
      isShort = false
      return thread
    } catch (error) {
      if (!isShort) log.error({ err: error }, 'the system allows no more threads for hashing')
      isShort = true
      return undefined
    }
  }

  const start = (): Thread => {
    const worker = startThread()
    const thread: Thread = { worker, jobs: [], isUp: false }
    let cause: unknown
    worker.unref()
    worker.once('online', () => {
      thread.isUp = true
    })
    worker.on('message', (reply: HashReply) => {
      const done = thread.jobs.shift()
      if (thread.jobs.length === 0) worker.unref()
      done?.resolve('failed' in reply ? undefined : reply.result)
    })
    worker.on('error', (error) => {
      cause = error // the exit that follows says what is to be done
    })
    worker.once('exit', () => bury(thread, cause))
    crew.add(thread)
    return thread
  }

  /** Its jobs go to other threads, the one it ended under last: if that is to blame, no other has to suffer from it again. */
  const bury = (thread: Thread, cause: unknown): void => {
    crew.delete(thread)
    if (!isClosed) log.error({ err: cause }, 'a hash worker ended; its work goes to another')
    const again = (pending: Pending, ends: number): void => {
      pending.ends += ends
      if (pending.ends < mostEnds) hand(pending)
      else pending.reject(thread.isUp ? endedUnder(cause) : noThread(cause))
    }
    const [underWay, ...ready] = thread.jobs
    // a thread that never came up was no good for any of them
    for (const pending of ready) again(pending, thread.isUp ? 0 : 1)
    if (underWay) again(underWay, 1)
  }

  return {
    run: (job) => new Promise((resolve, reject) => hand({ job, ends: 0, resolve, reject })),
    close: async () => {
      isClosed = true
      await Promise.all([...crew].map(({ worker }) => worker.terminate()))
    },
  }
}

/** Throws where the system allows no more. */
export const startHashThread = (): Worker =>
  new Worker(new URL('./hash-worker.js', import.meta.url), {
    // the code is small; a worker that keeps the default heap would cost memory for nothing
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
  })

const noThread = (cause?: unknown): AuthError => new AuthError('overloaded', { cause })

const endedUnder = (cause: unknown): Error =>
  new Error(`${mostEnds} hash workers ended under one work`, { cause })
