import type { Results } from './results.js'
import { type Figures, figuresOf } from './sample.js'
import { svgText } from './svg.js'

/** The run as a picture for the README: what latchkey and each peer answer a second, one panel for each kind of request. */
export type Panel = { title: string; bars: readonly Bar[] }
export type Bar = {
  label: string
  perSecond: number
  ours: boolean
  /** What explains the number. */
  note?: string
}

export const panelsOf = (results: Pick<Results, 'samples' | 'peers' | 'conditions'>): Panel[] => {
  const figures = figuresOf(results.samples)
  return panels.map(({ title, deed }) => ({
    title,
    bars: [
      barOf(figures, deed, {
        ...{ label: 'latchkey', ours: true },
        note: deed === 'login' ? results.conditions.hashCost : undefined,
      }),
      ...results.peers.flatMap(({ name, label, hash, deeds }) => {
        const isLogin = deed === 'login'
        const theirs = isLogin ? 'login' : deeds.find(({ equals }) => equals === deed)?.name
        if (theirs === undefined) return []
        const note = isLogin ? hash : undefined
        return [barOf(figures, `${name}.${theirs}`, { label, ours: false, note })]
      }),
    ].filter(({ perSecond }) => perSecond > 0),
  }))
}

const panels = [
  { title: 'GET /auth/me (whoever asks with an access token)', deed: 'me' },
  { title: 'POST /auth/refresh (rotated, stored)', deed: 'refresh' },
  { title: 'POST /auth/login (mostly the price of the hash)', deed: 'login' },
] as const

const barOf = (
  figures: Figures,
  name: string,
  { note, ...bar }: { label: string; ours: boolean; note: string | undefined },
): Bar => ({
  ...bar,
  perSecond: figures(`${name}.perSecond`)?.median ?? 0,
  ...(note !== undefined && { note }),
})

const width = 760
const labelWidth = 270
const rowHeight = 26
const barWidth = width - labelWidth - 110

export const chartOf = (results: Results): string => {
  const drawn = panelsOf(results)
  const { machine, conditions } = results
  let y = 46
  const next = (height: number): number => {
    const here = y
    y += height
    return here
  }
  const body = drawn.flatMap(({ title, bars }) => {
    const most = Math.max(...bars.map(({ perSecond }) => perSecond))
    const heading = `<text class="title" x="20" y="${next(34) + 26}">${svgText(title)}</text>`
    return [heading, ...bars.map((bar) => drawBar(bar, { y: next(rowHeight), most }))]
  })
  const height = y + 48
  const foot = `Medians of ${conditions.rounds} interleaved rounds, ${conditions.connections} connections, ${machine.cores} × ${machine.processor}, Node ${machine.node}.`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">Answers a second, latchkey and its peers</title>
<desc id="desc">${svgText(described(drawn))}</desc>
<style>
text { font: 14px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.head { font-size: 17px; font-weight: 600 }
.title { font-weight: 600 }
.number { font-variant-numeric: tabular-nums }
.inside { fill: #ffffff }
.foot { font-size: 12px; fill: #59636e }
.card { fill: #ffffff; stroke: #d1d9e0 }
.ours { fill: #1f7a4d }
.theirs { fill: #8c959f }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.inside { fill: #0d1117 }
.foot { fill: #9198a1 }
.card { fill: #0d1117; stroke: #3d444d }
.ours { fill: #3fb573 }
.theirs { fill: #656c76 }
}
</style>
<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
<text class="head" x="20" y="34">Answers a second</text>
${body.join('\n')}
<text class="foot" x="20" y="${height - 18}">${svgText(foot)}</text>
</svg>
`
}

const drawBar = (
  { label, perSecond, ours, note = '' }: Bar,
  { y, most }: { y: number; most: number },
) => {
  const long = Math.max(2, (perSecond / most) * barWidth)
  const isInside = long > barWidth * 0.7
  const beside = isInside || note === '' ? '' : `  (${note})`
  const inside = `<text class="inside" x="${(labelWidth + long - 10).toFixed(1)}" y="${y + 17}" text-anchor="end">${svgText(note)}</text>`
  return [
    `<g><text x="${labelWidth - 10}" y="${y + 17}" text-anchor="end">${svgText(label)}</text>`,
    `<rect class="${ours ? 'ours' : 'theirs'}" x="${labelWidth}" y="${y + 3}" width="${long.toFixed(1)}" height="${rowHeight - 6}" rx="3"/>`,
    `<text class="number" x="${(labelWidth + long + 8).toFixed(1)}" y="${y + 17}">${number(perSecond)}${svgText(beside)}</text>`,
    ...(isInside && note !== '' ? [inside] : []),
    '</g>',
  ].join('')
}

/** The same in words, for those who do not see it. */
const described = (drawn: readonly Panel[]): string =>
  drawn
    .map(
      ({ title, bars }) =>
        `${title}: ${bars.map(({ label, perSecond }) => `${label} ${number(perSecond)}`).join(', ')}.`,
    )
    .join(' ')

const number = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 })
