import { quantile } from '../../test/faults/calls.js'
import type { Deed } from './people.js'
import type { Traffic } from './traffic.js'
import type { Held } from './watch.js'

/** What a soak has shown. Hard promises end it with 1; soft ones are figures to look at. */
type Findings = { traffic: Traffic; held: Held; stalls: readonly number[]; minutes: number }
/** A promise and what became of it: `value` is held against `most` in the unit that `what` names. */
type Line = { what: string; seen: string; value: number; most?: number; isHard: boolean }

const slowest: Partial<Record<Deed, number>> = { refresh: 50, me: 20 }

export const reportOf = ({ traffic, held, stalls, minutes }: Findings) => {
  const { tallies, serverErrors, faults } = traffic
  const requests = Object.values(tallies).reduce((sum, { count }) => sum + count, 0)
  const wrong = [...faults].map(([what, count]) => `${count} × ${what}`)
  const { memory, descriptors, perTenMinutes } = held
  const lines: Line[] = [
    {
      ...{ what: 'answers of the kind 5xx', seen: `${serverErrors} of ${requests}` },
      ...{ value: serverErrors, most: 0, isHard: true },
    },
    {
      ...{ what: 'wrong answers', seen: wrong.join('; ') || '0' },
      ...{ value: wrong.length, most: 0, isHard: true },
    },
    {
      what: 'memory, MiB in 10 min',
      seen: `${signed(perTenMinutes.memory)} (${memory.first.toFixed(0)} → ${memory.last.toFixed(0)}, highest ${memory.highest.toFixed(0)})`,
      ...{ value: perTenMinutes.memory, most: 5, isHard: false },
    },
    {
      what: 'descriptors in 10 min',
      seen: `${signed(perTenMinutes.descriptors)} (${descriptors.lowest} to ${descriptors.highest})`,
      ...{ value: perTenMinutes.descriptors, most: 5, isHard: false },
    },
    timed('event loop, p99 ms', stalls, 30),
    ...Object.entries(tallies).map(([name, { waits }]) =>
      timed(`${name}, p99 ms`, waits, slowest[name as Deed]),
    ),
  ]
  const missed = lines.filter((line) => !line.isHard && !isWithin(line))
  const broken = lines.filter((line) => line.isHard && !isWithin(line))
  const text = [
    `Soak of ${minutes} min, ${requests} requests`,
    ...lines.map(written),
    `Promises broken: ${namesOf(broken)}. Figures missed: ${namesOf(missed)}.`,
  ].join('\n')
  return { text, isKept: broken.length === 0, figures: { minutes, requests, lines } }
}

/** Without a bound where nothing is promised. */
const timed = (what: string, waits: readonly number[], most?: number): Line => {
  const p99 = quantile(waits, 0.99)
  const seen = `${p99.toFixed(1)} (p50 ${quantile(waits, 0.5).toFixed(1)}, ${waits.length} times)`
  return { ...{ what, seen, value: p99, isHard: false }, ...(most !== undefined && { most }) }
}

/** What is no number was not measured. */
const isWithin = ({ value, most }: Line): boolean => most === undefined || value <= most

const written = (line: Line): string => {
  const { what, seen, most, isHard } = line
  const verdict = isWithin(line) ? '✓' : isHard ? '✗' : '!'
  const bound = most === undefined ? '' : `at most ${most}`
  return `${verdict} ${what.padEnd(26)} ${bound.padEnd(12)} ${seen}`
}

const namesOf = (lines: readonly Line[]): string =>
  lines.map(({ what }) => what).join('; ') || 'none'

const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(1)}`
