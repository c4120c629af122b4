import { createMemoryCounters } from '../../features/limits/memory-counters.js'
import { type Clock, systemClock } from '../../lib/clock.js'
import type { FromWorker, KeyCount, KeyHits, Line } from './messages.js'

/**
 * Counters of all workers, kept by the primary. A key that is busy and far from its limit is lent out in parts, which count
 * as used; when nothing is left, the parts are called back first. So exactly as many get through as may.
 */
type Recall = { missing: Set<Line>; returned: number; end(): void; ended: Promise<number> }

/** Who asks this often in a window asks again soon. */
const busy = 8
/** Each worker is lent no more than this part of what is left for it; a smaller number is not worth the trouble. */
const partOfShare = 1 / 4
const leastLent = 8
/** A worker that does not answer by then keeps what it has for now. */
const recallMilliseconds = 250

type Deps = { lines: ReadonlySet<Line>; clock?: Clock }

export const createKeptCounters = ({ lines, clock = systemClock }: Deps) => {
  const counters = createMemoryCounters({ clock })
  const borrowers = new Map<string, Set<Line>>()
  const recalls = new Map<string, Recall>()

  const count = (from: Line, hits: KeyHits): KeyCount | Promise<KeyCount> => {
    const [key, windowSeconds, times, most] = hits
    const { count: last, endsAt } = counters.add(key, windowSeconds, times)
    if (last <= most) return [last, endsAt, lend(from, hits, last)]
    const recall = recalls.get(key) ?? (borrowers.has(key) ? callBack(key) : undefined)
    if (recall === undefined) return [last, endsAt, 0]
    const before = recall.returned
    return recall.ended.then((returned) => [last - (returned - before), endsAt, 0] as const)
  }

  const lend = (from: Line, [key, windowSeconds, , most, mayBorrow]: KeyHits, last: number) => {
    if (!mayBorrow || last < busy) return 0
    const lent = Math.floor(((most - last) / lines.size) * partOfShare)
    if (lent < leastLent) return 0
    counters.add(key, windowSeconds, lent)
    const known = borrowers.get(key)
    if (known === undefined) borrowers.set(key, new Set([from]))
    else known.add(from)
    return lent
  }

  const callBack = (key: string): Recall => {
    const missing = borrowers.get(key) ?? new Set()
    borrowers.delete(key)
    let end = (): void => {}
    const recall: Recall = {
      missing,
      returned: 0,
      end: () => end(),
      ended: new Promise((resolve) => {
        const late = setTimeout(() => end(), recallMilliseconds)
        end = () => {
          clearTimeout(late)
          recalls.delete(key)
          resolve(recall.returned)
        }
      }),
    }
    recalls.set(key, recall)
    for (const line of missing) line.send({ kind: 'recall', key })
    return recall
  }

  const takeBack = (from: Line, key: string, unused: number, endsAt: number): void => {
    counters.subtract(key, unused, endsAt)
    const recall = recalls.get(key)
    if (recall === undefined) return
    recall.returned += unused
    tick(recall, from)
  }

  const tick = (recall: Recall, line: Line): void => {
    recall.missing.delete(line)
    if (recall.missing.size === 0) recall.end()
  }

  return {
    take: (from: Line, { batch, hits }: Extract<FromWorker, { kind: 'hits' }>): void => {
      const counted = hits.map((of) => count(from, of))
      const send = (counts: readonly KeyCount[]): void =>
        from.send({ kind: 'counts', batch, counts })
      const now = counted.filter((one): one is KeyCount => !(one instanceof Promise))
      if (now.length === counted.length) send(now)
      else void Promise.all(counted).then(send)
    },
    takeBack,
    /** What somebody had who is gone counts as used. */
    leave: (line: Line): void => {
      for (const recall of recalls.values()) tick(recall, line)
      for (const [key, those] of borrowers) {
        those.delete(line)
        if (those.size === 0) borrowers.delete(key)
      }
    },
  }
}
