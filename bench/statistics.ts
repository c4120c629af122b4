/** Medians and ranges: what a table of a noisy machine may say. */
export type Figure = { median: number; lowest: number; highest: number }

export const figureOf = (values: readonly number[]): Figure => {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: percentile(sorted, 50), lowest: sorted[0] ?? 0, highest: sorted.at(-1) ?? 0 }
}

/** @param sorted in rising order */
export const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0
