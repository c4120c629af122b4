import { beforeAll, expect, test } from 'vitest'
import type { TestServer } from '../servers.js'
import { type Caller, createCaller, pause, quantile, refresh, signUp } from './calls.js'
import { holdFile, numberOf } from './database.js'
import type { Ground } from './ground.js'
import { onGrounds } from './grounds.js'
import { canLimitFiles, fillDisk, freeDisk } from './limits.js'
import { isLong, say } from './runs.js'
import { expectSound } from './sound.js'
import { expectUnavailable } from './unavailable.js'

/** a transaction that fails because of its file spends nothing. */

onGrounds('R-04', ['sqlite'], (open) => {
  let ground: Ground
  let server: TestServer
  let caller: Caller
  beforeAll(async () => {
    ground = await open()
    server = await ground.start()
    caller = createCaller(server)
  })

  const generation = (): number =>
    numberOf(
      server.folder,
      'select max(generation) from latchkey_sessions where revoked_at is null',
    )

  test('a file that another process holds: 503 within 5 s, others are served meanwhile, nothing is spent', async () => {
    const { accessToken, refreshToken } = await signUp(caller, 'ada@example.com')
    const before = generation()
    const held = holdFile(server.folder)
    const waits: number[] = []
    let isOver = false
    const bystander = async (): Promise<void> => {
      while (!isOver) {
        for (const path of ['/auth/me', '/health', '/.well-known/jwks.json']) {
          const answer = await caller.call('GET', path, { token: accessToken })
          expect(answer.status).toBe(200)
          waits.push(answer.milliseconds)
        }
        await pause(20)
      }
    }
    const standingBy = bystander()
    const refused = await caller.call('POST', '/auth/refresh', {
      body: {},
      headers: { cookie: `refresh_token=${refreshToken}`, 'sec-fetch-site': 'same-origin' },
    })
    isOver = true
    await standingBy
    held.release()

    expectUnavailable(refused)
    expect(refused.milliseconds).toBeLessThan(5000)
    expect(Math.max(...waits)).toBeLessThan(1000)
    expect(generation()).toBe(before)
    expect((await refresh(caller, refreshToken)).status).toBe(200)
    expect(generation()).toBe(before + 1)
    say(
      `R-04: held file: 503 after ${Math.round(refused.milliseconds)} ms; meanwhile ${waits.length} reads, median ${quantile(waits, 0.5).toFixed(1)} ms, longest ${Math.round(Math.max(...waits))} ms`,
    )
  })

  test('a file that is held for a moment only delays', async () => {
    const { refreshToken } = await signUp(caller, 'bob@example.com')
    const held = holdFile(server.folder)
    const answer = refresh(caller, refreshToken)
    await pause(500)
    held.release()

    expect((await answer).status).toBe(200)
  })

  test.runIf(canLimitFiles)(
    'a write that fails in mid-rotation: 503, and the same token works',
    async () => {
      const times = isLong ? 50 : 20
      let { refreshToken: token } = await signUp(caller, 'cid@example.com')
      for (let count = 1; count <= times; count += 1) {
        fillDisk(server)
        expectUnavailable(await refresh(caller, token))
        freeDisk(server)
        const answer = await refresh(caller, token)
        expect(answer.status).toBe(200)
        token = answer.body.refresh_token ?? ''
      }
      expect(
        numberOf(
          server.folder,
          `select generation from latchkey_sessions where user_id =
       (select id from latchkey_users where canonical_email = 'cid@example.com')`,
        ),
      ).toBe(times)
      await expectSound(ground)
      say(`R-04: ${times} failed writes in mid-rotation, 0 tokens spent`)
    },
  )
})
