import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import { type Clock, secondsBetween } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { Store } from '../../stores/store.js'
import type { EventType } from '../events/event-types.js'
import type { Events, Recording } from '../events/events.js'
import type { AttemptKey, AttemptKeys, Target } from './attempt-keys.js'
import type { KnownDevices } from './known-devices.js'
import { countTry, delayAfter, type Kind, type LockSettings, policiesOf } from './policy.js'
import type { AttemptRow, Reservation, Tally } from './store.js'
import type { Surges } from './surges.js'
import { createTurns } from './turns.js'

/**
 * Attempts: every password that is tried is counted before it is looked at, so that no more are looked at than the policy
 * allows, however many come at once. One that was right, or that we could not look at, is taken back.
 */
type Deps = {
  store: Pick<Store, 'attempts'>
  events: Events
  clock: Clock
  log: Log
  keys: AttemptKeys
  devices: Pick<KnownDevices, 'knows'>
  surges: Surges
  settings: LockSettings
}

/** A try that was counted and whose outcome is open. */
export type Attempt = {
  isKnown: boolean
  tries: readonly { kind: Kind; row: AttemptRow }[]
}

/** The account a failure is told of, null for a name that none has. */
type Failure = { type: EventType; actorId?: null; subjectId: string | null }

/** What could not be taken back because the store was away is taken back later: so many tries at most. */
const mostOwed = 1000
const mostPaid = 20

