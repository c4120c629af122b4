import { type JudgedRow, notesOn, type Results } from './results.js'
import { amountOf, grouped, markOf, ratioOf } from './table.js'

/** The run as the README shows it: narrow, and made from the results alone, so that both can be compared. */
const [begin, end] = ['<!-- bench -->', '<!-- /bench -->']

/** @throws TypeError when the README has no place for it */
export const withTable = (readme: string, results: Results): string => {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)]
  if (from === -1 || to < from) throw new TypeError(`README.md has no ${begin} and ${end}`)
  return `${readme.slice(0, from + begin.length)}\n${markdownOf(results)}\n${readme.slice(to)}`
}

export const markdownOf = (results: Results): string => {
  const rows = results.rows.filter(({ minor = false }) => !minor)
  const lines = Object.entries(grouped(rows)).flatMap(([title, group]) => [
    `| **${title}** | | | | |`,
    ...group.map(lineOf),
  ])
  return [
    '| | median | ratio | gate, aim | reached |',
    '|---|--:|--:|--:|---|',
    ...lines,
    '',
    notesOn(results).join(' '),
  ].join('\n')
}

const lineOf = (row: JudgedRow): string => {
  const { what, figure, unit, ratio, reached } = row
  const marks = [row.gate, row.aim].map((mark) => markOf(row, mark)).filter((mark) => mark !== '')
  const cells = [
    what,
    figure ? amountOf(figure.median, unit) : '',
    ratio ? ratioText(row, ratio.median) : '',
    marks.join(', '),
    reached === 'MISSED' ? '**missed**' : reached,
  ]
  return `| ${cells.join(' | ')} |`
}

const words = {
  ...{ R: ' of R', bare: ' of bare', none: ' of none', one: ' of one' },
  ...{ client: ' of one client', times: '' },
} as const

const ratioText = (row: JudgedRow, wall: number): string => {
  const { of, cpuRatio, judgedByCpu } = row
  if (of === undefined) return ''
  const text =
    of === 'times' ? `latchkey ${ratioOf(row, wall)}` : `${ratioOf(row, wall)}${words[of]}`
  return judgedByCpu && cpuRatio ? `${text}; by cpu ${ratioOf(row, cpuRatio.median)}` : text
}
