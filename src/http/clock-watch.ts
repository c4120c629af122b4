import { systemClock } from '../lib/clock.js'
import { isTooMuch, measureSkew, type Skew } from '../lib/clock-skew.js'
import type { Log } from '../lib/log.js'
import type { Place } from '../stores/store.js'

/** Compares our clock with those of the places, seldom enough that readiness stays cheap. */
type Deps = { places: readonly Place[]; log: Log }

/** How far we are ahead of the place that differs most; undefined where nobody else has a clock, or none answers. */
export type ClockWatch = () => Promise<Skew | undefined>

const seldomMilliseconds = 30_000

export const createClockWatch = ({ places, log }: Deps): ClockWatch => {
  let known: Promise<Skew | undefined> | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  let hasWarned = false

  const look = async (): Promise<Skew | undefined> => {
    const found = await widestSkew(places)
    const isOff = found !== undefined && isTooMuch(found)
    if (isOff && !hasWarned) {
      log.warn({ clock_skew_seconds: Math.round(found.seconds) }, clockSentence(found))
    }
    hasWarned = isOff
    return found
  }

  return () => {
    const now = performance.now()
    if (known === undefined || now - askedAt > seldomMilliseconds) {
      askedAt = now
      known = look()
    }
    return known
  }
}

/** Of all places that have a clock and answer. */
export const widestSkew = async (places: readonly Place[]): Promise<Skew | undefined> => {
  const found = await Promise.all(
    places.map(({ now }) =>
      now === undefined ? undefined : measureSkew(now, systemClock).catch(() => undefined),
    ),
  )
  return found
    .filter((skew) => skew !== undefined)
    .toSorted((one, other) => Math.abs(other.seconds) - Math.abs(one.seconds))[0]
}

export const clockSentence = ({ seconds }: Skew): string => `${clockFault(seconds)}. ${clockRemedy}`

export const clockFault = (seconds: number): string =>
  `the clock here is ${Math.abs(Math.round(seconds))} s ${seconds > 0 ? 'ahead of' : 'behind'} that of the store: tokens of one instance look new or old to another`

export const clockRemedy =
  'Let NTP keep both clocks, here and on the server of the database: timedatectl set-ntp true'
