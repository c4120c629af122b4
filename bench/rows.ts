import type { StoreName } from './arguments.js'
import { hashCost } from './measure/logins.js'
import type { Figures } from './sample.js'
import type { Figure } from './statistics.js'

/** The lines of the table. A gate must be met, an aim is where we want to be. */
export type Row = {
  what: string
  figure: Figure | undefined
  unit: '/s' | 'ms' | 'MB'
  /** Against the contender named in `what`; gate and aim are then ratios. */
  ratio?: Figure | undefined
  /** The same by the processor time of the servers: steadier where other programs take part of the cores. */
  cpuRatio?: Figure | undefined
  gate?: number
  aim?: number
  generatorCpu?: Figure | undefined
  serverCpu?: Figure | undefined
}

export const rowsOf = (figures: Figures, store: StoreName): Row[] =>
  store === 'sqlite' ? linesOf(figures) : linesOfServers(figures)

/** Ratios were set for SQLite, which lives in the process; a server works beside it on the same cores. */
const linesOfServers = (figures: Figures): Row[] => [
  ...linesOf(figures)
    .filter(({ what }) => !/^(?:node|latchkey|ready|bare argon|memory)/.test(what))
    .map(({ gate: _gate, aim: _aim, ...row }) => row),
  { what: 'POST /auth/refresh', figure: figures('refresh.perSecond'), unit: '/s', gate: 1000 },
  { what: 'POST /auth/refresh p99', figure: figures('refresh.p99'), unit: 'ms', gate: 50 },
]

const linesOf = (figures: Figures): Row[] => {
  const rate = (name: string) => ({
    figure: figures(`${name}.perSecond`),
    unit: '/s' as const,
    ratio: figures(`${name}.ratio`),
    cpuRatio: figures(`${name}.cpuRatio`),
    generatorCpu: figures(`${name}.generatorCpu`),
    serverCpu: figures(`${name}.serverCpu`),
  })
  const milliseconds = (name: string) => ({ figure: figures(name), unit: 'ms' as const })
  const megabytes = (name: string) => ({ figure: figures(name), unit: 'MB' as const })

  return [
    { what: 'bare node:http hello (R)', ...rate('hello') },
    { what: 'GET /auth/me, of R', ...rate('me'), gate: 0.2, aim: 0.45 },
    { what: 'GET /auth/me, token seen first, of R', ...rate('first'), gate: 0.07, aim: 0.1 },
    { what: 'POST /auth/refresh, of R', ...rate('refresh'), gate: 0.08, aim: 0.11 },
    {
      what: 'GET /auth/me, every defence, of none',
      ...rate('defended'),
      gate: 0.9,
    },
    { what: `bare ${hashCost}`, ...rate('bare') },
    { what: 'POST /auth/login, of bare', ...rate('login'), gate: 0.93, aim: 0.97 },
    { what: '32 logging in: me p99', ...milliseconds('flood.me'), gate: 8, aim: 3 },
    { what: '32 logging in: health p99', ...milliseconds('flood.health') },
    { what: '32 logging in: file read p99', ...milliseconds('flood.file'), gate: 10, aim: 4 },
    { what: '32 logging in: event loop p99', ...milliseconds('flood.loop'), gate: 8, aim: 4 },
    { what: '32 refreshing: me p99', ...milliseconds('refreshFlood.me'), gate: 15, aim: 5 },
    { what: 'node -e 0', ...milliseconds('start.node') },
    { what: 'latchkey --version', ...milliseconds('start.version') },
    { what: 'ready, empty folder', ...milliseconds('start.fresh') },
    { what: 'ready, database present', ...milliseconds('start.ready'), gate: 450, aim: 300 },
    { what: 'ready, npm start on a built tree', ...milliseconds('start.npm'), gate: 1000 },
    { what: 'memory, idle', ...megabytes('memory.idle'), gate: 100, aim: 80 },
    { what: 'memory, after me and refresh', ...megabytes('memory.load'), gate: 150, aim: 100 },
    { what: 'memory, after logins', ...megabytes('memory.logins'), gate: 150, aim: 105 },
  ]
}

/** A ratio is better when higher, a time or a size when lower. */
export const verdictOf = ({ figure, unit, ratio, gate, aim }: Row): string => {
  const measured = unit === '/s' ? (ratio ?? figure) : figure
  if (gate === undefined || measured === undefined) return ''
  const reaches = (mark: number): boolean =>
    unit === '/s' ? measured.median >= mark : measured.median <= mark
  if (aim !== undefined && reaches(aim)) return 'aim'
  return reaches(gate) ? 'met' : 'MISSED'
}
