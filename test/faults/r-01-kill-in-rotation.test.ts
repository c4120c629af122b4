import { afterEach, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { type Caller, createCaller, pause, refresh, signUp } from './calls.js'
import { integrityOf, numberOf, rowsOf } from './database.js'
import { createRandom, isLong, runUnderKills, say } from './runs.js'

/** kill -9 during rotation loses no session. */
const fewestRotations = isLong ? 2000 : 200
const clients = 20
// beside other tests a start may take longer than the default grace: that is slow, not forgetful
const graceSeconds = isLong ? 10 : 60

let server: TestServer
afterEach(() => server.stop())

test('a server killed in the midst of rotations loses no session', async () => {
  const random = createRandom('R-01')
  server = await startServer({
    env: { LOG_LEVEL: 'warn', REFRESH_TOKEN_GRACE_SECONDS: String(graceSeconds) },
  })
  const caller = createCaller(server)
  const holders = await Promise.all(
    Array.from({ length: clients }, async (_, index) => {
      const { refreshToken } = await signUp(caller, `holder${index}@example.com`)
      return createHolder(caller, refreshToken)
    }),
  )

  const { kills, medianRestart, longestRestart } = await runUnderKills({
    server,
    kills: isLong ? 200 : 25,
    seconds: 20,
    random,
    clients,
    client: async (index, isOver) => {
      while (!isOver()) await holders[index]?.rotate()
    },
  })

  const rotations = holders.reduce((sum, holder) => sum + holder.rotations(), 0)
  const replays = numberOf(
    server.folder,
    `select count(*) from latchkey_events where type = 'session.replayed'`,
  )
  say(
    `R-01: ${kills} kills, ${rotations} rotations, ${replays} lost answers repeated, 0 sessions lost, restart ${medianRestart} ms (longest ${longestRestart} ms)`,
  )
  expect(rotations).toBeGreaterThanOrEqual(fewestRotations)
  for (const holder of holders) await holder.rotate() // every family has a live tip
  const ended = rowsOf(server.folder, 'select id from latchkey_sessions where revoked_at not null')
  expect(ended).toEqual([])
  expect(numberOf(server.folder, 'select count(*) from latchkey_sessions')).toBe(clients)
  expect(integrityOf(server.folder)).toBe('ok')
})

/** Keeps one session alive: asks with the last token it was given, until that token is answered. */
const createHolder = (caller: Caller, first: string) => {
  let token = first
  let rotations = 0
  const last: string[] = []

  const rotate = async (): Promise<void> => {
    const started = performance.now()
    while (performance.now() - started < graceSeconds * 1000) {
      const answer = await refresh(caller, token).catch((error: Error) => error.message)
      const told =
        typeof answer === 'string' ? answer : `${answer.status} ${answer.body.code ?? ''}`
      last.push(`${new Date().toISOString()} ${token.slice(0, 36)} → ${told}`)
      if (last.length > 200) last.shift()
      if (typeof answer === 'string' || answer.status === 503) {
        await pause(10)
        continue
      }
      if (answer.status !== 200 || answer.body.refresh_token === undefined)
        throw new Error(`A session was lost. The last requests:\n${last.join('\n')}`)
      token = answer.body.refresh_token
      rotations += 1
      return
    }
    throw new Error(`No answer within the grace. The last requests:\n${last.slice(-20).join('\n')}`)
  }

  return { rotate, rotations: () => rotations }
}
