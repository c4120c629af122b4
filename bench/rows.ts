import type { StoreName } from './arguments.js'
import { hashCost } from './measure/logins.js'
import type { Row, Section } from './row.js'
import { peerRows } from './rows/peers.js'
import { rateRow, serverRows } from './rows/rates.js'
import { type Figures, figuresOf, type Run } from './sample.js'

/** What was measured, line by line; lines of stations that were left out are not there. */
export const rowsOf = (run: Run, store: StoreName = 'sqlite'): Row[] => {
  const figures = figuresOf(run.samples)
  const rows =
    store === 'sqlite'
      ? [...linesOf(figures, run.cores), ...peerRows(figures, run), ...serverRows(figures, run)]
      : linesOfServers(figures, run.cores)
  return rows.filter(({ figure }) => figure !== undefined)
}

/** Ratios were set for SQLite, which lives in the process; a server works beside it on the same cores. */
const linesOfServers = (figures: Figures, cores: number): Row[] => [
  ...linesOf(figures, cores)
    .filter(({ section, what }) => section !== 'start' && !what.startsWith('bare argon'))
    .map(({ gate: _gate, aim: _aim, ...row }) => row),
  {
    ...{ section: 'rates', what: 'POST /auth/refresh', unit: '/s' },
    ...{ figure: figures('refresh.perSecond'), gate: 1000, aim: 3000 },
  },
  {
    ...{ section: 'rates', what: 'POST /auth/refresh p99', unit: 'ms' },
    ...{ figure: figures('refresh.p99'), gate: 50, aim: 15 },
  },
]

const linesOf = (figures: Figures, cores: number): Row[] => {
  const rate = (section: Section, name: string, what: string) =>
    rateRow(figures, { section, name, what })
  const wait = (what: string, name: string): Row => ({
    ...{ section: 'flood', unit: 'ms' },
    ...{ what, figure: figures(name) },
  })
  const start = (what: string, name: string): Row => ({
    ...{ section: 'start', unit: 'ms' },
    ...{ what, figure: figures(`start.${name}`) },
  })
  const memory = (what: string, name: string): Row => ({
    ...{ section: 'start', unit: 'MB' },
    ...{ what, figure: figures(`memory.${name}`) },
  })
  // two processes and the generator do not fit on two cores: there each counts by what it takes of one
  const judgedByCpu = cores < 3
  const two = { of: 'one', judgedByCpu } as const

  return [
    rate('rates', 'hello', 'bare node:http hello (R)'),
    // the default looks a session up once a second at most, which is the aim of 0.45; looked up each time it is 0.30
    { ...rate('rates', 'me', 'GET /auth/me'), of: 'R', gate: 0.2, aim: 0.45 },
    { ...rate('rates', 'first', 'GET /auth/me, token seen first'), of: 'R', gate: 0.07, aim: 0.1 },
    { ...rate('rates', 'refresh', 'POST /auth/refresh'), of: 'R', gate: 0.08, aim: 0.11 },
    {
      ...rate('rates', 'disk', 'POST /auth/refresh, syncs of 1 ms'),
      ...{ of: 'client', gate: 4 },
    },
    { ...rate('rates', 'defended', 'GET /auth/me, every defence'), of: 'none', gate: 0.9 },
    rate('logins', 'bare', `bare ${hashCost}`),
    { ...rate('logins', 'login', 'POST /auth/login'), of: 'bare', gate: 0.93, aim: 0.97 },
    { ...wait('32 logging in: me', 'flood.me'), gate: 8, aim: 3 },
    { ...wait('32 logging in: health', 'flood.health'), minor: true },
    { ...wait('32 logging in: file read', 'flood.file'), gate: 10, aim: 4 },
    { ...wait('32 logging in: event loop', 'flood.loop'), gate: 8, aim: 4 },
    { ...wait('32 refreshing: me', 'refreshFlood.me'), gate: 15, aim: 5 },
    { ...rate('processes', 'two.me', 'GET /auth/me'), ...two, gate: 1.6, aim: 1.9 },
    { ...rate('processes', 'two.first', 'GET /auth/me, token seen first'), ...two },
    { ...rate('processes', 'two.refresh', 'POST /auth/refresh'), ...two },
    { ...start('node -e 0', 'node'), minor: true },
    { ...start('latchkey --version', 'version'), gate: 100 },
    { ...start('ready, empty folder', 'fresh'), minor: true },
    { ...start('ready, database present', 'ready'), gate: 450, aim: 300 },
    { ...start('ready, npm start on a built tree', 'npm'), gate: 1000, minor: true },
    { ...memory('memory, idle', 'idle'), gate: 100, aim: 80 },
    { ...memory('memory, after me and refresh', 'load'), gate: 150, aim: 100 },
    { ...memory('memory, after logins', 'logins'), gate: 150, aim: 105 },
  ]
}
