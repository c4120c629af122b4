import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memoryMib } from '../process-figures.js'
import { createCaller, pause, quantile } from './calls.js'
import { type Crowd, createCrowd, type Mix } from './crowd.js'
import type { Ground } from './ground.js'
import { onGrounds } from './grounds.js'
import { expectIntact } from './intact.js'
import { isLong, say } from './runs.js'
import { createSlowDisk, withoutSlowDisk } from './slow-disk.js'
import { slowPeers, staySlow } from './slow-peers.js'

/** three times what the server can do: honest answers, bounded memory, and afterwards all is as before. */
const [seconds, measuring] = isLong ? [60, 5] : [2, 0.7]
// beside other tests even a calm server is slow
const calmWithin = isLong ? 2_000 : 20_000

const connections = 1_000

const repeat = <Item>(times: number, item: Item): Item[] =>
  Array.from({ length: times }, () => item)
const mixed: Mix = [...repeat(1, 'login' as const), ...repeat(6, 'refresh' as const)].flatMap(
  (deed) => [deed, 'me', 'me', 'me'],
)

onGrounds('R-13', ['sqlite'], (open) => {
  test('logins, refreshes and reads at three times the capacity, beside slow clients', async () => {
    const ground = await open()
    // logins of one account that are under way count as tries: the lock is not what this is about
    const env = { LOG_LEVEL: 'error', LOCK_AFTER_FAILURES: '1000000' }
    await withstand({ ground, env, mix: mixed, people: isLong ? 500 : 40, title: 'mixed' })
  })

  test.runIf(withoutSlowDisk === undefined)(
    'refreshes alone at three times the capacity, on a slow disk, with a short line',
    async () => {
      const ground = await open()
      const disk = createSlowDisk(join(await realpath(ground.folder), 'data'), 20)
      const { SLOW_DISK_IMAGE: _, ...slow } = disk.env
      const queue = isLong ? {} : { DATABASE_QUEUE: '16' }
      const env = { LOG_LEVEL: 'error', ...slow, ...queue }
      const people = isLong ? 2_000 : 60
      try {
        await withstand({ ground, env, mix: ['refresh'], people, title: '20 ms disk' })
      } finally {
        disk.close()
      }
    },
  )
})

type Siege = {
  ground: Ground
  env: Record<string, string>
  mix: Mix
  people: number
  title: string
}

const withstand = async ({ ground, env, mix, people, title }: Siege): Promise<void> => {
  const server = await ground.start({ env })
  const crowd = await createCrowd(server, createCaller(server), { people, connections })
  const capacity = await crowd.capacity(mix, measuring)
  const normal: number[] = []
  for (let count = 0; count < 30; count += 1) normal.push(await crowd.wait())
  const before = memoryMib(server.pid())
  let highest = before
  const watching = setInterval(() => {
    highest = Math.max(highest, memoryMib(server.pid()))
  }, 50)
  const slow = [slowPeers.headers, slowPeers.bodies].flatMap((peer) =>
    repeat(10, peer).map((each) => staySlow(server.port, each)),
  )

  const lay = async () => {
    const siege = await crowd.overload(mix, { perSecond: 3 * capacity, seconds })
    const over = performance.now()
    const end = await siege.end()
    const drained = performance.now() - over
    const calm = await untilCalm(crowd, { over, limit: 2 * quantile(normal, 0.99) + 20 })
    return { ...siege, ...end, drained, calm }
  }
  const siege = await lay().finally(() => clearInterval(watching))
  const { ok, away, faults, p99, longest, drained, calm } = siege

  const kept = await crowd.expectKept()
  say(
    `R-13 ${title}: capacity ${Math.round(capacity)}/s; ${Math.round(siege.sent)}/s for ${seconds} s: ${ok} answered, ${away} sent away (503), ${siege.late} open at the end, p99 ${Math.round(p99)} ms, longest ${Math.round(longest)} ms; the last answer after ${Math.round(drained)} ms, back to normal after ${Math.round(calm)} ms; memory ${Math.round(before)} MiB + ${Math.round(highest - before)} MiB; ${kept} sessions, 0 lost`,
  )
  expect([...faults]).toEqual([])
  if (isLong || mix.length === 1) expect(away).toBeGreaterThan(0)
  expect(ok).toBeGreaterThan(0)
  expect(highest - before).toBeLessThan(150)
  expect(calm).toBeLessThan(calmWithin)
  await server.kill() // an orderly end would wait for those who are slow
  await Promise.all(slow)
  await expectIntact(ground)
}

/** When the last slow answer came, in milliseconds after the end of the overload. */
const untilCalm = async (
  crowd: Crowd,
  { over, limit }: { over: number; limit: number },
): Promise<number> => {
  let calm = performance.now()
  for (let quick = 0; quick < 20; ) {
    const isQuick = (await crowd.wait()) < limit
    quick = isQuick ? quick + 1 : 0
    if (!isQuick) calm = performance.now()
    await pause(10)
  }
  return calm - over
}
