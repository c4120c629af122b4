import type { Frame, Kind } from './frames.js'

/** What one function took in all, whoever called it. Shares are of the time the thread was busy. */
export type SelfTime = {
  name: string
  place: string
  kind: Kind
  self: number
  /** With what it called; what calls itself is counted once. */
  total: number
}

/** Above this share a function of ours has to be explained. */
export const worthExplaining = 0.03

export const selfTimesOf = (all: Frame): SelfTime[] => {
  const idle = all.children.find(({ kind }) => kind === 'idle')?.total ?? 0
  const busy = all.total - idle
  const functions = new Map<string, SelfTime>()
  const visit = (frame: Frame, callers: ReadonlySet<SelfTime>, ours: string): void => {
    if (frame.kind === 'idle') return
    const { name, kind } = frame
    // native code has no place of its own: it belongs to whoever of ours asked for it
    const place = kind === 'native' && ours !== '' ? `for ${ours}` : frame.place
    const key = `${name} ${place}`
    const known = functions.get(key) ?? { name, place, kind, self: 0, total: 0 }
    functions.set(key, known)
    known.self += frame.self / busy
    if (!callers.has(known)) known.total += frame.total / busy
    const inside = new Set([...callers, known])
    for (const child of frame.children) visit(child, inside, kind === 'ours' ? frame.place : ours)
  }
  for (const child of all.children) visit(child, new Set(), '')
  return [...functions.values()].toSorted((a, b) => b.self - a.self)
}

/** Where the time went by kind and by file, as lines to read. */
export const selfTimeTable = (times: readonly SelfTime[], most = 40): string => {
  const functions = times
    .slice(0, most)
    .map((time) => line(time, `${time.name}  ${time.place}`, mark(time)))
  const files = summed(times, ({ kind, place }) => (kind === 'ours' ? withoutLine(place) : ''))
  const kinds = summed(times, ({ kind }) => kind)
  return [
    '  self   total  function (! ours, above 3 %)',
    ...functions,
    '',
    '  self          by file of ours',
    ...files.slice(0, 15).map(([file, self]) => `${percent(self)}          ${file}`),
    '',
    `  ${kinds.map(([kind, self]) => `${kind} ${percent(self).trim()}`).join(', ')}`,
  ].join('\n')
}

const line = ({ self, total }: SelfTime, text: string, sign: string): string =>
  `${percent(self)} ${percent(total)} ${sign} ${text}`

const mark = ({ kind, self }: SelfTime): string =>
  kind === 'ours' && self > worthExplaining ? '!' : ' '

const percent = (share: number): string => `${(share * 100).toFixed(1).padStart(5)} %`

const withoutLine = (place: string): string => place.replace(/:\d+$/, '')

const summed = (
  times: readonly SelfTime[],
  nameOf: (time: SelfTime) => string,
): [string, number][] => {
  const sums = new Map<string, number>()
  for (const time of times) {
    const name = nameOf(time)
    if (name !== '') sums.set(name, (sums.get(name) ?? 0) + time.self)
  }
  return [...sums].toSorted(([, a], [, b]) => b - a)
}
