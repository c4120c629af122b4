import { afterEach, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { isOwnable, type OwnService, openService } from '../services/services.js'
import { type Caller, createCaller, pause, refresh, signUp } from './calls.js'
import { isLong, say } from './runs.js'

/** Redis with its append-only file is restarted and killed while clients refresh: no session is lost. */
const clients = 10
const restarts = isLong ? 40 : 6

describe.skipIf(!isOwnable('redis'))('sessions in Redis', () => {
  let redis: OwnService
  let server: TestServer
  afterEach(async () => {
    await server?.stop()
    await redis.stop()
  })

  test('survive that it is stopped and killed under load', async () => {
    redis = await openService('redis', { own: true, settings: { appendfsync: 'everysec' } })
    server = await startServer({
      env: { SESSION_STORE: 'redis', REDIS_URL: redis.url, LOG_LEVEL: 'error' },
    })
    const caller = createCaller(server)
    let isOver = false
    const holders = await Promise.all(
      Array.from({ length: clients }, async (_, index) => {
        const { refreshToken } = await signUp(caller, `holder${index}@example.com`)
        return createHolder(caller, refreshToken)
      }),
    )
    const working = Promise.all(
      holders.map(async ({ rotate }) => {
        while (!isOver) await rotate()
      }),
    )
    try {
      for (let count = 0; count < restarts; count += 1) {
        await Promise.race([pause(300), working])
        if (count % 2 === 0) await redis.stop('fast')
        else await redis.kill()
        await redis.start()
      }
      await Promise.race([pause(1_500), working])
    } finally {
      isOver = true
    }
    await working
    for (const { rotate } of holders) await rotate() // every family has a live tip
    const rotations = holders.reduce((sum, holder) => sum + holder.rotations(), 0)
    const refusals = holders.reduce((sum, holder) => sum + holder.refusals(), 0)

    say(
      `R-19: ${restarts} restarts of Redis, ${rotations} rotations, ${refusals} times 503, 0 sessions lost`,
    )
    expect(rotations).toBeGreaterThan(clients * 3) // fewer would prove little
    expect(refusals).toBeGreaterThan(0)
  })
})

/** Keeps one session alive: asks with the last token it was given, until that token is answered. */
const createHolder = (caller: Caller, first: string) => {
  let token = first
  let [rotations, refusals] = [0, 0]

  const rotate = async (): Promise<void> => {
    for (;;) {
      const { status, body, text } = await refresh(caller, token)
      if (status === 503) {
        refusals += 1
        await pause(20)
        continue
      }
      if (status !== 200 || body.refresh_token === undefined)
        throw new Error(`A session was lost: ${status} ${text}`)
      token = body.refresh_token
      rotations += 1
      return
    }
  }
  return { rotate, rotations: () => rotations, refusals: () => refusals }
}
