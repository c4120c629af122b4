import { type Row, verdictOf } from './rows.js'
import type { Figure } from './statistics.js'

/** The rows as one aligned table. */
const headings = [
  'measured',
  'median',
  'range',
  'ratio',
  'range',
  'by cpu',
  'gate',
  'aim',
  'reached',
  'client',
  'server',
]

export const tableOf = (rows: readonly Row[]): string => {
  const cells = [headings, ...rows.map(cellsOf)]
  const widths = headings.map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  )
  const lines = cells.map((line) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd(),
  )
  const [heading = '', ...others] = lines
  return [heading, '-'.repeat(heading.length), ...others].join('\n')
}

const cellsOf = (row: Row): string[] => {
  const { what, figure, unit, ratio, cpuRatio, gate, aim, generatorCpu, serverCpu } = row
  const mark = (value: number | undefined): string => {
    if (value === undefined) return ''
    return unit === '/s' && ratio ? value.toFixed(2) : `${value} ${unit}`.replace(' /s', '/s')
  }
  return [
    what,
    figure ? `${amount(figure.median, unit)}${unit === '/s' ? '/s' : ` ${unit}`}` : 'not measured',
    rangeOf(figure, (value) => amount(value, unit)),
    ratio ? ratio.median.toFixed(3) : '',
    rangeOf(ratio, (value) => value.toFixed(3)),
    cpuRatio ? cpuRatio.median.toFixed(3) : '',
    mark(gate),
    mark(aim),
    verdictOf(row),
    share(generatorCpu),
    share(serverCpu),
  ]
}

const rangeOf = (figure: Figure | undefined, write: (value: number) => string): string =>
  figure ? `${write(figure.lowest)}–${write(figure.highest)}` : ''

const amount = (value: number, unit: Row['unit']): string => {
  const small = unit === 'ms' && value < 20
  return value.toLocaleString('en', { maximumFractionDigits: small ? 1 : 0 })
}

/** Part of one core. */
const share = (figure: Figure | undefined): string =>
  figure === undefined ? '' : `${Math.round(figure.median * 100)} %`
