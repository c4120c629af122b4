import { type Figure, figureOf } from './statistics.js'

/** What one round measured, by name. */
export type Sample = Readonly<Record<string, number>>

/** The figure of a name over all rounds, or undefined when it could not be measured. */
export const figuresOf =
  (samples: readonly Sample[]) =>
  (name: string): Figure | undefined => {
    const values = samples.flatMap((sample) => sample[name] ?? []).filter(Number.isFinite)
    return values.length === 0 ? undefined : figureOf(values)
  }
export type Figures = ReturnType<typeof figuresOf>
