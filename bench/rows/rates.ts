import type { Row, Section } from '../row.js'
import type { Figures, Run } from '../sample.js'

/** A line for a rate of this name, with everything that was noted beside it. */
export const rateRow = (
  figures: Figures,
  { section, name, what }: { section: Section; name: string; what: string },
): Row => ({
  ...{ section, what, unit: '/s' },
  figure: figures(`${name}.perSecond`),
  ratio: figures(`${name}.ratio`),
  cpuRatio: figures(`${name}.cpuRatio`),
  generatorCpu: figures(`${name}.generatorCpu`),
  serverCpu: figures(`${name}.serverCpu`),
})

const titles: Readonly<Record<string, string>> = {
  ...{ postgres: 'PostgreSQL', mysql: 'MySQL or MariaDB', mongo: 'MongoDB' },
  redis: 'sessions in Redis',
}

/** What latchkey does with its data in a server, which works on the same cores. */
export const serverRows = (figures: Figures, { stores }: Run): Row[] =>
  stores.flatMap(({ name }): Row[] => {
    const title = titles[name] ?? name
    const rate = (deed: string, what: string) =>
      rateRow(figures, { section: 'stores', name: `${name}.${deed}`, what: `${title}: ${what}` })
    const isJudged = name === 'postgres'
    return [
      rate('me', 'me'),
      { ...rate('refresh', 'refresh'), ...(isJudged && { gate: 1000, aim: 3000 }) },
      {
        ...{ section: 'stores', unit: 'ms', what: `${title}: refresh p99` },
        figure: figures(`${name}.refresh.p99`),
        ...(isJudged && { gate: 50, aim: 15 }),
      },
      rate('login', 'login'),
    ]
  })
