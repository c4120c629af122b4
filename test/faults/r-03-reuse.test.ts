import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { TestServer } from '../servers.js'
import { type Caller, createCaller, refresh, type SignedIn, signIn, signUp } from './calls.js'
import type { Ground } from './ground.js'
import { grounds, onGrounds } from './grounds.js'
import { isLong, isMain, say } from './runs.js'
import { later, skewed } from './skew.js'

/** a refresh token that comes back ends its session: later, on another server, after a restart, under a wrong clock. */
onGrounds('R-03', grounds, (open, name) => {
  let ground: Ground
  let here: TestServer
  let there: TestServer
  let callHere: Caller
  let callThere: Caller
  let grant: SignedIn

  beforeAll(async () => {
    ground = await open()
    here = await ground.start({ env: { LOG_LEVEL: 'warn' } })
    there = await ground.start({ env: { LOG_LEVEL: 'warn' } })
    callHere = createCaller(here)
    callThere = createCaller(there)
    await signUp(callHere, 'ada@example.com')
  })
  afterAll(async () => {
    say(
      `R-03 on ${name}: ${await reuses()} reuses, each refused, family dead on both servers, one event each`,
    )
  })
  beforeEach(async () => {
    grant = await signIn(callHere, 'ada@example.com')
  })

  const rotated = async (token: string, times: number): Promise<string> => {
    if (times === 0) return token
    const { status, body } = await refresh(callHere, token)
    expect(status).toBe(200)
    return rotated(body.refresh_token ?? '', times - 1)
  }

  const reuses = async () => (await ground.look.events('session.reused')).length

  /** The replay is refused, the family is dead everywhere, and the trail says so once. */
  const expectTheft = async (caller: Caller, spent: string, tip: string): Promise<void> => {
    const before = await reuses()
    const replay = await refresh(caller, spent)
    expect([replay.status, replay.body.code]).toEqual([401, 'session_revoked'])
    for (const each of [callHere, callThere]) {
      const answer = await refresh(each, tip)
      expect([answer.status, answer.body.code]).toEqual([401, 'session_revoked'])
    }
    const me = await caller.call('GET', '/auth/me', { token: grant.accessToken })
    expect(me.status).toBe(401)
    await refresh(caller, spent)
    expect(await reuses()).toBe(before + 1)
  }

  const restartThere = async (env: Record<string, string>): Promise<void> => {
    await there.end()
    await there.restart(env)
    callThere.close()
    callThere = createCaller(there)
  }

  test('a token replayed after two rotations ends the session', async () => {
    const tip = await rotated(grant.refreshToken, 2)

    await expectTheft(callHere, grant.refreshToken, tip)
  })

  test('so it does on the other server', async () => {
    const tip = await rotated(grant.refreshToken, 2)

    await expectTheft(callThere, grant.refreshToken, tip)
  })

  test('so it does after a kill and a restart', async () => {
    const tip = await rotated(grant.refreshToken, 2)
    await here.kill()
    await here.restart()

    await expectTheft(callHere, grant.refreshToken, tip)
  })

  test('the predecessor, replayed after the grace, ends the session', async () => {
    const tip = await rotated(grant.refreshToken, 1)
    await restartThere(later(11))

    await expectTheft(callThere, grant.refreshToken, tip)
  })

  // what the clock says is compared in one place for all stores
  const skews = isLong || isMain(name) ? [5, -5] : []

  test.each(skews)('a clock that is off by %i s hides no reuse', async (seconds) => {
    const tip = await rotated(grant.refreshToken, 2)
    await restartThere(skewed(seconds))

    await expectTheft(callThere, grant.refreshToken, tip)
  })

  test.each(skews)('a clock that is off by %i s keeps the grace', async (seconds) => {
    const tip = await rotated(grant.refreshToken, 1)
    await restartThere(skewed(seconds))

    const repeated = await refresh(callThere, grant.refreshToken)
    expect([repeated.status, repeated.body.refresh_token]).toEqual([200, tip])
  })
})
