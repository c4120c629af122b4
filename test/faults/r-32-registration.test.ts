import { afterEach, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { describeTimes, isAlike, isAlikeInNoise, majorityOf, noise } from './alike.js'
import { createCaller, password, quantile } from './calls.js'
import { createRandom, say } from './runs.js'

/** where enumeration is private, the time of a registration tells nothing either. */
const samples = 60
/** Of which most decide. */
const rounds = 3
const longestMilliseconds = 15_000
const taken = 'taken@example.com'
type Times = { free: number[]; taken: number[] }

let server: TestServer
afterEach(() => server.stop())

test('A-078: a registration takes as long for a taken address as for a free one', async () => {
  const random = createRandom('R-32')
  server = await startServer({ env: { LOG_LEVEL: 'error', ENUMERATION: 'private' } })
  const caller = createCaller(server, { sockets: 1 })
  let count = 0

  const timeOf = async (email: string): Promise<number> => {
    const body = { email, password }
    const { status, milliseconds } = await caller.call('POST', '/auth/register', { body })
    expect(status).toBe(202)
    return milliseconds
  }
  const measure = async (times: number): Promise<Times> => {
    const measured: Times = { free: [], taken: [] }
    for (let sample = 0; sample < times; sample += 1) {
      count += 1
      const free = async () => measured.free.push(await timeOf(`free-${count}@example.com`))
      const repeated = async () => measured.taken.push(await timeOf(taken))
      for (const ask of random.next() < 0.5 ? [free, repeated] : [repeated, free]) await ask()
    }
    return measured
  }
  await timeOf(taken)
  await measure(10) // warm

  const all: Times = { free: [], taken: [] }
  const verdicts: boolean[] = []
  const end = performance.now() + longestMilliseconds
  while (majorityOf(verdicts, rounds) === undefined && performance.now() < end) {
    const times = await measure(samples)
    all.free.push(...times.free)
    all.taken.push(...times.taken)
    if (noise(times.free) <= 1 / 3) verdicts.push(isAlike(times.free, times.taken))
  }

  const told = describeTimes(all.free, all.taken)
  say(
    `R-32 registration: ${verdicts.length} quiet rounds, ${all.free.length} samples of each, median ${quantile(all.free, 0.5).toFixed(2)} ms; taken ${told}`,
  )
  const passes = majorityOf(verdicts, rounds) ?? isAlikeInNoise(all.free, all.taken)
  expect(passes, told).toBe(true)
})
