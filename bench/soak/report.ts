import { quantile } from '../../test/faults/calls.js'
import type { Deed } from './people.js'
import type { Traffic } from './traffic.js'
import type { Held } from './watch.js'

/** What a soak has shown. Hard promises end it with 1; soft ones are figures to look at. */
type Findings = { traffic: Traffic; held: Held; stalls: readonly number[]; minutes: number }
type Line = { what: string; seen: string; isKept: boolean; isHard: boolean }

const slowest: Partial<Record<Deed, number>> = { refresh: 50, me: 20 }

export const reportOf = ({ traffic, held, stalls, minutes }: Findings) => {
  const { tallies, serverErrors, faults } = traffic
  const total = Object.values(tallies).reduce((sum, { count }) => sum + count, 0)
  const wrong = [...faults].map(([what, count]) => `${count} × ${what}`)
  const { memory, descriptors, memoryPerTenMinutes } = held
  const lines: Line[] = [
    hard('answers of the kind 5xx', `${serverErrors} of ${total}`, serverErrors === 0),
    hard('wrong answers', wrong.join('; ') || '0', wrong.length === 0),
    soft(
      'memory after the warm-up',
      `${signed(memoryPerTenMinutes)} MiB in 10 min (${mib(memory.first)} → ${mib(memory.last)}, highest ${mib(memory.highest)} MiB)`,
      memoryPerTenMinutes < 5,
    ),
    soft(
      'descriptors',
      `${descriptors.lowest} to ${descriptors.highest}`,
      descriptors.highest - descriptors.lowest < 100,
    ),
    soft('a question without the store', timesOf(stalls), quantile(stalls, 0.99) < 30),
  ]
  for (const [name, { waits }] of Object.entries(tallies)) {
    const most = slowest[name as Deed]
    lines.push(soft(name, timesOf(waits), most === undefined || quantile(waits, 0.99) < most))
  }
  const text = [`Soak of ${minutes} min, ${total} requests`, ...lines.map(written)].join('\n')
  return { text, isKept: lines.every(({ isKept, isHard }) => isKept || !isHard) }
}

const hard = (what: string, seen: string, isKept: boolean): Line => ({
  ...{ what, seen, isKept },
  isHard: true,
})
const soft = (what: string, seen: string, isKept: boolean): Line => ({
  ...{ what, seen, isKept },
  isHard: false,
})

const written = ({ what, seen, isKept, isHard }: Line): string => {
  const verdict = isKept ? '✓' : isHard ? '✗' : '!'
  return `${verdict} ${what.padEnd(30)} ${seen}`
}

const timesOf = (waits: readonly number[]): string =>
  `p50 ${quantile(waits, 0.5).toFixed(1)} ms, p99 ${quantile(waits, 0.99).toFixed(1)} ms (${waits.length})`

const mib = (value: number): string => value.toFixed(0)
const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(1)}`
