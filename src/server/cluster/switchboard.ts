import type { Clock } from '../../lib/clock.js'
import { createKeptCounters } from './kept-counters.js'
import type { FromWorker, Line } from './messages.js'

type Deps = { lines: ReadonlySet<Line>; clock?: Clock }

/** The primary between its workers: it keeps the counters that they share, and hands on what one tells the others. */
export const createSwitchboard = (deps: Deps) => {
  const { lines } = deps
  const counters = createKeptCounters(deps)
  const underWay = new Map<number, { missing: Set<Line>; done(): void }>()
  let lastId = 0

  const handOn = (from: Line, { id, news }: Extract<FromWorker, { kind: 'news' }>): void => {
    const missing = new Set(lines)
    missing.delete(from)
    const done = (): void => from.send({ kind: 'heard', id })
    if (missing.size === 0) {
      done()
      return
    }
    lastId += 1
    underWay.set(lastId, { missing, done })
    for (const line of missing) line.send({ kind: 'news', id: lastId, news })
  }

  const tick = (line: Line, id: number): void => {
    const entry = underWay.get(id)
    if (!entry?.missing.delete(line) || entry.missing.size > 0) return
    underWay.delete(id)
    entry.done()
  }

  return {
    /** What a worker says that concerns the others. */
    take: (from: Line, message: FromWorker): void => {
      if (message.kind === 'hits') counters.take(from, message)
      if (message.kind === 'returned')
        counters.takeBack(from, message.key, message.unused, message.endsAt)
      if (message.kind === 'news') handOn(from, message)
      if (message.kind === 'heard') tick(from, message.id)
    },
    /** Who is gone has nothing to forget any more. */
    leave: (line: Line): void => {
      counters.leave(line)
      for (const id of [...underWay.keys()]) tick(line, id)
    },
  }
}
export type Switchboard = ReturnType<typeof createSwitchboard>
