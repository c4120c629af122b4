import { afterEach, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import {
  type Answer,
  type Caller,
  createCaller,
  password,
  pause,
  quantile,
  refresh,
  type SignedIn,
  signIn,
  signUp,
} from './calls.js'
import { isLong, say } from './runs.js'
import { manySessions, type SessionRows, sessionPlaces } from './session-rows.js'
import { later } from './skew.js'

/** what has expired is refused though its row is still there, and rows are removed without disturbing anybody. */
const expiredSessions = isLong ? 100_000 : 10_000
const liveSessions = 200
const batch = 500
const [minute, hour, day] = [60, 3600, 86_400]

let server: TestServer
let caller: Caller
let shelf: SessionRows
afterEach(async () => {
  caller?.close()
  await server?.stop()
  await shelf?.close()
})

const start = async (env: Record<string, string>): Promise<void> => {
  server = await startServer({ env: { ...env, LOG_LEVEL: 'warn', SESSION_PURGE_MINUTES: '0' } })
  caller = createCaller(server)
}

const restart = async (env: Record<string, string> = {}): Promise<void> => {
  caller.close()
  await server.end()
  await server.restart(env)
  caller = createCaller(server)
}

const me = (token: string): Promise<Answer> => caller.call('GET', '/auth/me', { token })
const codeOf = ({ status, body }: Answer): [number, string | undefined] => [status, body.code]

/** A member of what an access token says. */
const claimOf = (token: string, name: string): string => {
  const [, claims = ''] = token.split('.')
  return String(JSON.parse(Buffer.from(claims, 'base64url').toString())[name])
}

const places = sessionPlaces.map(({ place, isHere, open }) => [place, isHere, open] as const)

describe.each(places)('sessions in %s', (place, isHere, open) => {
  test.skipIf(!isHere)(
    'expired rows of each kind are refused with their own codes, before and after a restart',
    async () => {
      shelf = await open()
      await start({ ...shelf.env, REFRESH_TOKEN_EXPIRE_DAYS: '1', SESSION_EXPIRE_DAYS: '2' })
      const idle = await signUp(caller, 'ada@example.com')
      let busy = await signIn(caller, 'ada@example.com')
      const at = (seconds: number): Promise<void> => restart(later(seconds))
      const renew = async ({ refreshToken }: SignedIn): Promise<SignedIn> => {
        const { status, body } = await refresh(caller, refreshToken)
        expect(status).toBe(200)
        return { accessToken: body.access_token ?? '', refreshToken: body.refresh_token ?? '' }
      }

      await at(16 * minute)
      const late = await me(idle.accessToken)
      expect(codeOf(late)).toEqual([401, 'invalid_token'])
      expect(late.headers['www-authenticate']).toContain('error="invalid_token"')
      await at(23 * hour)
      busy = await renew(busy)
      await at(day + minute)
      expect(codeOf(await refresh(caller, idle.refreshToken))).toEqual([401, 'session_expired'])
      busy = await renew(busy)
      await at(2 * day - 10 * minute)
      busy = await renew(busy)
      expect((await me(busy.accessToken)).status).toBe(200)
      await at(2 * day + minute)

      const expectRefusals = async (): Promise<void> => {
        for (const { refreshToken, accessToken } of [idle, busy]) {
          expect(codeOf(await refresh(caller, refreshToken))).toEqual([401, 'session_expired'])
          expect(codeOf(await me(accessToken))).toEqual([401, 'invalid_token'])
        }
      }
      await expectRefusals()
      // its token has not expired: the session behind it has
      const now = Date.now() / 1000 + 2 * day + minute
      expect(Number(claimOf(busy.accessToken, 'exp'))).toBeGreaterThan(now)
      await server.kill()
      await server.restart()
      await expectRefusals()

      const { accessToken: token } = await signIn(caller, 'ada@example.com')
      const list = await caller.call('GET', '/auth/sessions', { token })
      expect(list.body.sessions).toMatchObject([{ current: true }])
      const path = `/auth/sessions/${claimOf(busy.accessToken, 'sid')}`
      expect(codeOf(await caller.call('DELETE', path, { token }))).toEqual([
        404,
        'session_not_found',
      ])
      const kept = await shelf.rows(server.folder, 'select id from latchkey_sessions')
      expect(kept).toHaveLength(3)
      say(`R-26 ${place}: expired tokens of 4 kinds refused, twice, their rows still there`)
    },
  )

  test.skipIf(!isHere)(
    'a purge under a load of logins goes in small batches, and nobody is turned away',
    async () => {
      shelf = await open()
      await start(shelf.env)
      const ada = await signUp(caller, 'ada@example.com')
      await signUp(caller, 'grace@example.com')
      const oldest = await fill(claimOf(ada.accessToken, 'sub'))
      const before = await liveRows()
      await restart({
        SESSION_PURGE_MINUTES: '1',
        NODE_OPTIONS: `--import ${new URL('./soon.mjs', import.meta.url).href}`, // after 2 s
      })
      const { logins, left, began, ended } = await purgeUnderLoad(oldest)
      const isDuring = ({ from, to }: Login): boolean => to > began && from < ended
      const [during, otherwise] = [
        logins.filter(isDuring),
        logins.filter((login) => !isDuring(login)),
      ]
      const rise = p(during, 0.99) / p(otherwise, 0.99) - 1
      say(
        `R-26 ${place}: ${expiredSessions} expired sessions removed in ${Math.round(ended - began)} ms, seen at ${left.length} counts; login p50/p99 ms with the purge ${times(during)}, without ${times(otherwise)}: p99 ${rise < 0 ? '' : '+'}${Math.round(rise * 100)} % (at most 20 wanted)`,
      )

      expect(left.at(-1)).toBe(0)
      expect(during.length).toBeGreaterThan(0)
      expect(otherwise.length).toBeGreaterThan(0)
      expect(new Set(logins.map(({ status }) => status))).toEqual(new Set([200]))
      // whole batches, one after the other
      expect(left.filter((count) => (expiredSessions - count) % batch !== 0)).toEqual([])
      expect(left.filter((count) => count > 0 && count < expiredSessions).length).toBeGreaterThan(
        10,
      )
      expect(await liveRows()).toEqual(before)
      expect((await refresh(caller, ada.refreshToken)).status).toBe(200)
      const traces = `select id from latchkey_events where session_id like '01890a5d-%'`
      expect(await shelf.rows(server.folder, traces)).toEqual([])
    },
  )
})

/** Sessions that may go, live ones, and some that expired too short a time ago. Returns when the oldest expired. */
const fill = async (userId: string): Promise<number> => {
  const now = Date.now()
  const expiresAt = now - 3 * day * 1000
  const sets = [
    { first: 0, count: expiredSessions, expiresAt },
    { first: 1_000_000, count: liveSessions, expiresAt: now + 3 * day * 1000 },
    { first: 2_000_000, count: liveSessions, expiresAt: now - 0.6 * day * 1000 },
  ]
  for (const set of sets) await shelf.change(server.folder, manySessions({ ...set, userId }))
  return expiresAt
}

/** The oldest go first and expired a millisecond apart: how many are left is asked for without counting them. */
const leftOver = async (oldest: number): Promise<number> => {
  const sql = 'select min(expires_at) as instant from latchkey_sessions'
  const [row] = await shelf.rows(server.folder, sql)
  const removed = Number(Object.values(row ?? {})[0]) - oldest
  return expiredSessions - Math.min(removed, expiredSessions)
}

/** Those that must stay as they are. */
const liveRows = (): Promise<object[]> =>
  shelf.rows(
    server.folder,
    `select * from latchkey_sessions where id like '01890a5d-ac96-7000-8000-%'
     and expires_at > ${Date.now() - day * 1000} order by id`,
  )

type Login = { from: number; to: number; status: number }

/** Logins without a pause, from before the purge begins until as long after its end. */
const purgeUnderLoad = async (oldest: number) => {
  const logins: Login[] = []
  const left: number[] = []
  let isOver = false
  const login = async (): Promise<void> => {
    const body = { email: 'grace@example.com', password } // not whose rows are counted: too many sessions end the oldest
    const from = performance.now()
    const { status } = await caller.call('POST', '/auth/login', { body })
    logins.push({ from, to: performance.now(), status })
  }
  const working = Promise.all(
    [1, 2].map(async () => {
      while (!isOver) await login()
    }),
  )
  let began = performance.now()
  let ended = Number.POSITIVE_INFINITY
  const deadline = began + (isLong ? 600_000 : 120_000)
  while (
    performance.now() < Math.min(deadline, ended + Math.max(isLong ? 3000 : 1500, ended - began))
  ) {
    const asked = performance.now()
    const count = await leftOver(oldest)
    if (count === expiredSessions) began = asked
    if (count === 0) ended = Math.min(ended, performance.now())
    if (count !== left.at(-1)) left.push(count)
    await pause(5)
  }
  isOver = true
  await working
  return { logins, left, began, ended }
}

const p = (logins: readonly Login[], share: number): number =>
  quantile(
    logins.map(({ from, to }) => to - from),
    share,
  )

const times = (logins: readonly Login[]): string =>
  `${Math.round(p(logins, 0.5))}/${Math.round(p(logins, 0.99))} (${logins.length})`
