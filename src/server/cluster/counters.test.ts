import { describe, expect, test } from 'vitest'
import type { RateCounters } from '../../features/limits/store.js'
import { createTestClock } from '../../testing/testing.js'
import { createAskedCounters } from './asked-counters.js'
import { createKeptCounters } from './kept-counters.js'
import type { FromPrimary, FromWorker, Line } from './messages.js'

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

/** So many workers on one primary; what they say arrives in a later turn, in order, as it does on pipes. */
const joined = (workers: number) => {
  const lines = new Set<Line>()
  const kept = createKeptCounters({ lines })
  const said: string[] = []
  const sides = Array.from({ length: workers }, () => {
    const side = createAskedCounters((message: FromWorker) => {
      said.push(message.kind)
      setImmediate(() => {
        if (message.kind === 'hits') kept.take(line, message)
        if (message.kind === 'returned')
          kept.takeBack(line, message.key, message.unused, message.endsAt)
      })
    })
    const line: Line = {
      send: (message: FromPrimary) => {
        setImmediate(() => {
          if (message.kind === 'counts') side.answer(message)
          if (message.kind === 'recall') side.giveBack(message.key)
        })
      },
    }
    lines.add(line)
    return { ...side, line }
  })
  return { sides, kept, lines, said }
}

/** How many of these get through. */
const passed = async (
  all: readonly { counters: RateCounters }[],
  { most, times, atOnce = 16 }: { most: number; times: number; atOnce?: number },
): Promise<number> => {
  let through = 0
  const ask = async (index: number): Promise<void> => {
    const side = all[index % all.length]
    const hit = await side?.counters.hit('requests:192.0.2.1', 60, most)
    if (hit !== undefined && hit.count <= most) through += 1
  }
  for (let done = 0; done < times; done += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, times - done) }, (_, i) => ask(i)))
  return through
}

describe('workers that count together', () => {
  test.each([5, 60, 600, 5000])('let exactly %i through, never more, never fewer', async (most) => {
    for (const workers of [1, 2, 4])
      expect(await passed(joined(workers).sides, { most, times: most + 100 })).toBe(most)
  })

  test('of all that come at once, too', async () => {
    const { sides } = joined(4)

    expect(await passed(sides, { most: 300, times: 1000, atOnce: 500 })).toBe(300)
  })

  test('what one was lent and does not use, the others may', async () => {
    const { sides } = joined(2)
    const [one, other] = sides
    if (one === undefined || other === undefined) throw new Error('two workers')
    const first = await passed([one], { most: 600, times: 50, atOnce: 1 })

    expect(first + (await passed([other], { most: 600, times: 900 }))).toBe(600)
  })

  test('a busy key far from its limit is counted without asking', async () => {
    const { sides, said } = joined(2)
    await passed(sides, { most: 1_000_000, times: 10_000 })

    expect(said.length).toBeLessThan(40)
  })

  test('what a worker gives back before it leaves is not lost', async () => {
    const { sides, kept, lines } = joined(2)
    const [one, other] = sides
    if (one === undefined || other === undefined) throw new Error('two workers')
    const first = await passed([one], { most: 600, times: 50, atOnce: 1 })
    one.giveAllBack()
    await settled()
    lines.delete(one.line)
    kept.leave(one.line)

    expect(first + (await passed([other], { most: 600, times: 900 }))).toBe(600)
  })

  test('one that does not answer keeps what it has, and nobody waits for it', async () => {
    const { sides, kept, lines } = joined(2)
    const [one, other] = sides
    if (one === undefined || other === undefined) throw new Error('two workers')
    const first = await passed([one], { most: 600, times: 50, atOnce: 1 })
    one.line.send = () => {}
    const second = await passed([other], { most: 600, times: 900, atOnce: 900 })

    expect(first + second).toBeLessThan(600)
    expect(first + second).toBeGreaterThan(400)
    lines.delete(one.line)
    kept.leave(one.line)
    const third = await passed([other], { most: 600, times: 10 })
    expect(third).toBe(0)
  })
})

test('a new window begins with nothing lent', async () => {
  const clock = createTestClock()
  const answers: FromPrimary[] = []
  const line: Line = { send: (message) => answers.push(message) }
  const kept = createKeptCounters({ lines: new Set([line]), clock })
  const hits = { kind: 'hits', batch: 1, hits: [['a', 60, 20, 600, true]] } as const
  kept.take(line, hits)
  const [first] = answers
  const endsAt = first?.kind === 'counts' ? (first.counts[0]?.[1] ?? 0) : 0
  clock.advance('60s')
  kept.take(line, hits)
  kept.takeBack(line, 'a', 100, endsAt)
  kept.take(line, { ...hits, hits: [['a', 60, 1, 600, false]] })

  expect(answers).toMatchObject([
    { counts: [[20, endsAt, 145]] },
    { counts: [[20, endsAt + 60_000, 145]] },
    { counts: [[166, endsAt + 60_000, 0]] },
  ])
})
