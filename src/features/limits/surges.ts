import { type Clock, secondsBetween } from '../../lib/clock.js'

/** Surges: failed logins in such numbers that they are told together, or on so many accounts that somebody should look. */
export type Surge = {
  failures: number
  /** On so many different accounts or names, as far as they were kept apart. */
  accounts: number
  seconds: number
}

/** So many failures of names that no account has are told one by one in a minute; nobody fills the trail with them. */
const mostTold = 60
const minuteSeconds = 60

/** So many failures on so many accounts in five minutes are no slips of the fingers. */
const spread = { failures: 100, accounts: 20, seconds: 300 }

/** What one window keeps apart at most. */
const mostAccounts = 1000

type Deps = {
  clock: Clock
  /** How many serve together on this machine; each tells its part, and looks for its part. Default 1 */
  processes?: number | undefined
}

export const createSurges = ({ clock, processes = 1 }: Deps) => {
  const mostToldHere = Math.ceil(mostTold / processes)
  const failuresHere = Math.ceil(spread.failures / processes)
  const windowFrom = (startedAt: Date) => ({ startedAt, failures: 0, accounts: new Set<string>() })
  let untold = windowFrom(clock())
  let told = 0
  let all = { ...windowFrom(clock()), isRaised: false }

  const add = (window: ReturnType<typeof windowFrom>, account: string): void => {
    window.failures += 1
    if (window.accounts.size < mostAccounts) window.accounts.add(account)
  }
  const surgeOf = (window: ReturnType<typeof windowFrom>, seconds: number): Surge => ({
    failures: window.failures,
    accounts: window.accounts.size,
    seconds,
  })

  /** What was not told in the minute that has ended, or in the one that goes on if it ends here. */
  const takeUntold = ({ isEnding = false } = {}): Surge[] => {
    const now = clock()
    if (!isEnding && secondsBetween(untold.startedAt, now) < minuteSeconds) return []
    const surge = surgeOf(untold, minuteSeconds)
    untold = windowFrom(now)
    told = 0
    return surge.failures === 0 ? [] : [surge]
  }

  const takeSpread = (account: string): Surge[] => {
    const now = clock()
    if (secondsBetween(all.startedAt, now) >= spread.seconds)
      all = { ...windowFrom(now), isRaised: false }
    add(all, account)
    if (all.isRaised || all.failures < failuresHere || all.accounts.size < spread.accounts)
      return []
    all.isRaised = true
    return [surgeOf(all, spread.seconds)]
  }

  return {
    /** Counts a failure. Says whether it is to be told by itself, and what there is to tell of many. */
    note: (account: string, isKnown: boolean): { isTold: boolean; surges: Surge[] } => {
      const surges = [...takeUntold(), ...takeSpread(account)]
      if (isKnown) return { isTold: true, surges }
      told += 1
      if (told <= mostToldHere) return { isTold: true, surges }
      add(untold, account)
      return { isTold: false, surges }
    },
    takeUntold,
  }
}
export type Surges = ReturnType<typeof createSurges>
