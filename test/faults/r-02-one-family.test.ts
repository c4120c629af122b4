import { expect, test } from 'vitest'
import { type Answer, type Caller, createCaller, refresh, signIn, signUp } from './calls.js'
import type { Ground } from './ground.js'
import { grounds, onGrounds } from './grounds.js'
import { isLong, isMain, say } from './runs.js'
import { later } from './skew.js'
import { expectSound } from './sound.js'

/** clients with the same token, on two servers that share a store, get one family. */
const atOnce = 50

const startTwo = async (ground: Ground, env: Record<string, string> = {}) => {
  const first = await ground.start({ env: { ...env, LOG_LEVEL: 'warn' } })
  const second = await ground.start({ env: { ...env, LOG_LEVEL: 'warn' } })
  const callers = [createCaller(first), createCaller(second)] as const
  return { second, callers }
}

/** The same token from everywhere at once, every other request to the other server. */
const stampede = (callers: readonly [Caller, Caller], token: string): Promise<Answer[]> =>
  Promise.all(
    Array.from({ length: atOnce }, (_, index) => refresh(callers[index % 2 === 0 ? 0 : 1], token)),
  )

onGrounds('R-02', grounds, (open, name) => {
  const rounds = isLong ? 100 : isMain(name) ? 5 : 1

  test('50 refreshes of one token on two servers make one new generation, and all get the same successor', async () => {
    const ground = await open()
    const { second, callers } = await startTwo(ground)
    let { refreshToken: token } = await signUp(callers[0], 'ada@example.com')
    let previous = token

    for (let round = 1; round <= rounds; round += 1) {
      const answers = await stampede(callers, token)
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
      const successors = new Set(answers.map(({ body }) => body.refresh_token))
      expect(successors.size).toBe(1)
      const [session] = await ground.look.sessions()
      expect(session?.generation).toBe(round)
      previous = token
      token = [...successors][0] ?? ''
    }
    say(
      `R-02 on ${name}: ${rounds} rounds of ${atOnce} on two servers, ${rounds} generations, 0 forks`,
    )

    await second.end()
    await second.restart(later(11)) // the grace is over there
    const late = createCaller(second)
    expect((await refresh(late, token)).status).toBe(200)
    const dead = await refresh(late, previous)
    expect([dead.status, dead.body.code]).toEqual([401, 'session_revoked'])
    await expectSound(ground)
  })

  test('without a grace one of 50 wins and the others are refused', async () => {
    const ground = await open()
    const { callers } = await startTwo(ground, { REFRESH_TOKEN_GRACE_SECONDS: '0' })
    await signUp(callers[0], 'ada@example.com')

    for (let round = 0; round < rounds; round += 1) {
      const { refreshToken } = await signIn(callers[0], 'ada@example.com')
      const answers = await stampede(callers, refreshToken)
      const statuses = answers.map(({ status }) => status).sort()
      expect(statuses).toEqual([200, ...Array(atOnce - 1).fill(401)])
    }
    expect(await ground.look.events('session.reused')).toHaveLength(rounds)
    await expectSound(ground)
    say(
      `R-02 on ${name}: ${rounds} rounds without a grace, one 200 and ${atOnce - 1} times 401 in each`,
    )
  })
})
