import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import {
  type Answer,
  type Caller,
  createCaller,
  password,
  pause,
  quantile,
  signUp,
} from './calls.js'
import { isLong, say } from './runs.js'

/** more logins than the machine can hash are sent away at the door; nobody else notices. */
const floodSeconds = isLong ? 60 : 6
const perSecond = 400

let server: TestServer
afterEach(() => server.stop())

type Tally = { ok: number; wrong: number; away: number; waits: number[] }

test('a flood of logins: bounded memory, honest 503, right answers, and everybody else is served', async () => {
  server = await startServer({
    // one account, and every third password wrong: the lock is not what this is about
    env: { LOG_LEVEL: 'error', LOCK_AFTER_FAILURES: '1000000' },
  })
  const caller = createCaller(server, { sockets: 600 })
  await signUp(caller, 'ada@example.com')
  const grant = await signUp(caller, 'bystander@example.com') // Ada's oldest sessions end: one user has only so many
  await caller.call('GET', '/auth/me', { token: grant.accessToken })
  const before = memory(server)
  let highest = before
  const watching = setInterval(() => {
    highest = Math.max(highest, memory(server))
  }, 50)

  const tally: Tally = { ok: 0, wrong: 0, away: 0, waits: [] }
  await Promise.all(Array.from({ length: 500 }, (_, index) => login(caller, index, tally)))
  const burst = { ...tally }

  let isOver = false
  const bystanders = standBy(createCaller(server), grant.refreshToken, () => isOver)
  const pending: Promise<void>[] = []
  const started = performance.now()
  for (let sent = 0; performance.now() - started < floodSeconds * 1000; ) {
    const due = ((performance.now() - started) / 1000) * perSecond
    for (; sent < due; sent += 1) pending.push(login(caller, sent, tally))
    await pause(5)
  }
  const seconds = (performance.now() - started) / 1000
  const calming = untilCalm(createCaller(server), grant.accessToken)
  await Promise.all(pending)
  isOver = true
  const waits = await bystanders
  const calm = await calming
  clearInterval(watching)

  const growth = (highest - before) / 1024
  const answered = tally.ok + tally.wrong - burst.ok - burst.wrong
  say(
    `R-13: 500 at once: ${burst.ok + burst.wrong} answered, ${burst.away} sent away; ${Math.round(pending.length / seconds)}/s for ${Math.round(seconds)} s: ${Math.round(answered / seconds)} answered/s, p99 ${Math.round(quantile(tally.waits, 0.99))} ms; memory ${Math.round(before / 1024)} MiB + ${Math.round(growth)} MiB; p50/p99 ms: ${waits.map(({ name, times }) => `${name} ${Math.round(quantile(times, 0.5))}/${Math.round(quantile(times, 0.99))}`).join(', ')}; back to normal after ${Math.round(calm)} ms`,
  )
  const slowest = (name: string): number =>
    quantile(waits.find((each) => each.name === name)?.times ?? [], 0.99)
  const soft = [
    { what: 'logins answered a second', seen: answered / seconds, least: 100 },
    { what: 'login p99, ms', seen: quantile(tally.waits, 0.99), most: 1_000 },
    { what: 'refresh p99, ms', seen: slowest('refresh'), most: 200 },
    { what: 'health p99, ms', seen: slowest('health'), most: 100 },
    { what: 'event loop p99, ms', seen: slowest('live'), most: 50 },
    { what: 'back to normal, ms', seen: calm, most: 2_000 },
  ]
  for (const { what, seen, least = 0, most = Number.POSITIVE_INFINITY } of soft)
    say(`R-13 ${seen >= least && seen <= most ? '✓' : '!'} ${what}: ${Math.round(seen)}`)
  expect(growth).toBeLessThan(150)
  expect(burst.ok + burst.wrong).toBeGreaterThanOrEqual(60)
  expect(burst.away).toBeGreaterThan(0)
  expect(answered).toBeGreaterThan(0)
  for (const { times } of waits) {
    expect(times.length).toBeGreaterThan(0)
    expect(quantile(times, 0.5)).toBeLessThan(500)
  }
  const back = await caller.call('POST', '/auth/login', {
    body: { email: 'ada@example.com', password },
  })
  expect(back.status).toBe(200)
})

/** When reading was last slow, in milliseconds from now: the flood has ended, and many of it still wait. */
const untilCalm = async (caller: Caller, token: string): Promise<number> => {
  const started = performance.now()
  let calm = started
  for (let quick = 0; quick < 20; ) {
    const { milliseconds } = await caller.call('GET', '/auth/me', { token })
    quick = milliseconds < 50 ? quick + 1 : 0
    if (quick === 0) calm = performance.now()
    await pause(5)
  }
  caller.close()
  return calm - started
}

/** Every third password is wrong; each answer must be the right one for its password, or an honest 503. */
const login = async (caller: Caller, index: number, tally: Tally): Promise<void> => {
  const isRight = index % 3 !== 0
  const answer: Answer = await caller.call('POST', '/auth/login', {
    body: { email: 'ada@example.com', password: isRight ? password : `${password}!` },
  })
  if (answer.status === 503) {
    expect(answer.body.code).toBe('overloaded')
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    tally.away += 1
    return
  }
  expect(answer.status, answer.text).toBe(isRight ? 200 : 401)
  tally[isRight ? 'ok' : 'wrong'] += 1
  tally.waits.push(answer.milliseconds)
}

/** Somebody who refreshes, reads and asks after the health of the server all the while; nothing may be refused. */
const standBy = async (caller: Caller, first: string, isOver: () => boolean) => {
  const times = { refresh: [], me: [], jwks: [], health: [], live: [] } as Record<string, number[]>
  let refreshToken = first
  while (!isOver()) {
    const renewed = await caller.call('POST', '/auth/refresh', {
      body: { refresh_token: refreshToken },
    })
    refreshToken = renewed.body.refresh_token ?? ''
    const token = renewed.body.access_token ?? ''
    const answers = {
      refresh: renewed,
      me: await caller.call('GET', '/auth/me', { token }),
      jwks: await caller.call('GET', '/.well-known/jwks.json'),
      health: await caller.call('GET', '/health'),
      live: await caller.call('GET', '/health/live'), // asks nothing of the store: what it waits for is the event loop
    }
    for (const [name, answer] of Object.entries(answers)) {
      expect(answer.status, `${name} ${answer.text}`).toBe(200)
      times[name]?.push(answer.milliseconds)
    }
    await pause(20)
  }
  return Object.entries(times).map(([name, list]) => ({ name, times: list }))
}

/** Resident memory in KiB. */
const memory = ({ pid }: TestServer): number => {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid()}/status`, 'utf8')) ?? []
  return Number(kib)
}
