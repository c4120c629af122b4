import { afterEach, expect, test } from 'vitest'
import { memoryMib } from '../process-figures.js'
import { startServer, type TestServer } from '../servers.js'
import { type Caller, createCaller, password, pause, quantile, signUp } from './calls.js'
import { isLong, say } from './runs.js'
import { slowPeers, staySlow } from './slow-peers.js'

/** who is slow on purpose is cut off in time, and nobody else notices. */
const crowds = isLong
  ? { headers: 500, bodies: 200, readers: 100 }
  : { headers: 80, bodies: 40, readers: 10 }
/** 10 s for headers, 15 s for a request and 18 s for an answer of this size; each second the server looks for who is late. */
const latest = { headers: 11_000, bodies: 16_000, readers: 20_000 }
// beside other tests the looking is late itself
const allowance = isLong ? 0 : 3_000

const kinds = ['headers', 'bodies', 'readers'] as const

let server: TestServer
afterEach(() => server.stop())

test('a byte a second, or nothing taken: cut off in time, while honest logins are answered', async () => {
  server = await startServer({ env: { LOG_LEVEL: 'error' } })
  const caller = createCaller(server, { keepAlive: false })
  await signUp(caller, 'ada@example.com')
  await Promise.all(Array.from({ length: 20 }, () => login(caller))) // hashing has taken its memory
  const before = memoryMib(server.pid())
  let isOver = false
  const honest = logIn(caller, () => isOver)

  const stays = await Promise.all(
    kinds.map(async (kind) => {
      const crowd = Array.from({ length: crowds[kind] }, () =>
        staySlow(server.port, slowPeers[kind]),
      )
      return { kind, longest: Math.max(...(await Promise.all(crowd))) }
    }),
  )
  isOver = true
  const { statuses, waits } = await honest
  const growth = memoryMib(server.pid()) - before

  for (const { kind, longest } of stays)
    expect(longest, kind).toBeLessThan(latest[kind] + allowance)
  const answered = statuses.filter((status) => status === 200).length
  expect(answered / statuses.length).toBeGreaterThanOrEqual(0.99)
  expect(growth).toBeLessThan(100)
  expect((await caller.call('GET', '/health')).status).toBe(200)
  const told = stays.map(
    ({ kind, longest }) =>
      `${crowds[kind]} with slow ${kind} after ${(longest / 1000).toFixed(1)} s`,
  )
  say(
    `R-14: cut off at the latest: ${told.join(', ')}; ${answered} of ${statuses.length} logins answered meanwhile, p99 ${Math.round(quantile(waits, 0.99))} ms; memory + ${growth.toFixed(0)} MiB`,
  )
})

const login = (caller: Caller) =>
  caller.tryCall('POST', '/auth/login', { body: { email: 'ada@example.com', password } })

/** Honest people, one after the other, each on a connection of their own. */
const logIn = async (caller: Caller, isOver: () => boolean) => {
  const statuses: (number | undefined)[] = []
  const waits: number[] = []
  while (!isOver()) {
    const answer = await login(caller)
    statuses.push(answer?.status)
    if (answer !== undefined) waits.push(answer.milliseconds)
    await pause(50)
  }
  return { statuses, waits }
}
