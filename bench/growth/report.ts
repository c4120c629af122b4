import { figuresOf, type Sample } from '../sample.js'
import { type Deed, judged } from './axes.js'

/** What growth costs: the server's processor time for an answer, at each point, and against the smallest. */
export type Growth = {
  store: string
  axes: readonly MeasuredAxis[]
  /** Bytes of heap for each. */
  memory: Readonly<Record<string, number>>
}
export type MeasuredAxis = {
  name: string
  title: string
  points: readonly number[]
  deeds: readonly Deed[]
  /** `<deed>.<point>`: milliseconds of the server's processor for an answer. */
  samples: readonly Sample[]
}

export type Curve = {
  deed: Deed
  /** Median milliseconds at each point. */
  costs: readonly number[]
  /** The same, of the smallest point. */
  times: readonly number[]
  outcome: 'flat' | 'logarithmic' | 'WORSE' | 'not judged'
}

/** Measurements wander by so much. */
const noise = 1.15

export const curvesOf = ({ points, deeds, samples }: MeasuredAxis): Curve[] => {
  const figures = figuresOf(samples)
  return deeds.map((deed) => {
    const costs = points.map((point) => figures(`${deed}.${point}`)?.median ?? Number.NaN)
    const times = costs.map((cost) => cost / (costs[0] ?? Number.NaN))
    return { deed, costs, times, outcome: outcomeOf(deed, points, times) }
  })
}

const outcomeOf = (
  deed: Deed,
  points: readonly number[],
  times: readonly number[],
): Curve['outcome'] => {
  if (!judged.some((name) => name === deed)) return 'not judged'
  if (times.every((time) => time <= noise)) return 'flat'
  const isBounded = times.every(
    (time, index) => time <= logarithmic(points[index] ?? 1, points[0] ?? 1) * noise,
  )
  return isBounded && !times.some(isLeap) ? 'logarithmic' : 'WORSE'
}

/** Beside a costly hash much can hide below the bound: with the logarithm no step is far greater than all before it. */
const isLeap = (time: number, index: number, times: readonly number[]): boolean => {
  const before = times[index - 1] ?? 1
  return index > 1 && time - before > 3 * Math.max(before - 1, noise - 1)
}

/** How much more a search tree costs at `point` than at `first`. */
export const logarithmic = (point: number, first: number): number =>
  Math.log2(point + 1) / Math.log2(first + 1)

export const growthTable = ({ store, axes, memory }: Growth): string => {
  const tables = axes.map((axis) => {
    const heading = axis.points.map((point) => point.toLocaleString('en').padStart(11)).join('')
    const lines = curvesOf(axis).map(({ deed, costs, times, outcome }) => {
      const cells = costs.map((cost) => `${cost.toFixed(3)} ms`.padStart(11)).join('')
      return `${deed.padEnd(10)}${cells}   ×${(times.at(-1) ?? Number.NaN).toFixed(2)}  ${outcome}`
    })
    return [`${axis.title}: processor time for an answer`, `${''.padEnd(10)}${heading}`, ...lines]
  })
  const sizes = Object.entries(memory).map(
    ([what, bytes]) => `${what.padEnd(60)} ${Math.round(bytes).toLocaleString('en')} bytes`,
  )
  return [[store], ...tables, ...(sizes.length > 0 ? [sizes] : [])]
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}
