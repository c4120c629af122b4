/** How often something was done since its window began, and when the window ends. */
export type Count = { count: number; resetSeconds: number }

/** Counters that forget. A window begins with the first hit of its key, and the first hit after it begins another. */
export type RateCounters = {
  /**
   * Counts one more. Of callers at the same time each is given a number of its own, whoever else counts there.
   *
   * @param most what the number is compared with: who keeps the counters elsewhere may have a part of it counted here
   */
  hit(key: string, windowSeconds: number, most?: number): Count | Promise<Count>
}

/** What is kept of the tries under one key. */
export type AttemptRow = Tally & {
  /** Derived from who tries what; at most 64 characters, and never a name that was typed. */
  key: string
  /** Whose account the tries were on, where it exists. */
  subjectId: string | null
  /** What the latest try is counted by: an address or a network. */
  address: string | null
}

export type Tally = {
  /** Tries that failed, and those whose outcome is not known yet. */
  failures: number
  lastAt: Date
  /** Nobody gets through before; null when somebody may. */
  blockedUntil: Date | null
}

/** One try under one key. */
export type Try = Pick<AttemptRow, 'key' | 'subjectId' | 'address'> & {
  /** What the tally becomes by this try. It may be asked more than once, so it must do nothing else. */
  count(before: Tally | undefined): Tally
}

export type Reservation =
  | { outcome: 'reserved'; rows: AttemptRow[] }
  /** Nothing was counted. */
  | { outcome: 'blocked'; until: Date }

export type AttemptStore = {
  /**
   * True where a transaction is undone when others change what it has changed: tries are then better counted and taken back
   * by themselves.
   */
  standsAlone?: true
  /**
   * Counts a try under all of its keys, or under none while one of them is blocked. Callers with the same key come one after
   * the other, so each is given the tally that the one before has left: no more get through than `count` allows.
   */
  reserve(tries: readonly Try[], now: Date): Promise<Reservation>
  /**
   * Takes tries back as if they had never been. A block that one of them has set ends; one that another has set stays. Of the
   * keys of `forgotten` all tries are forgotten.
   */
  giveBack(
    rows: readonly Pick<AttemptRow, 'key' | 'blockedUntil'>[],
    forgotten?: readonly string[],
  ): Promise<void>
  /** Notes that a try failed at `now`, and blocks its key until then, or for as long as it is blocked already. */
  fail(key: string, now: Date, until: Date | null): Promise<void>
  /** Forgets all tries under these keys; returns how many rows there were. */
  clear(keys: readonly string[]): Promise<number>
  /** Forgets all tries on an account, or from what an address is counted by; returns how many rows there were. */
  clearAll(of: { subjectId: string } | { address: string }): Promise<number>
  /** Rows that are blocked, in order of key, starting behind `afterKey`. */
  listBlocked(query: {
    now: Date
    afterKey?: string | undefined
    limit: number
  }): Promise<AttemptRow[]>
  /** Removes rows whose last try was at `before` or earlier, no more than `limit`; returns how many. */
  removeForgotten(before: Date, limit: number): Promise<number>
}
