import { Worker } from 'node:worker_threads'
import type { HashJob, HashReply } from './hash-job.js'

/** Threads that hash, started when first needed and kept. The caller bounds how many jobs come at once. */
export type HashWorkers = {
  /** The result, or undefined when the job could not be done, as with a malformed hash. */
  run(job: HashJob): Promise<string | boolean | undefined>
  close(): Promise<void>
}

export const createHashWorkers = (): HashWorkers => {
  const idle: Worker[] = []
  const all = new Set<Worker>()

  const start = (): Worker => {
    const worker = new Worker(new URL('./hash-worker.js', import.meta.url), {
      // the code is small; a worker that keeps the default heap would cost memory for nothing
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
    })
    worker.unref()
    all.add(worker)
    // an error between two jobs concerns nobody: the exit that follows takes the worker out of the list
    worker.on('error', () => {})
    worker.once('exit', () => {
      all.delete(worker)
      const place = idle.indexOf(worker)
      if (place !== -1) idle.splice(place, 1)
    })
    return worker
  }

  /** One job on one worker. A worker that dies under a job is not put back; the job fails as a bug would. */
  const hand = (worker: Worker, job: HashJob): Promise<HashReply> =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        worker.off('message', done).off('error', died).off('exit', left)
        worker.unref()
      }
      const done = (reply: HashReply): void => {
        stop()
        idle.push(worker)
        resolve(reply)
      }
      const died = (error: Error): void => {
        stop()
        reject(error)
      }
      const left = (): void => died(new Error('A hash worker ended under its work'))
      worker.ref()
      worker.once('message', done).once('error', died).once('exit', left)
      worker.postMessage(job)
    })

  return {
    run: async (job) => {
      const reply = await hand(idle.pop() ?? start(), job)
      return 'failed' in reply ? undefined : reply.result
    },
    close: async () => {
      await Promise.all([...all].map((worker) => worker.terminate()))
    },
  }
}
