import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { HashJob, HashReply } from './hash-job.js'

/** Threads that hash, as many as cores, started when first needed and kept. The caller bounds how many jobs come. */
export type HashWorkers = {
  /** The result, or undefined when the job could not be done, as with a malformed hash. */
  run(job: HashJob): Promise<string | boolean | undefined>
  close(): Promise<void>
}

/** How many jobs a thread is given: one to do and one that lies ready, so that it never waits for the event loop. */
export const jobsPerThread = 2

/** Jobs in the order they were handed over; the first is being done. */
type Thread = { worker: Worker; jobs: Pending[] }
type Pending = {
  job: HashJob
  resolve(result: string | boolean | undefined): void
  reject(error: Error): void
}

export const createHashWorkers = (threads = availableParallelism()): HashWorkers => {
  const crew = new Set<Thread>()
  let isClosed = false

  const hand = (pending: Pending): void => {
    const thread = leastBusy()
    thread.jobs.push(pending)
    thread.worker.ref()
    thread.worker.postMessage(pending.job)
  }

  const leastBusy = (): Thread => {
    const [least] = [...crew].sort((a, b) => a.jobs.length - b.jobs.length)
    const isFree = least !== undefined && (least.jobs.length === 0 || crew.size >= threads)
    return isFree ? least : start()
  }

  const start = (): Thread => {
    const worker = new Worker(new URL('./hash-worker.js', import.meta.url), {
      // the code is small; a worker that keeps the default heap would cost memory for nothing
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
    })
    const thread: Thread = { worker, jobs: [] }
    worker.unref()
    worker.on('message', (reply: HashReply) => {
      const done = thread.jobs.shift()
      if (thread.jobs.length === 0) worker.unref()
      done?.resolve('failed' in reply ? undefined : reply.result)
    })
    worker.on('error', () => {}) // the exit that follows says what is to be done
    worker.once('exit', () => bury(thread))
    crew.add(thread)
    return thread
  }

  /** The job a thread dies under fails, as a bug would; those behind it go to another thread. */
  const bury = (thread: Thread): void => {
    crew.delete(thread)
    const [underWay, ...waiting] = thread.jobs
    underWay?.reject(new Error('A hash worker ended under its work'))
    for (const pending of waiting) {
      if (isClosed) pending.reject(new Error('The hash workers are closed'))
      else hand(pending)
    }
  }

  return {
    run: (job) => new Promise((resolve, reject) => hand({ job, resolve, reject })),
    close: async () => {
      isClosed = true
      await Promise.all([...crew].map(({ worker }) => worker.terminate()))
    },
  }
}
