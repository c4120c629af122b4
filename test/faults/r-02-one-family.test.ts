import { afterEach, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { type Answer, type Caller, createCaller, refresh, signIn, signUp } from './calls.js'
import { integrityOf, numberOf } from './database.js'
import { isLong, say } from './runs.js'
import { skewed } from './skew.js'

/** clients with the same token, on two servers that share a file, get one family. */
const rounds = isLong ? 100 : 20
const atOnce = 50

let servers: TestServer[] = []
afterEach(async () => {
  for (const server of servers.toReversed()) await server.stop()
})

const startTwo = async (env: Record<string, string> = {}) => {
  const first = await startServer({ env: { ...env, LOG_LEVEL: 'warn' } })
  servers = [first]
  const second = await startServer({ env: { ...env, LOG_LEVEL: 'warn' }, folder: first.folder })
  servers = [first, second]
  return { first, second, callers: servers.map((server) => createCaller(server)) }
}

/** The same token from everywhere at once, every other request to the other server. */
const stampede = (callers: readonly Caller[], token: string): Promise<Answer[]> =>
  Promise.all(
    Array.from({ length: atOnce }, (_, index) => {
      const caller = callers[index % callers.length]
      if (caller === undefined) throw new Error('No caller')
      return refresh(caller, token)
    }),
  )

const generation = (folder: string): number =>
  numberOf(folder, 'select generation from latchkey_sessions')

test('50 refreshes of one token on two servers make one new generation, and all get the same successor', async () => {
  const { first, second, callers } = await startTwo()
  const [caller] = callers
  if (caller === undefined) return
  let { refreshToken: token } = await signUp(caller, 'ada@example.com')
  let previous = token

  for (let round = 1; round <= rounds; round += 1) {
    const answers = await stampede(callers, token)
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    const successors = new Set(answers.map(({ body }) => body.refresh_token))
    expect(successors.size).toBe(1)
    expect(generation(first.folder)).toBe(round)
    previous = token
    token = [...successors][0] ?? ''
  }
  say(`R-02: ${rounds} rounds of ${atOnce} on two servers, ${rounds} generations, 0 forks`)

  await second.end()
  await second.restart(skewed(11)) // the grace is over there
  const late = createCaller(second)
  expect((await refresh(late, token)).status).toBe(200)
  const dead = await refresh(late, previous)
  expect(dead.status).toBe(401)
  expect(dead.body.code).toBe('session_revoked')
  expect(integrityOf(first.folder)).toBe('ok')
})

test('without a grace one of 50 wins and the others are refused', async () => {
  const { first, callers } = await startTwo({ REFRESH_TOKEN_GRACE_SECONDS: '0' })
  const [caller] = callers
  if (caller === undefined) return
  await signUp(caller, 'ada@example.com')

  for (let round = 0; round < rounds; round += 1) {
    const { refreshToken } = await signIn(caller, 'ada@example.com')
    const answers = await stampede(callers, refreshToken)
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([200, ...Array(atOnce - 1).fill(401)])
  }
  const reused = numberOf(
    first.folder,
    `select count(*) from latchkey_events where type = 'session.reused'`,
  )
  expect(reused).toBe(rounds)
  say(`R-02: ${rounds} rounds without a grace, one 200 and ${atOnce - 1} times 401 in each`)
})
