import { type Figure, figureOf } from './statistics.js'

/** What one round measured, by name. */
export type Sample = Readonly<Record<string, number>>

/** What a run measured, and whom. */
export type Run = {
  /** What one round measured stands in one of them. */
  samples: readonly Sample[]
  peers: readonly MeasuredPeer[]
  stores: readonly { name: string; version: string }[]
  /** Who was left out, and why. */
  absent: readonly string[]
  cores: number
}

export type MeasuredPeer = {
  name: string
  label: string
  hash: string
  deeds: readonly { name: string; what: string; equals: 'me' | 'refresh' | undefined }[]
}

/** The figure of a name over all rounds, or undefined when it could not be measured. */
export const figuresOf =
  (samples: readonly Sample[]) =>
  (name: string): Figure | undefined => {
    const values = samples.flatMap((sample) => sample[name] ?? []).filter(Number.isFinite)
    return values.length === 0 ? undefined : figureOf(values)
  }
export type Figures = ReturnType<typeof figuresOf>
