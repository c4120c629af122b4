/** The present instant. Every factory takes one, so tests move time instead of waiting for it. */
export type Clock = () => Date

export const systemClock: Clock = () => new Date()

export const addSeconds = (instant: Date, seconds: number): Date =>
  new Date(instant.getTime() + seconds * 1000)

export const secondsBetween = (from: Date, to: Date): number =>
  (to.getTime() - from.getTime()) / 1000

/** Seconds since 1970 in whole seconds, as JWT writes instants (RFC 7519 §2, NumericDate). */
export const epochSeconds = (instant: Date): number => Math.floor(instant.getTime() / 1000)
