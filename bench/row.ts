import type { Figure } from './statistics.js'

/** The lines of the table. A gate must be met, an aim is where we want to be. */
export type Row = {
  section: Section
  what: string
  figure: Figure | undefined
  unit: '/s' | 'ms' | 'MB'
  ratio?: Figure | undefined
  /** What the ratio is of; gate and aim are then ratios. `times` is latchkey against the peer of this line. */
  of?: 'R' | 'bare' | 'none' | 'one' | 'client' | 'times'
  /** The same by the processor time of the servers: steadier where other programs take part of the cores. */
  cpuRatio?: Figure | undefined
  /** The verdict is on the ratio by processor time. */
  judgedByCpu?: boolean
  gate?: number
  aim?: number
  generatorCpu?: Figure | undefined
  serverCpu?: Figure | undefined
  /** Only explains others: not for the README. */
  minor?: boolean
}

export const sections = {
  rates: 'latchkey, on one core',
  logins: 'logins, on all cores',
  flood: 'what a bystander waits in a flood, p99',
  processes: 'two processes, on all cores',
  start: 'start and memory',
  peers: 'peers, on one core; logins on all',
  stores: 'other stores, on the same cores',
} as const
export type Section = keyof typeof sections

export type Verdict = 'aim' | 'met' | 'MISSED' | ''

/** A rate and a ratio are better when higher, a time or a size when lower. */
export const verdictOf = (row: Row): Verdict => {
  const { figure, unit, ratio, cpuRatio, judgedByCpu = false, gate, aim } = row
  const judged = judgedByCpu ? (cpuRatio ?? ratio) : ratio
  const measured = unit === '/s' ? (judged ?? figure) : figure
  if (gate === undefined || measured === undefined) return ''
  const reaches = (mark: number): boolean =>
    unit === '/s' ? measured.median >= mark : measured.median <= mark
  if (aim !== undefined && reaches(aim)) return 'aim'
  return reaches(gate) ? 'met' : 'MISSED'
}
