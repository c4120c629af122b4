import { svgText } from '../svg.js'
import type { Frame, Kind } from './frames.js'

/** Stacks as a picture: who called stands below, the width is the time. Names and shares show under the pointer. */
const width = 1400
const rowHeight = 18
const smallest = 0.6 // pixels; what is narrower cannot be pointed at

const fills: Record<Kind, string> = {
  ours: '#e8743b',
  package: '#d9b53c',
  node: '#6aa6d8',
  native: '#9aa5b1',
  idle: '#eeeeee',
}
const meanings: Record<Kind, string> = {
  ours: 'latchkey',
  package: 'packages',
  node: 'Node',
  native: 'native code and collector',
  idle: '',
}

export const flameGraph = (all: Frame, title: string): string => {
  const callers = all.children.filter(({ kind }) => kind !== 'idle')
  const busy = callers.reduce((sum, { total }) => sum + total, 0)
  const boxes: { frame: Frame; x: number; depth: number }[] = []
  const place = (frames: readonly Frame[], from: number, depth: number): void => {
    let x = from
    for (const frame of frames.toSorted((a, b) => b.total - a.total)) {
      if ((frame.total / busy) * width >= smallest) {
        boxes.push({ frame, x, depth })
        place(frame.children, x, depth + 1)
      }
      x += (frame.total / busy) * width
    }
  }
  place(callers, 0, 0)
  const depth = Math.max(0, ...boxes.map((box) => box.depth)) + 1
  const height = depth * rowHeight + 70
  const drawn = boxes.map(({ frame, x, depth: row }) => {
    const wide = (frame.total / busy) * width
    const y = height - 10 - (row + 1) * rowHeight
    const share = `${((frame.total / busy) * 100).toFixed(1)} %, itself ${((frame.self / busy) * 100).toFixed(1)} %`
    const letters = Math.floor((wide - 6) / 6.2)
    const label = letters < 3 ? '' : svgText(frame.name.slice(0, letters))
    return `<g><title>${svgText(`${frame.name} ${frame.place}`)}: ${share}</title><rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.4, wide - 0.5).toFixed(1)}" height="${rowHeight - 1}" fill="${fills[frame.kind]}"/><text x="${(x + 3).toFixed(1)}" y="${y + 13}">${label}</text></g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${svgText(title)}" font-family="ui-monospace, monospace" font-size="11">
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="8" y="20" font-size="15">${svgText(title)}</text>
${legend()}
${drawn.join('\n')}
</svg>
`
}

const legend = (): string =>
  Object.entries(meanings)
    .filter(([, meaning]) => meaning !== '')
    .map(([kind, meaning], index) => {
      const x = 8 + index * 190
      const fill = Object.entries(fills).find(([name]) => name === kind)?.[1]
      return `<rect x="${x}" y="32" width="12" height="12" fill="${fill}"/><text x="${x + 18}" y="42">${meaning}</text>`
    })
    .join('\n')
