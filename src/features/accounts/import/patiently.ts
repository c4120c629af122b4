import { setTimeout as pause } from 'node:timers/promises'
import { AuthError } from '../../../errors.js'

/** For work that has time: where it finds too much being asked, it comes again as soon as it may. */
export const patiently = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== 'overloaded') throw error
      await pause((error.retryAfterSeconds ?? 1) * 1000)
    }
  }
}
