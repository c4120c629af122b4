import { afterEach, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { describeTimes, isAlike, isAlikeInNoise, majorityOf, noise } from './alike.js'
import { type Caller, createCaller, password, quantile, signUp } from './calls.js'
import { changeFile } from './database.js'
import { createRandom, say } from './runs.js'

/** how long a refused login takes tells nothing about the account. Rule F4: AUC 0.35 to 0.65, medians within 1 ms. */
const samples = 60
/** Of which most decide. */
const rounds = 3
const longestMilliseconds = 20_000

const accounts = {
  known: 'known@example.com',
  unknown: 'unknown@example.com',
  disabled: 'disabled@example.com',
  passwordless: 'passwordless@example.com',
} as const
type Kind = keyof typeof accounts
type Times = Record<Kind, number[]>
const kinds = Object.keys(accounts) as Kind[]
const suspects = kinds.filter((kind) => kind !== 'known')

let server: TestServer
afterEach(() => server.stop())

test('a refused login takes as long for an unknown, disabled or passwordless account as for a known one', async () => {
  const random = createRandom('R-32')
  server = await startServer({
    // so many tries that nothing is locked: each of them is counted all the same, and that is what is measured
    env: { LOG_LEVEL: 'error', LOCK_AFTER_FAILURES: '1000000' },
  })
  const caller = createCaller(server, { sockets: 1 })
  for (const kind of kinds) if (kind !== 'unknown') await signUp(caller, accounts[kind])
  change('disabled', 'is_active = 0')
  change('passwordless', 'password_hash = null')
  await measure(caller, random, 10) // warm

  const all: Times = none()
  const verdicts: Record<Kind, boolean[]> = none()
  const majority = (kind: Kind) => majorityOf(verdicts[kind], rounds)
  const isDecided = () => suspects.every((kind) => majority(kind) !== undefined)
  const end = performance.now() + longestMilliseconds
  while (!isDecided() && performance.now() < end) {
    const times = await measure(caller, random, samples)
    for (const kind of kinds) all[kind].push(...times[kind])
    // a machine that is busy with something else cannot tell one millisecond from none
    if (noise(times.known) > 1 / 3) continue
    for (const kind of suspects) verdicts[kind].push(isAlike(times.known, times[kind]))
  }

  const told = suspects.map((kind) => `${kind} ${describeTimes(all.known, all[kind])}`).join('; ')
  say(
    `R-32: ${verdicts.unknown.length} quiet rounds, ${all.known.length} samples of each, median ${quantile(all.known, 0.5).toFixed(2)} ms; ${told}`,
  )
  for (const kind of suspects) {
    const passes = majority(kind) ?? isAlikeInNoise(all.known, all[kind])
    expect(passes, told).toBe(true)
  }
})

const change = (kind: Kind, set: string): void =>
  changeFile(
    server.folder,
    `update latchkey_users set ${set} where canonical_email = '${accounts[kind]}'`,
  )

const none = (): Record<Kind, []> => ({ known: [], unknown: [], disabled: [], passwordless: [] })

/** All kinds in turn, in another order each time, one request at a time. */
const measure = async (
  caller: Caller,
  random: ReturnType<typeof createRandom>,
  count: number,
): Promise<Times> => {
  const times: Times = none()
  for (let sample = 0; sample < count; sample += 1) {
    const order = kinds
      .map((kind) => ({ kind, place: random.next() }))
      .sort((one, other) => one.place - other.place)
    for (const { kind } of order) {
      const { status, milliseconds } = await caller.call('POST', '/auth/login', {
        body: { email: accounts[kind], password: `${password} not` },
      })
      expect(status).toBe(401)
      times[kind].push(milliseconds)
    }
  }
  return times
}
