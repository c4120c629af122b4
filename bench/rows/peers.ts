import type { Row } from '../row.js'
import type { Figures, MeasuredPeer, Run, Sample } from '../sample.js'
import { rateRow } from './rates.js'

/** How many times what a peer does. */
type Marks = { gate: number; aim: number }

const marks: Readonly<Record<string, Readonly<Record<'me' | 'refresh', Marks>>>> = {
  'better-auth': { me: { gate: 20, aim: 40 }, refresh: { gate: 10, aim: 17 } },
  fastapi: { me: { gate: 12, aim: 20 }, refresh: { gate: 6, aim: 8 } },
  express: { me: { gate: 8, aim: 10 }, refresh: { gate: 8, aim: 11 } },
}

const others = [
  ['me p99, 32 logging in', 'flood.me', 'ms'],
  ['me p99, 32 refreshing', 'refreshFlood.me', 'ms'],
  ['ready', 'start', 'ms'],
  ['memory, idle', 'memory.idle', 'MB'],
  ['memory, after me and refresh', 'memory.load', 'MB'],
] as const

export const peerRows = (figures: Figures, { peers }: Run): Row[] =>
  peers.flatMap((peer): Row[] => {
    const { name, label, hash, deeds } = peer
    const rate = (deed: string, what: string) =>
      rateRow(figures, { section: 'peers', name: `${name}.${deed}`, what: `${label}: ${what}` })
    return [
      ...deeds.map((deed): Row => {
        const row = rate(deed.name, deed.what)
        if (deed.equals === undefined) return { ...row, ratio: undefined, cpuRatio: undefined }
        return {
          ...{ ...row, of: 'times', ...marks[name]?.[deed.equals] },
          ratio: figures(`${name}.${deed.name}.times`),
          cpuRatio: figures(`${name}.${deed.name}.cpuTimes`),
        }
      }),
      rate('bare', `bare ${hash}`),
      { ...rate('login', `login (${hash})`), of: 'bare' },
      ...others.map(
        ([what, figure, unit]): Row => ({
          ...{ section: 'peers', unit, what: `${label}: ${what}`, minor: true },
          figure: figures(`${name}.${figure}`),
        }),
      ),
    ]
  })

/** The sample of a round with latchkey against each peer in it. */
export const withTimes = (sample: Sample, peers: readonly MeasuredPeer[]): Sample => {
  const times = peers.flatMap(({ name, deeds }) =>
    deeds.flatMap((deed) => {
      if (deed.equals === undefined) return []
      const theirs = `${name}.${deed.name}`
      return [
        [`${theirs}.times`, value(sample, `${deed.equals}.perSecond`, `${theirs}.perSecond`)],
        [`${theirs}.cpuTimes`, perCpu(sample, deed.equals) / perCpu(sample, theirs)],
      ] as const
    }),
  )
  return { ...sample, ...Object.fromEntries(times) }
}

const value = (sample: Sample, over: string, under: string): number =>
  (sample[over] ?? Number.NaN) / (sample[under] ?? Number.NaN)

const perCpu = (sample: Sample, name: string): number =>
  value(sample, `${name}.perSecond`, `${name}.serverCpu`)