export const createAttempts = (deps: Deps) => {
  const { store, events, clock, log, keys, devices, surges, settings } = deps
  const policies = policiesOf(settings)
  const turns = createTurns<Reservation>(({ outcome }) => outcome === 'blocked')
  const owed: Attempt[] = []
  const forgiven = new WeakSet<Attempt>()
  let telling: NodeJS.Timeout | undefined

  /**
   * Counts the try, and tells the work to look at the password. The work throws `refuse` of the attempt for a wrong one.
   *
   * @throws AuthError `too_many_attempts`
   */
  const during = async <Result>(
    target: Target,
    caller: Caller,
    work: (attempt: Attempt) => Promise<Result>,
  ): Promise<Result> => {
    const attempt = await reserve(target, caller)
    const result = await work(attempt).catch(async (error: unknown) => {
      if (isAway(error)) owe(attempt)
      else if (!isWrong(error)) await settle(attempt, giveBack)
      throw error
    })
    if (!forgiven.has(attempt)) await settle(attempt, (one) => forgive(one, store))
    return result
  }

  const reserve = async (target: Target, caller: Caller): Promise<Attempt> => {
    await payBack()
    const chosen = keysOf(target, caller)
    const turn = chosen.map(({ key }) => key).join()
    const reservation = await turns.take(turn, () => count(chosen))
    if (reservation.outcome === 'blocked') {
      const seconds = Math.max(1, Math.ceil(secondsBetween(clock(), reservation.until)))
      throw new AuthError('too_many_attempts', { retryAfterSeconds: seconds })
    }
    const kindOf = new Map(chosen.map(({ kind, key }) => [key, kind]))
    return {
      isKnown: 'userId' in target,
      tries: reservation.rows.map((row) => ({ kind: kindOf.get(row.key) ?? 'pair', row })),
    }
  }

  const count = (chosen: readonly AttemptKey[]): Promise<Reservation> => {
    const now = clock()
    const tries = chosen.map(({ kind, ...key }) => ({
      count: (before: Tally | undefined) => countTry(policies[kind], before, now),
      ...key,
    }))
    return store.attempts.reserve(tries, now)
  }

  const keysOf = (target: Target, caller: Caller): AttemptKey[] => {
    const deviceId = 'userId' in target ? devices.knows(caller.device, target.userId) : undefined
    return 'userId' in target && deviceId !== undefined
      ? keys.ofDevice(target.userId, deviceId)
      : keys.ofStranger(target, caller.address)
  }

  /** Whatever has become of the try, its caller has an answer already: a store that is away must not take it from them. */
  const settle = async (
    attempt: Attempt,
    how: (attempt: Attempt) => Promise<void>,
  ): Promise<void> => {
    try {
      await how(attempt)
    } catch (error) {
      const isBusy = error instanceof AuthError && error.code === 'overloaded' // its line tells of itself
      log[isBusy ? 'debug' : 'warn'](
        { err: error },
        'a counted attempt could not be taken back yet',
      )
      owe(attempt)
    }
  }

  const owe = (attempt: Attempt): void => {
    if (owed.length < mostOwed) owed.push(attempt)
  }

  /** @throws AuthError `store_unavailable`: then nothing can be counted either */
  const payBack = async (): Promise<void> => {
    const due = owed.splice(0, mostPaid)
    if (due.length === 0) return
    try {
      await store.attempts.giveBack(due.flatMap(rowsOf))
    } catch (error) {
      owed.push(...due)
      throw error
    }
  }

  const giveBack = (attempt: Attempt): Promise<void> => store.attempts.giveBack(rowsOf(attempt))

  /** The right password: the account is beyond doubt, while the address may still be guessing at others. */
  const forgive = (
    { tries }: Attempt,
    { attempts }: Pick<Recording, 'attempts'>,
  ): Promise<void> => {
    const [shared, own] = [true, false].map((isShared) =>
      tries.flatMap(({ kind, row }) => ((kind === 'address') === isShared ? [row] : [])),
    )
    return attempts.giveBack(
      shared ?? [],
      own?.map(({ key }) => key),
    )
  }

  /**
   * Takes the try back in the transaction of what the right password leads to, where tries can be held so long: at the end of
   * it, since many wait for what an address has in common. Else, and if that transaction fails, `during` does it.
   */
  const forgiveIn =
    (attempt: Attempt) =>
    async (ports: Pick<Recording, 'attempts'>): Promise<void> => {
      if (ports.attempts.standsAlone) return
      await forgive(attempt, ports)
      forgiven.add(attempt)
    }

  /** A wrong password: tells of it, and of the locks it led to, and makes whoever sent it wait. */
  const refuse = async (attempt: Attempt, caller: Caller, failure: Failure): Promise<void> => {
    const { tries, isKnown } = attempt
    const account = tries.find(({ kind }) => kind === 'account' || kind === 'device')?.row.key ?? ''
    const { isTold, surges: found } = surges.note(account, isKnown)
    if (!isTold) tellLater()
    const { type, ...happening } = failure
    await events.commit(async (ports) => {
      await delay(attempt, ports)
      if (isTold) await ports.record(type, caller, { ...happening, outcome: 'failure' })
      for (const { kind, row } of tries) {
        if (row.blockedUntil === null) continue
        const locked = { actorId: null, subjectId: row.subjectId, details: { kind } }
        await ports.record('login.locked', caller, { ...locked, outcome: 'failure' })
      }
      for (const details of found) await ports.record('login.surge', server, { details })
    })
  }

  /** Written also where nobody has to wait: what a failure costs must not tell whether it is one of an account (F4). */
  const delay = async ({ tries }: Attempt, { attempts }: Recording): Promise<void> => {
    const now = clock()
    for (const { kind, row } of tries.slice(0, 1))
      await attempts.fail(row.key, now, delayAfter(policies[kind], row.failures, now))
  }

  /** A surge that stops in the midst of its minute has to be told all the same. */
  const tellLater = (): void => {
    telling ??= setTimeout(() => {
      telling = undefined
      tellNow().catch((error: unknown) => log.warn({ err: error }, 'a surge could not be told'))
    }, tellingMilliseconds).unref()
  }

  const tellNow = async (): Promise<void> => {
    const found = surges.takeUntold({ isEnding: true })
    if (found.length === 0) return
    await events.commit(async ({ record }) => {
      for (const details of found) await record('login.surge', server, { details })
    })
  }

  return {
    during,
    forgiveIn,
    refuse,
    /** Tells what is left to tell. */
    stop: async (): Promise<void> => {
      clearTimeout(telling)
      await tellNow().catch(() => {}) // the store may be away, and nobody is left to hear of it
    },
  }
}
export type Attempts = ReturnType<typeof createAttempts>

const rowsOf = ({ tries }: Attempt): AttemptRow[] => tries.map(({ row }) => row)

const tellingMilliseconds = 60_000

const server: Caller = { actor: 'server' }

const isAway = (error: unknown): boolean =>
  error instanceof AuthError && error.code === 'store_unavailable'

/** What the caller has to answer for; everything else is our fault, or no guess. */
const isWrong = (error: unknown): boolean =>
  error instanceof AuthError && ['invalid_credentials', 'wrong_password'].includes(error.code)
