import { type Clock, secondsBetween } from './clock.js'
import type { Log } from './log.js'
import type { WaitingLine } from './waiting-line.js'

const secondsBetweenSentences = 10

/** Tells the operator when a line is full: at once, and then every ten seconds while people are sent away. */
export const watchLines = (
  lines: readonly WaitingLine[],
  { log, clock }: { log: Log; clock: Clock },
): void => {
  for (const { name, option, most, sentAway, onFull } of lines) {
    let toldAt: Date | undefined
    let told = 0
    onFull(() => {
      const now = clock()
      if (toldAt !== undefined && secondsBetween(toldAt, now) < secondsBetweenSentences) return
      toldAt = now
      const turned_away = sentAway() - told
      told = sentAway()
      log.warn(
        { line: name, most, turned_away },
        `requests are answered with 503: as many wait as ${option} allows`,
      )
    })
  }
}
