/** How often something was done since its window began, and when the window ends. */
export type Count = { count: number; resetSeconds: number }

/** Counters that forget. A window begins with the first hit of its key, and the first hit after it begins another. */
export type RateCounters = {
  /** Counts one more. Of callers at the same time each is given a number of its own, whoever else counts there. */
  hit(key: string, windowSeconds: number): Count | Promise<Count>
}
