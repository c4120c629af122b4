import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { budgetOf, compare } from '../bench/budget.js'
import { chartOf } from '../bench/chart.js'
import { curvesOf } from '../bench/growth/report.js'
import { type CpuProfile, framesOf } from '../bench/profile/frames.js'
import { selfTimesOf } from '../bench/profile/self-time.js'
import { withTable } from '../bench/readme.js'
import type { Results } from '../bench/results.js'
import { verdictOf } from '../bench/row.js'
import { withTimes } from '../bench/rows/peers.js'
import { rowsOf } from '../bench/rows.js'
import { figuresOf, type Run, type Sample } from '../bench/sample.js'
import { tableOf } from '../bench/table.js'

/** What the benchmark makes of what it has measured. */
const peers = [
  {
    ...{ name: 'express', label: 'Express & co', hash: 'bcryptjs, cost 12' },
    deeds: [
      { name: 'me', what: 'me', equals: 'me' as const },
      { name: 'short', what: 'refresh without rotation', equals: undefined },
    ],
  },
]
const round = (me: number): Sample => ({
  ...{ 'hello.perSecond': 50_000, 'me.perSecond': me, 'me.ratio': me / 50_000 },
  ...{ 'login.perSecond': 140, 'login.ratio': 0.95, 'flood.me': 9 },
  ...{ 'express.me.perSecond': 1000, 'express.short.perSecond': 900 },
  ...{ 'express.login.perSecond': 3, 'postgres.refresh.perSecond': 1200 },
})
const run: Run = {
  samples: [15_000, 20_000, 16_000].map((me) => withTimes(round(me), peers)),
  ...{ peers, stores: [{ name: 'postgres', version: '15' }], absent: [], cores: 2 },
}
const rows = rowsOf(run).map((row) => ({ ...row, reached: verdictOf(row) }))
const row = (what: string) => rows.find((each) => each.what === what)

const readFile = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const kept: Results = JSON.parse(readFile('bench/results.json'))

describe('the table', () => {
  test('says of each line whether it is where it must be, or where we want it', () => {
    expect(row('GET /auth/me')).toMatchObject({ reached: 'met', ratio: { median: 0.32 } })
    expect(row('POST /auth/login')).toMatchObject({ reached: 'met' })
    expect(row('32 logging in: me')).toMatchObject({ reached: 'MISSED' })
    expect(row('PostgreSQL: refresh')).toMatchObject({ reached: 'met' })
    expect(row('POST /auth/refresh')).toBeUndefined() // not measured, so not there
  })

  test('holds latchkey against a peer only where both do the same work', () => {
    expect(row('Express & co: me')).toMatchObject({ reached: 'aim', ratio: { median: 16 } })
    expect(row('Express & co: refresh without rotation')?.ratio).toBeUndefined()
    expect(tableOf(rows)).toMatch(/Express & co: me .* 16× .* 8× +10× +aim/)
  })

  test('of two processes is judged by processor time where the generator needs one of the cores', () => {
    const sample = { 'two.me.perSecond': 20_000, 'two.me.ratio': 1.2, 'two.me.cpuRatio': 1.8 }
    const two = (cores: number) =>
      rowsOf({ ...run, samples: [sample], cores })
        .map(verdictOf)
        .filter(Boolean)

    expect([two(2), two(4)]).toEqual([['met'], ['MISSED']])
  })

  test('and the chart in the README are those of the results beside it', () => {
    expect(withTable(readFile('README.md'), kept)).toBe(readFile('README.md'))
    expect(chartOf(kept)).toBe(readFile('bench/chart.svg'))
  })
})

test('the chart has a bar for everybody who does the work, and says so in words', () => {
  const chart = chartOf({ ...kept, samples: run.samples, peers })

  expect(chart.match(/<rect class="(?:ours|theirs)"/g)).toHaveLength(4)
  expect(chart).toContain('latchkey 16,000, Express &amp; co 1,000.')
  expect(chart).toContain('(bcryptjs, cost 12)')
})

describe('the budget', () => {
  const budget = budgetOf({ latchkey: '1.0.0' }, figuresOf(run.samples))

  test('is what a run has measured', () => {
    expect(budget.ratios).toEqual({ me: 0.32, login: 0.95 })
  })

  test.each([
    [0.28, 'kept'],
    [0.27, 'worse'],
  ])('of 0.32 makes %d %s', (ratio, outcome) => {
    const now = figuresOf([{ 'me.ratio': ratio }])

    expect(compare(budget, now)).toMatchObject([
      { name: 'me', outcome },
      { name: 'login', outcome: 'not measured' },
    ])
  })
})

test('a profile counts native code for whoever of ours asked for it, and leaves waiting out', () => {
  const frame = (functionName: string, url = '') => ({
    callFrame: { functionName, url, lineNumber: 0, columnNumber: 0 },
  })
  const profile: CpuProfile = {
    nodes: [
      { id: 1, ...frame('(root)'), children: [2, 4] },
      { id: 2, ...frame('sign$1', 'ours'), children: [3] },
      { id: 3, ...frame('run') },
      { id: 4, ...frame('(idle)') },
    ],
    samples: [2, 3, 4, 4],
    timeDeltas: [0, 250, 750, 9000, 9000],
  }
  const frames = framesOf(profile, ({ functionName, url }) => ({
    place: url === 'ours' ? 'src/sign.ts:1' : '',
    kind: url === 'ours' ? 'ours' : functionName === '(idle)' ? 'idle' : 'native',
  }))

  expect(selfTimesOf(frames)).toMatchObject([
    { name: 'run', place: 'for src/sign.ts:1', self: 0.75 },
    { name: 'sign', place: 'src/sign.ts:1', self: 0.25, total: 1 },
  ])
})

describe('growth', () => {
  const samples = (costs: readonly number[], name: string): Sample[] => [
    Object.fromEntries(costs.map((cost, index) => [`${name}.${10 ** (3 + index)}`, cost])),
  ]
  const outcome = (deed: 'me' | 'jwks', ...costs: number[]) =>
    curvesOf({
      ...{ name: 'users', title: 'users', points: [1000, 10_000, 100_000, 1_000_000] },
      ...{ deeds: [deed], samples: samples(costs, deed) },
    })[0]?.outcome

  test('with the logarithm is allowed on a hot route, and nothing above', () => {
    expect(outcome('me', 1, 1.1, 0.9, 1.1)).toBe('flat')
    expect(outcome('me', 1, 1.3, 1.6, 1.9)).toBe('logarithmic')
    expect(outcome('me', 1, 1.3, 2, 3)).toBe('WORSE')
    expect(outcome('me', 1, 1, 1.1, 1.9)).toBe('WORSE') // linear beside something that costs a lot
    expect(outcome('jwks', 1, 2, 3, 4)).toBe('not judged')
  })
})
