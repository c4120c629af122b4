import type { Clock } from './clock.js'

/** How far a clock is ahead of another one that has to be asked for its time, in seconds; negative when it is behind. */
export type Skew = {
  seconds: number
  /** Half of what the question took: the truth lies no further away. */
  uncertaintySeconds: number
}

/** More than this is no jitter: tokens of one instance would be new or old to another. */
export const mostSkewSeconds = 5

/** The other clock is read halfway between question and answer, as far as anybody can tell (RFC 5905 §8). */
export const measureSkew = async (ask: () => Promise<Date>, clock: Clock): Promise<Skew> => {
  const [asked, begun] = [clock().getTime(), performance.now()]
  const other = await ask()
  const uncertaintySeconds = (performance.now() - begun) / 2000
  return {
    seconds: (asked - other.getTime()) / 1000 + uncertaintySeconds,
    uncertaintySeconds,
  }
}

/** Whether it is too much even if the answer was as slow as it can have been. */
export const isTooMuch = ({ seconds, uncertaintySeconds }: Skew): boolean =>
  Math.abs(seconds) - uncertaintySeconds > mostSkewSeconds
