import { createHmac, randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TestServer } from '../servers.js'
import { type Caller, createCaller, refresh, type SignedIn, signIn, signUp } from './calls.js'
import type { Ground } from './ground.js'
import { onGrounds } from './grounds.js'
import { ask } from './places.js'
import { say } from './runs.js'
import { skewed } from './skew.js'

/**
 * clocks differ. Tokens allow for 10 s exactly, and readiness says so beyond 5 s. All instances follow the clock of
 * a database on a server; those on one file have that of one machine, which is set wrong for some of them here by force.
 */
const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'
const env = { JWT_SECRET_KEY: secret, LOG_LEVEL: 'warn' }

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token of the server's own, with other times in it. */
const withTimes = (token: string, times: Record<string, number>): string => {
  const [header = '', payload = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const input = `${header}.${encode({ ...claims, jti: randomUUID(), ...times })}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** The session a token is of. */
const sessionIn = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sid

const now = (): number => Math.floor(Date.now() / 1000)

onGrounds('R-12', ['sqlite', 'postgres'], (open, name) => {
  const hasStoreClock = name !== 'sqlite'
  let ground: Ground
  let right: Caller
  let ahead: TestServer
  let behind: TestServer
  beforeAll(async () => {
    ground = await open()
    right = createCaller(await ground.start({ env }))
    const start = (seconds: number) => ground.start({ env: { ...env, ...skewed(seconds) } })
    ;[ahead, behind] = await Promise.all([start(60), start(-60)])
  })

  describe.skipIf(name !== 'sqlite')('tokens', () => {
    let grant: SignedIn
    beforeAll(async () => {
      grant = await signUp(right, 'tokens@example.com')
    })

    test.each<[string, Record<'exp' | 'nbf' | 'iat', number>, number]>([
      ['expired 5 s ago', { exp: -5, nbf: -600, iat: -600 }, 200],
      ['expired 8 s ago', { exp: -8, nbf: -600, iat: -600 }, 200],
      ['expired 11 s ago', { exp: -11, nbf: -600, iat: -600 }, 401],
      ['expired 15 s ago', { exp: -15, nbf: -600, iat: -600 }, 401],
      ['valid in 5 s', { exp: 600, nbf: 5, iat: 0 }, 200],
      ['valid in 9 s', { exp: 600, nbf: 9, iat: 0 }, 200],
      ['valid in 12 s', { exp: 600, nbf: 12, iat: 0 }, 401],
      ['valid in 15 s', { exp: 600, nbf: 15, iat: 0 }, 401],
      ['made 5 s from now', { exp: 600, nbf: 0, iat: 5 }, 200],
      ['made 15 s from now', { exp: 600, nbf: 0, iat: 15 }, 401],
    ])('%s', async (_, times, status) => {
      const at = now()
      const absolute = Object.entries(times).map(([claim, seconds]) => [claim, at + seconds])
      const token = withTimes(grant.accessToken, Object.fromEntries(absolute))
      const answer = await right.call('GET', '/auth/me', { token })

      expect(answer.status, answer.text).toBe(status)
    })
  })

  describe.each([60, -60])('with a second server whose clock is %d s off', (seconds) => {
    let wrong: Caller
    const email = `shift${seconds}@example.com`
    const inStore = (sql: string) =>
      ask(name === 'sqlite' ? 'sqlite' : 'postgres', ground.databaseUrl, sql)
    const endOf = async (token: string): Promise<number> => {
      const [row] = await inStore(
        `select expires_at from latchkey_sessions where id = '${sessionIn(token)}'`,
      )
      return Number(row?.expires_at) / 1000
    }
    const endIn = (fromNow: number, token: string) =>
      inStore(
        `update latchkey_sessions set expires_at = ${(now() + fromNow) * 1000} where id = '${sessionIn(token)}'`,
      )
    beforeAll(() => {
      wrong = createCaller(seconds > 0 ? ahead : behind)
    })

    test('no session is lost or extended by more than a minute, whoever opens and refreshes it', async () => {
      await signUp(right, email)
      for (const [opener, others] of [
        [right, [wrong, right, wrong, right]],
        [wrong, [right, wrong, right, wrong]],
      ] as const) {
        let { refreshToken } = await signIn(opener, email)
        for (const caller of others) {
          const answer = await refresh(caller, refreshToken)
          expect(answer.status, answer.text).toBe(200)
          refreshToken = answer.body.refresh_token ?? ''
          const token = answer.body.access_token ?? ''
          expect(Math.abs((await endOf(token)) - (now() + 7 * 86_400))).toBeLessThanOrEqual(61)
          // whoever refreshed believes what it has just given, whatever the others' clocks say
          expect((await caller.call('GET', '/auth/me', { token })).status).toBe(200)
        }
      }
    })

    // on one file the row holds the time of whoever refreshed, and beyond the grace a repeat is a theft whoever asks
    test('a repeat on the right server is within the grace', async () => {
      const { refreshToken } = await signIn(right, email)
      const first = await refresh(wrong, refreshToken)
      const again = await refresh(right, refreshToken)

      expect([first.status, again.status]).toEqual([200, hasStoreClock || seconds > 0 ? 200 : 401])
    })

    test.skipIf(!hasStoreClock)('a session ends when the database says so', async () => {
      for (const [fromNow, status] of [
        [30, 200],
        [-30, 401],
      ] as const) {
        const { accessToken, refreshToken } = await signIn(right, email)
        await endIn(fromNow, accessToken)
        expect((await refresh(wrong, refreshToken)).status).toBe(status)
      }
    })

    test.skipIf(hasStoreClock)(
      'a session near its end ends at most a minute early or late, and is not ended for others',
      async () => {
        const { accessToken, refreshToken } = await signIn(right, email)
        const endsAt = (fromNow: number) => endIn(fromNow, accessToken)
        const early = seconds > 0
        await endsAt(early ? 30 : -30)
        const there = await refresh(wrong, refreshToken)
        expect(there.status).toBe(early ? 401 : 200)
        await endsAt(early ? 30 : -90)
        const beyond = await refresh(
          early ? right : wrong,
          early ? refreshToken : (there.body.refresh_token ?? ''),
        )

        expect(beyond.status, beyond.text).toBe(early ? 200 : 401)
      },
    )
  })

  test.skipIf(name === 'sqlite')(
    'readiness stays 200, and warns of the clock that is off',
    async () => {
      const ready = (caller: Caller) => caller.call('GET', '/health/ready')
      const [fine, off] = [await ready(right), await ready(createCaller(ahead))]

      expect([fine.status, fine.body.warnings]).toEqual([200, []])
      expect(Math.abs(Number(fine.body.clock_skew_seconds))).toBeLessThan(5)
      expect([off.status, off.body.warnings]).toEqual([200, ['clock_skew']])
      expect(Math.abs(Number(off.body.clock_skew_seconds) - 60)).toBeLessThanOrEqual(2)
      expect(ahead.log()).toMatch(/the clock here is \d+ s ahead of that of the store.*timedatectl/)
      say(`R-12: a clock 60 s ahead of PostgreSQL is told as ${off.body.clock_skew_seconds} s`)
    },
  )
})
