import type { Log } from '../../lib/log.js'
import type { HashWorkers } from './workers.js'

type Crew = { workers: HashWorkers; users: number }

const crews = new WeakMap<Log, Map<number, Crew>>()

/**
 * The hash workers of all auth objects of a process that log to one place and want as many threads: there are no more cores when
 * there are more auth objects. They end with the last.
 */
export const shareHashWorkers = (
  log: Log,
  threads: number,
  create: () => HashWorkers,
): HashWorkers => {
  const ofLog = crews.get(log) ?? new Map<number, Crew>()
  const crew = ofLog.get(threads) ?? { workers: create(), users: 0 }
  crews.set(log, ofLog.set(threads, crew))
  crew.users += 1
  let isClosed = false
  return {
    run: (job) =>
      isClosed ? Promise.reject(new Error('The hash workers are closed')) : crew.workers.run(job),
    close: async () => {
      if (isClosed) return
      isClosed = true
      crew.users -= 1
      if (crew.users > 0) return
      ofLog.delete(threads)
      await crew.workers.close()
    },
  }
}
