import { beforeAll, expect, test } from 'vitest'
import type { TestServer } from '../servers.js'
import { type Caller, createCaller, password, pause, refresh, signUp } from './calls.js'
import type { Ground } from './ground.js'
import { onGrounds } from './grounds.js'
import { holdSession } from './hold.js'
import { createRandom, isLong, say } from './runs.js'
import { expectSound } from './sound.js'
import { terminateWaiting } from './terminate.js'
import { expectUnavailable } from './unavailable.js'

/** a transaction that the database server breaks off spends nothing, wherever it had got to. */
onGrounds(
  'R-04',
  ['postgres', 'mysql'],
  (open, name) => {
    const times = isLong ? 50 : 5

    test('a connection that is cut between the check and the commit: 503, and the same token works', async () => {
      const ground = await open()
      const caller = createCaller(await ground.start({ env: { LOG_LEVEL: 'error' } }))
      let { refreshToken: token } = await signUp(caller, 'ada@example.com')
      const [session] = await ground.look.sessions()
      if (session === undefined) throw new Error('Nobody is signed in')

      let cut = 0
      for (let count = 1; cut < times; count += 1) {
        const held = await holdSession(ground, session.id)
        const refreshing = refresh(caller, token)
        if (await terminateWaiting(ground, refreshing)) cut += 1
        const refused = await refreshing
        await held.release()
        expectUnavailable(refused)

        const answer = await refresh(caller, token)
        expect([answer.status, (await ground.look.sessions())[0]?.generation]).toEqual([200, count])
        token = answer.body.refresh_token ?? ''
      }
      await expectSound(ground)
      say(`R-04 on ${name}: ${times} connections cut between check and commit, 0 tokens spent`)
    })
  },
  { own: true },
)

onGrounds(
  'R-04',
  ['postgres', 'mysql', 'mongodb'],
  (open, name) => {
    const times = isLong ? 50 : name === 'mongodb' ? 1 : 2
    const mostTimes = times + 4
    const clients = 8
    let ground: Ground
    let server: TestServer
    let caller: Caller
    beforeAll(async () => {
      ground = await open()
      server = await ground.start({
        env: { LOG_LEVEL: 'silent', REFRESH_TOKEN_GRACE_SECONDS: '60' },
      })
      caller = createCaller(server)
    })

    test('a database that ends in the midst of refreshes and logins: no token is spent, no password refused', async () => {
      const random = createRandom(`R-04 on ${name}`)
      const people = Array.from({ length: clients }, (_, index) => `person${index}@example.com`)
      const tokens = new Map<string, string>()
      for (const email of people) tokens.set(email, (await signUp(caller, email)).refreshToken)
      let failures = 0

      // a driver may wait out an end that is over soon: then it is ended once more
      for (let count = 0; count < times || (failures === 0 && count < mostTimes); count += 1) {
        let isBack = false
        const working = Promise.all(
          people.map(async (email) => {
            for (let isLast = false; !isLast; ) {
              isLast = isBack
              const answer = await refresh(caller, tokens.get(email) ?? '')
              if (answer.status === 200) tokens.set(email, answer.body.refresh_token ?? '')
              else expectUnavailable(answer)
              const login = await caller.call('POST', '/auth/login', { body: { email, password } })
              if (login.status !== 200) expectUnavailable(login)
              for (const { status } of [answer, login]) failures += status === 200 ? 0 : 1
              if (answer.status !== 200) await pause(50)
            }
          }),
        )
        await pause(100 + random.upTo(400))
        await ground.own().stop('immediate')
        await ground.own().start()
        isBack = true
        await working
      }

      for (const email of people) {
        const answer = await refreshUntilBack(caller, tokens.get(email) ?? '')
        expect(answer.status, answer.text).toBe(200)
      }
      expect(failures).toBeGreaterThan(0) // else nothing was broken off
      expect(await ground.look.events('session.reused')).toEqual([])
      expect(await ground.look.events('login.failed')).toEqual([])
      await expectNothingCounted(ground)
      say(
        `R-04 on ${name}: ${times} immediate ends, ${failures} answers 503, 0 tokens spent, 0 logins counted as failed`,
      )
    })
  },
  { own: true },
)

/** A try that our database took away is no failed one: nobody is locked, and as many wrong ones are free as ever. */
const expectNothingCounted = async (ground: Ground): Promise<void> => {
  const locks = await ground.look.with(({ attempts }) =>
    attempts.listBlocked({ now: new Date(0), limit: 9 }),
  )
  expect(locks).toEqual([])
}

const refreshUntilBack = async (caller: Caller, token: string) => {
  for (;;) {
    const answer = await refresh(caller, token)
    if (answer.status !== 503) return answer
    await pause(50)
  }
}
