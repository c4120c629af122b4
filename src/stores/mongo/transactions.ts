import type { ClientSession } from 'mongodb'
import { AuthError } from '../../errors.js'
import type { Ports, Store } from '../store.js'
import { type Access, type Connection, deadline, within } from './access.js'
import { isDuplicate, isTransient, isUnknownCommit, unavailable } from './faults.js'
import type { Line } from './line.js'

/** For so long a work is begun again while others are in its way. */
const patienceMilliseconds = 4000

/** Why a transaction cannot be committed any more, whatever its work makes of it. */
type State = { broken: unknown }

/** All tries together end at `last`: who asked is told by then. */
type Frame = { line: Line; direct: Access; last: number }

/**
 * Works as transactions of the server. Where it has none, which is a single server outside of a replica set, the verbs of
 * a work happen one after the other, each atomic in itself, and nothing is undone.
 */
export const mongoTransactions = (
  connection: Connection,
  portsOn: (access: Access) => Ports,
): Store['transaction'] => {
  const plain = portsOn(connection.direct)
  const inTurn = createTurns()

  return async (work) => {
    const until = performance.now() + patienceMilliseconds
    const { direct } = connection
    const [line, last] = [connection.line(), deadline()]
    await within(line.connect(), last).catch((error: unknown) => {
      throw unavailable(error)
    })
    if (!line.hasTransactions()) return work(plain)
    for (let attempt = 0; ; attempt += 1) {
      const run = () => tryOnce({ line, direct, last }, (access) => work(portsOn(access)))
      const outcome = await (attempt === 0 ? run() : inTurn(run, until))
      if ('result' in outcome) return outcome.result
      if (!isWorthAnother(outcome.error, attempt)) throw told(outcome.error)
      await shortPause(attempt, until)
    }
  }
}

/**
 * Those who were in each other's way go one after the other: together they would only be so again. Who hangs does not hold up
 * the others for ever.
 */
const createTurns = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <Result>(run: () => Promise<Result>, until: number): Promise<Result> => {
    const result = within(last, until).then(run)
    last = within(result, until + patienceMilliseconds).catch(() => undefined)
    return result
  }
}

// no cause: the server's words on a duplicate hold the address
const tooLate = (): never => {
  throw new AuthError('store_unavailable')
}

type Outcome<Result> = { result: Result } | { error: unknown }

/** Verbs look before they write, so a duplicate is somebody who was quicker, and is seen the next time. An id is not. */
const isWorthAnother = (error: unknown, attempt: number): boolean =>
  isTransient(error) || (isDuplicate(error) && attempt < 5)

/** Without the server's own words on a duplicate, which hold the address. */
const told = (error: unknown): unknown =>
  isDuplicate(error) ? new Error('What was to be written is there already') : unavailable(error)

const tryOnce = async <Result>(
  frame: Frame,
  work: (access: Access) => Promise<Result>,
): Promise<Outcome<Result>> => {
  const session = frame.line.client.startSession()
  const state: State = { broken: undefined }
  try {
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
    })
    const result = await work(accessIn(session, state, frame))
    if (state.broken !== undefined) throw state.broken
    await commit(session, frame.last)
    return { result }
  } catch (error) {
    // not for long: the caller of a verb that had no answer has waited already
    await within(abort(session), performance.now() + 250).catch(() => undefined)
    return { error: state.broken ?? error }
  } finally {
    session.endSession().catch(() => undefined)
  }
}

const accessIn = (session: ClientSession, state: State, { line, direct, last }: Frame): Access => {
  const send: Access['run'] = async (command) => {
    if (state.broken !== undefined) throw unavailable(state.broken)
    try {
      return await within(line.run(command, session), last)
    } catch (error) {
      // the server has ended the transaction; verbs that look first only meet a duplicate in a race
      state.broken = error
      throw unavailable(error)
    }
  }
  let before: Promise<unknown> = Promise.resolve()
  return {
    isInTransaction: true,
    // a transaction is told one thing at a time
    run: (command) => {
      const answer = before.then(() => send(command))
      before = answer.catch(() => {})
      return answer
    },
    runOutside: direct.run,
  }
}

/** An answer that was lost is asked for again: a commit that has happened is told so once more. */
const commit = async (session: ClientSession, until: number): Promise<void> => {
  try {
    await within(session.commitTransaction(), until)
  } catch (error) {
    if (!isUnknownCommit(error) || performance.now() > until) throw error
    await shortPause(0, until)
    await commit(session, until)
  }
}

const abort = async (session: ClientSession): Promise<void> => {
  if (session.inTransaction()) await session.abortTransaction()
}

/** Uneven and longer each time, so that those who were in each other's way come apart. */
const shortPause = async (attempt: number, until: number): Promise<void> => {
  if (performance.now() > until) tooLate()
  const longest = Math.min(100, 5 * 2 ** attempt)
  await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * longest))
}
