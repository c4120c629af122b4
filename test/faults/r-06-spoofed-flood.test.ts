import { afterEach, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { type Answer, type Caller, createCaller, password } from './calls.js'
import { createRandom, isLong, say } from './runs.js'

/** a server as `npm start` starts it, one address that guesses, and the owner. */
const guesses = isLong ? 10_000 : 2_000
const atOnce = 64
const email = 'ada@example.com'

/** What it has when nobody says anything; servers of other tests have no limits. */
const defaults = {
  RATE_LIMIT_REQUESTS: '600',
  RATE_LIMIT_LOGIN: '5',
  RATE_LIMIT_REGISTER: '5',
  RATE_LIMIT_REFRESH: '300',
}

let server: TestServer
afterEach(() => server.stop())

const login = (caller: Caller, given: string, headers: Record<string, string> = {}) =>
  caller.call('POST', '/auth/login', { body: { email, password: given }, headers })

const deviceOf = ({ headers }: Answer): Record<string, string> => {
  const cookie = headers['set-cookie']?.find((line) => line.startsWith('known_device='))
  return { cookie: cookie?.split(';')[0] ?? '' }
}

/** Each with another made-up address in every header that some server somewhere believes. */
const flood = async (caller: Caller): Promise<Map<number, number>> => {
  const random = createRandom('R-06, spoofed')
  const statuses = new Map<number, number>()
  let sent = 0
  const worker = async (): Promise<void> => {
    while (sent < guesses) {
      sent += 1
      const address = [1, 2, 3, 4].map(() => random.upTo(256)).join('.')
      const headers = {
        'x-forwarded-for': address,
        'x-real-ip': address,
        forwarded: `for=${address}`,
        'cf-connecting-ip': address,
        'true-client-ip': address,
      }
      const { status } = await login(caller, `guess ${sent}`, headers)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return statuses
}

test.each([
  { title: 'all limits', env: defaults, mostLooked: 5 },
  { title: 'locks alone', env: {}, mostLooked: 10 },
])(
  'with $title a flood from one address is not looked at, and the owner comes in',
  async ({ title, env, mostLooked }) => {
    server = await startServer({ env: { ...env, LOG_LEVEL: 'error' } })
    const [stranger, owner] = [
      createCaller(server, { sockets: atOnce }),
      createCaller(server, { from: '127.0.0.2' }),
    ]
    const device = deviceOf(
      await owner.call('POST', '/auth/register', { body: { email, password } }),
    )
    const started = performance.now()
    const statuses = await flood(stranger)
    const seconds = (performance.now() - started) / 1000
    say(
      `R-06 with ${title}: of ${guesses} guesses with made-up addresses ${statuses.get(401)} were looked at, ${statuses.get(429)} refused, in ${seconds.toFixed(1)} s`,
    )

    expect(statuses.get(401)).toBeLessThanOrEqual(mostLooked * Math.ceil(seconds / 60))
    expect((statuses.get(401) ?? 0) + (statuses.get(429) ?? 0)).toBe(guesses)
    const elsewhere = await login(owner, password)
    expect([elsewhere.status, elsewhere.text]).toEqual([200, expect.any(String)])
    const sameAddress = await login(stranger, password, device)
    expect([sameAddress.status, sameAddress.text]).toEqual([200, expect.any(String)])
    if (title === 'locks alone') expect((await login(stranger, password)).status).toBe(429)
  },
)
