import type { JudgedRow } from './results.js'
import { type Row, sections } from './row.js'
import type { Figure } from './statistics.js'

/** The lines of a run as one aligned table for a terminal. */
const headings = [
  ...['measured', 'median', 'range', 'ratio', 'range', 'by cpu'],
  ...['gate', 'aim', 'reached', 'client', 'server'],
]

export const tableOf = (rows: readonly JudgedRow[]): string => {
  const bodies = Object.entries(grouped(rows))
  const cells = [headings, ...bodies.flatMap(([, group]) => group.map(cellsOf))]
  const widths = headings.map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  )
  const write = (line: readonly string[]): string =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd()
  const heading = write(headings)
  return [
    heading,
    ...bodies.flatMap(([title, group]) => {
      const line = `-- ${title} `
      return [line.padEnd(heading.length, '-'), ...group.map(cellsOf).map(write)]
    }),
  ].join('\n')
}

/** Lines under the title of their section, in the order of the sections. */
export const grouped = (rows: readonly JudgedRow[]): Record<string, JudgedRow[]> => {
  const groups: Record<string, JudgedRow[]> = {}
  for (const [section, title] of Object.entries(sections)) {
    const group = rows.filter((row) => row.section === section)
    if (group.length > 0) groups[title] = group
  }
  return groups
}

const cellsOf = (row: JudgedRow): string[] => {
  const { figure, unit, ratio, cpuRatio, generatorCpu, serverCpu } = row
  return [
    titleOf(row),
    figure ? amountOf(figure.median, unit) : '',
    rangeOf(figure, (value) => amount(value, unit)),
    ratio ? ratioOf(row, ratio.median) : '',
    rangeOf(ratio, (value) => ratioOf(row, value)),
    cpuRatio ? ratioOf(row, cpuRatio.median) : '',
    markOf(row, row.gate),
    markOf(row, row.aim),
    row.reached,
    share(generatorCpu),
    share(serverCpu),
  ]
}

const fractions: Record<Exclude<Row['of'], undefined>, string> = {
  ...{ R: 'of R', bare: 'of bare', none: 'of none', one: 'of one' },
  client: 'of one client',
  times: '',
}

const titleOf = ({ what, of }: Row): string =>
  of === undefined || of === 'times' ? what : `${what}, ${fractions[of]}`

export const ratioOf = ({ of }: Row, value: number): string => {
  if (of === 'times') return `${value.toFixed(value < 10 ? 1 : 0)}×`
  return of === 'one' || of === 'client' ? `${value.toFixed(2)}×` : value.toFixed(3)
}

/** A gate or an aim. */
export const markOf = (row: Row, mark: number | undefined): string => {
  if (mark === undefined) return ''
  if (row.unit !== '/s') return `${mark} ${row.unit}`
  if (row.ratio === undefined) return `${mark.toLocaleString('en')}/s`
  return row.of === 'R' || row.of === 'bare' || row.of === 'none' ? mark.toFixed(2) : `${mark}×`
}

const rangeOf = (figure: Figure | undefined, write: (value: number) => string): string =>
  figure ? `${write(figure.lowest)}–${write(figure.highest)}` : ''

export const amountOf = (value: number, unit: Row['unit']): string =>
  `${amount(value, unit)}${unit === '/s' ? '/s' : ` ${unit}`}`

const amount = (value: number, unit: Row['unit']): string => {
  const small = value < 20 && unit !== 'MB'
  return value.toLocaleString('en', { maximumFractionDigits: small ? 1 : 0 })
}

/** Part of one core. */
const share = (figure: Figure | undefined): string =>
  figure === undefined ? '' : `${Math.round(figure.median * 100)} %`
