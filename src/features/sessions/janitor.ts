import { AuthError, isStoreBusyOrAway } from '../../errors.js'
import { addSeconds, type Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { SessionStore } from './store.js'

/** The janitor: takes away what nobody needs any more, a little at a time, so that nobody is disturbed. */
export type JanitorSettings = {
  /** From the end of one sweep to the next; 0 for sweeps by hand only. */
  purgeSeconds: number
}

/** Removes some of what may go, no more than `limit`; returns how many. */
export type Chore = (limit: number) => Promise<number>

type Deps = {
  sessions: Pick<SessionStore, 'removeExpired'>
  /** What other rooms want to be rid of. */
  chores?: readonly Chore[]
  clock: Clock
  log: Log
  settings: JanitorSettings
}

/** So long an expired session is still known as one that was there, and its tokens are not taken for made-up ones. */
const retentionSeconds = 86_400
const batchSize = 500
/** The store serves the others for so many times as long as it had to do with a batch. */
const pausesPerBatch = 9
const leastPauseMilliseconds = 5
/** What met a store that was busy is tried again after this. */
const soonMilliseconds = 10_000

export const createJanitor = ({ sessions, chores = [], clock, log, settings }: Deps) => {
  const everyMilliseconds = settings.purgeSeconds * 1000
  let sweeping: Promise<number> | undefined
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let endPause = (): void => {}

  const sweepAll = async (): Promise<number> => {
    const before = addSeconds(clock(), -retentionSeconds)
    const removed = await finish((limit) => sessions.removeExpired(before, limit))
    for (const chore of chores) await finish(chore)
    return removed
  }

  const finish = async (chore: Chore): Promise<number> => {
    let removed = 0
    while (!isStopped) {
      const began = performance.now()
      const count = await chore(batchSize)
      removed += count
      if (count < batchSize) break
      await pause((performance.now() - began) * pausesPerBatch)
    }
    return removed
  }

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      if (isStopped) return resolve()
      const waiting = setTimeout(resolve, Math.max(milliseconds, leastPauseMilliseconds))
      endPause = () => {
        clearTimeout(waiting)
        resolve()
      }
    })

  /**
   * Removes what expired more than a day ago, and does the chores of others. Returns how many sessions there were. Whoever
   * asks during a sweep waits for that one.
   *
   * @throws AuthError `store_unavailable`; what was removed until then stays so
   */
  const sweep = (): Promise<number> => {
    sweeping ??= sweepAll().finally(() => {
      sweeping = undefined
    })
    return sweeping
  }

  const sweepByItself = async (): Promise<void> => {
    let next = everyMilliseconds
    try {
      const removed = await sweep()
      if (removed > 0) log.debug({ removed }, 'expired sessions were removed')
    } catch (error) {
      const isAway = isStoreBusyOrAway(error)
      log[isAway ? 'debug' : 'error']({ err: error }, 'expired sessions could not be removed')
      // whoever floods the store must not keep it from being tidied up
      if (isBusy(error)) next = Math.min(next, soonMilliseconds)
    }
    sweepAfter(next)
  }

  const sweepAfter = (milliseconds: number): void => {
    if (isStopped) return
    timer = setTimeout(sweepByItself, milliseconds)
    timer.unref() // nobody's process lives on for the sake of tidiness
  }

  return {
    sweep,
    /** From now on sweeps by itself. Begins at a random moment: instances that start together do not sweep together. */
    start: (): void => {
      if (everyMilliseconds > 0 && timer === undefined)
        sweepAfter(Math.random() * everyMilliseconds)
    },
    /** Ends after the batch under way, for good. */
    stop: async (): Promise<void> => {
      isStopped = true
      clearTimeout(timer)
      endPause()
      await sweeping?.catch(() => {}) // whoever asked for it hears of it
    },
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof AuthError && error.code === 'overloaded'
