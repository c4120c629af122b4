import { quantile } from './calls.js'

/** The chance that one of the second group took longer than one of the first: 0.5 when they are alike. */
const areaUnderCurve = (first: readonly number[], second: readonly number[]): number => {
  let score = 0
  for (const one of first)
    for (const other of second) score += other > one ? 1 : other === one ? 0.5 : 0
  return score / (first.length * second.length)
}

const medianDifference = (first: readonly number[], second: readonly number[]): number =>
  quantile(second, 0.5) - quantile(first, 0.5)

export const isAlike = (first: readonly number[], second: readonly number[]): boolean => {
  const area = areaUnderCurve(first, second)
  return area > 0.35 && area < 0.65 && Math.abs(medianDifference(first, second)) < 1
}

/** The standard error of the difference of two medians of such groups. */
export const noise = (times: readonly number[]): number => {
  const spread = (quantile(times, 0.75) - quantile(times, 0.25)) / 1.35
  return 1.25 * spread * Math.sqrt(2 / times.length)
}

/** Where no round was quiet, all samples decide together, as closely as their noise and number allow. */
export const isAlikeInNoise = (first: readonly number[], second: readonly number[]): boolean => {
  const room = Math.max(0.1, 3 * Math.sqrt(1 / (6 * first.length)))
  return (
    Math.abs(areaUnderCurve(first, second) - 0.5) < room &&
    Math.abs(medianDifference(first, second)) < 1 + 3 * noise(first)
  )
}

/** What most of so many rounds say, once those that are still to come could not change it. */
export const majorityOf = (verdicts: readonly boolean[], rounds: number): boolean | undefined =>
  [true, false].find((said) => verdicts.filter((verdict) => verdict === said).length > rounds / 2)

export const describeTimes = (first: readonly number[], second: readonly number[]): string =>
  `AUC ${areaUnderCurve(first, second).toFixed(2)}, ${medianDifference(first, second).toFixed(2)} ms`
