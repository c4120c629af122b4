import { AuthError } from '../errors.js'
import { createWaitingLine, type WaitingLine } from '../lib/waiting-line.js'

/** So many wait for a store unless its operator says otherwise: what a database can do in about a second. */
export const defaultQueue = 1000

/** The line in which callers wait for a store. */
export const storeLine = (name: string, most = defaultQueue): WaitingLine =>
  createWaitingLine({ name, option: 'DATABASE_QUEUE', most })

/** @throws AuthError `overloaded` at once when as many wait as may; what was let in always runs */
export type Admission = <Result>(work: () => Promise<Result>) => Promise<Result>

/**
 * Bounds what is asked of a place that does so many things at once: those beyond wait in the line, which is to say in the
 * place's own queue, whose order and patience stay as they are.
 */
export const createAdmission = ({
  atOnce,
  line,
}: {
  atOnce: number
  line: WaitingLine
}): Admission => {
  let present = 0
  return async (work) => {
    if (present >= atOnce && !line.enter()) throw new AuthError('overloaded')
    present += 1
    try {
      return await work()
    } finally {
      if (present > atOnce) line.leave()
      present -= 1
    }
  }
}
