import { svgText } from '../svg.js'
import { type Curve, curvesOf, type Growth, logarithmic, type MeasuredAxis } from './report.js'

/** Growth as a picture: one panel for each thing that grows, cost against the smallest point. */
const width = 760
const [panelWidth, panelHeight] = [365, 250]
const plot = { left: 46, top: 40, width: 290, height: 150 }

const colours = {
  me: 'a',
  first: 'b',
  refresh: 'c',
  login: 'd',
  list: 'e',
  jwks: 'f',
} as const

export const growthChart = (growth: Growth): string => {
  const rows = Math.ceil(growth.axes.length / 2)
  const height = 84 + rows * panelHeight
  const panels = growth.axes.map((axis, index) => {
    const [x, y] = [15 + (index % 2) * panelWidth, 60 + Math.floor(index / 2) * panelHeight]
    return `<g transform="translate(${x} ${y})">${panelOf(axis)}</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">What growth costs</title>
<desc id="desc">${svgText(growth.axes.map(described).join(' '))}</desc>
<style>
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.head { font-size: 17px; font-weight: 600 }
.title { font-size: 14px; font-weight: 600 }
.card { fill: #ffffff; stroke: #d1d9e0 }
.grid { stroke: #d1d9e0 }
.bound { stroke: #8c959f; stroke-dasharray: 4 4; fill: none }
.line { fill: none; stroke-width: 2.2 }
.a { stroke: #1f7a4d } .b { stroke: #0b69c7 } .c { stroke: #b35900 } .d { stroke: #8250df } .e { stroke: #bf3989 } .f { stroke: #57606a }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.card { fill: #0d1117; stroke: #3d444d }
.grid { stroke: #3d444d }
.a { stroke: #3fb573 } .b { stroke: #58a6ff } .c { stroke: #e8a33d } .d { stroke: #bc8cff } .e { stroke: #f778ba } .f { stroke: #9198a1 }
}
</style>
<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
<text class="head" x="20" y="34">Processor time for an answer, of that at the smallest size</text>
${panels.join('\n')}
<text x="20" y="${height - 12}">Dashed: growth with the logarithm, as a search tree has it. ${svgText(growth.store)}.</text>
</svg>
`
}

const panelOf = (axis: MeasuredAxis): string => {
  const curves = curvesOf(axis)
  const { points, title } = axis
  const first = points[0] ?? 1
  const bounds = points.map((point) => logarithmic(point, first))
  const most = Math.max(2, ...curves.flatMap(({ times }) => times.filter(Number.isFinite))) * 1.05
  const place = (point: number, time: number): string => {
    const along = Math.log(point / first) / Math.log((points.at(-1) ?? 1) / first || 1)
    const x = plot.left + along * plot.width
    const y = plot.top + plot.height * (1 - Math.min(time, most) / most)
    return `${x.toFixed(1)},${y.toFixed(1)}`
  }
  const path = (times: readonly number[]): string =>
    times.map((time, index) => place(points[index] ?? 1, time)).join(' ')
  const marks = points.map((point) => {
    const [x = '0'] = place(point, 0).split(',')
    return `<text x="${x}" y="${plot.top + plot.height + 18}" text-anchor="middle">${short(point)}</text>`
  })
  const lines = (most > 8 ? [1, Math.floor(most)] : [0, 1, Math.floor(most)]).map((time) => {
    const y = place(first, time).split(',')[1]
    return `<line class="grid" x1="${plot.left}" x2="${plot.left + plot.width}" y1="${y}" y2="${y}"/><text x="${plot.left - 8}" y="${Number(y) + 4}" text-anchor="end">${time}×</text>`
  })
  return [
    `<text class="title" x="5" y="22">${svgText(title)}</text>`,
    ...lines,
    `<polyline class="bound" points="${path(bounds.filter((bound) => bound <= most))}"/>`,
    ...curves.map(
      ({ deed, times }) => `<polyline class="line ${colours[deed]}" points="${path(times)}"/>`,
    ),
    ...marks,
    legend(curves),
  ].join('')
}

const legend = (curves: readonly Curve[]): string =>
  curves
    .map(({ deed }, index) => {
      const x = plot.left - 20 + index * 68
      const y = plot.top + plot.height + 38
      return `<line class="line ${colours[deed]}" x1="${x}" x2="${x + 14}" y1="${y - 4}" y2="${y - 4}"/><text x="${x + 18}" y="${y}">${deed}</text>`
    })
    .join('')

const short = (point: number): string =>
  point >= 1_000_000 ? `${point / 1_000_000} M` : point.toLocaleString('en')

/** The same in words, for those who do not see it. */
const described = (axis: MeasuredAxis): string => {
  const [first, last] = [axis.points[0] ?? 0, axis.points.at(-1) ?? 0].map(short)
  const texts = curvesOf(axis).map(({ deed, times }) => `${deed} ${times.at(-1)?.toFixed(2)}`)
  return `From ${first} to ${last} ${axis.title}: ${texts.join(', ')} times the cost.`
}
