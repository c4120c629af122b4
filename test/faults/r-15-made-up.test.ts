import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { TestServer } from '../servers.js'
import { type Caller, createCaller, signUp } from './calls.js'
import type { Ground, GroundName } from './ground.js'
import { onGrounds } from './grounds.js'
import { ask } from './places.js'
import { createRandom, isLong, say } from './runs.js'

/** whoever is not signed in can make us remember nothing, but a bounded number of failed logins. */
const guesses = isLong ? 100_000 : 4_000
const logins = isLong ? 100_000 : 100
/** One for each name and each address at most, and no more however many are made up: see limits/attempt-keys.ts. */
const mostAttempts = Math.min(3 * logins, 2 * 65_536 + 131_072)
const atOnce = 32

/** So many times, so many of them at once. */
const often = async (times: number, work: (index: number) => Promise<void>): Promise<void> => {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < times) {
      next += 1
      await work(next)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const memoryMib = (server: TestServer): number => {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid()}/status`, 'utf8')) ?? []
  return Number(kib) / 1024
}

/** In the form of ours, with the key id of a real one, so that nothing but its check can give it away. */
const madeUpToken = (real: string, random: ReturnType<typeof createRandom>): string => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const text = (length: number) =>
    Array.from({ length }, () => letters[random.upTo(letters.length)]).join('')
  const [head = ''] = real.split('.')
  return `${head}.${text(21)}A.${random.upTo(30).toString(36)}.${text(54)}`
}

const refuseGuess = async (caller: Caller, token: string): Promise<void> => {
  const { status, body } = await caller.call('POST', '/auth/refresh', {
    body: { refresh_token: token },
  })
  expect([status, body.code]).toEqual([401, 'invalid_token'])
}

const attemptsOf = async (
  name: GroundName,
  { databaseUrl }: Pick<Ground, 'databaseUrl'>,
): Promise<number> => {
  const base = name === 'sqlite' ? 'sqlite' : 'postgres'
  const [row] = await ask(base, databaseUrl, 'select count(*) as count from latchkey_attempts')
  return Number(row?.count)
}

onGrounds('R-15', ['sqlite', 'postgres'], (open, name) => {
  test('made-up refresh tokens and logins of nobody: a bounded number of rows, no memory', async () => {
    const random = createRandom(`R-15 on ${name}`)
    const ground = await open()
    const env = { LOG_LEVEL: 'error', TRUSTED_PROXIES: '127.0.0.1' }
    const server = await ground.start({ env })
    const caller = createCaller(server, { sockets: atOnce })
    const { refreshToken } = await signUp(caller, 'ada@example.com')
    const rows = async () => ({
      users: (await ground.look.users()).length,
      sessions: (await ground.look.sessions()).length,
      events: (await ground.look.events()).length,
    })
    const before = await rows()
    const guess = () => refuseGuess(caller, madeUpToken(refreshToken, random))

    await often(guesses / 4, guess) // warm
    const start = memoryMib(server)
    await often(guesses, guess)
    const afterGuesses = memoryMib(server)
    expect(await rows()).toEqual(before)

    const began = performance.now()
    let failed = 0
    await often(logins, async (index) => {
      const address = [100, random.upTo(256), random.upTo(256), random.upTo(256)].join('.')
      const { status } = await caller.call('POST', '/auth/login', {
        headers: { 'x-forwarded-for': address },
        body: { email: `nobody${index}-${random.upTo(1e9)}@example.com`, password: 'a guess' },
      })
      expect([401, 503]).toContain(status) // 503: the queue of the hashes is bounded
      if (status === 401) failed += 1
    })
    const end = memoryMib(server)
    const minutes = Math.ceil((performance.now() - began) / 60_000) + 1
    const { events, ...others } = await rows()
    expect({ ...others, events: before.events }).toEqual(before)
    expect(events - before.events).toBeLessThanOrEqual(Math.min(failed + 1, 62 * minutes))
    const attempts = await attemptsOf(name, ground)
    expect(attempts).toBeGreaterThan(0)
    expect(attempts).toBeLessThanOrEqual(mostAttempts)
    // hashing holds its memory; what grows with the number of requests must not
    expect(afterGuesses - start).toBeLessThan(isLong ? 40 : 60)
    say(
      `R-15 on ${name}: ${guesses} made-up refresh tokens: 0 rows, memory ${start.toFixed(0)} → ${afterGuesses.toFixed(0)} MiB; ${logins} logins of nobody: ${events - before.events} events, ${attempts} counts of attempts, → ${end.toFixed(0)} MiB`,
    )
  })
})

onGrounds(
  'R-15',
  ['postgres'],
  (open) => {
    test('a made-up refresh token is refused without asking the database', async () => {
      const random = createRandom('R-15')
      const ground = await open()
      const caller = createCaller(await ground.start({ env: { LOG_LEVEL: 'silent' } }))
      const { refreshToken } = await signUp(caller, 'ada@example.com')
      await ground.own().stop('immediate')

      for (let count = 0; count < 100; count += 1)
        await refuseGuess(caller, madeUpToken(refreshToken, random))
      const real = await caller.call('POST', '/auth/refresh', {
        body: { refresh_token: refreshToken },
      })
      expect(real.status).toBe(503)
    })
  },
  { own: true },
)
