import { expect, test } from 'vitest'
import { type Caller, createCaller, password, signUp } from './calls.js'
import { onGrounds } from './grounds.js'
import { say } from './runs.js'
import { later } from './skew.js'

/** however many guesses come at once, and to however many servers, no more are looked at than the budget allows. */
const budget = 10
const atOnce = 200
const email = 'ada@example.com'

const login = (caller: Caller, given: string) =>
  caller.call('POST', '/auth/login', { body: { email, password: given } })

onGrounds('R-06', ['sqlite', 'postgres', 'mongodb'], (open, name) => {
  const counts = name === 'sqlite' ? [1, 2] : [2]

  test.each(counts)(
    '200 wrong logins at once on %i server(s), then the right one',
    async (count) => {
      const ground = await open()
      const env = { LOG_LEVEL: 'error', LOCK_AFTER_FAILURES: String(budget) }
      const servers = [await ground.start({ env })]
      if (count === 2) servers.push(await ground.start({ env }))
      const callers = servers.map((server) => createCaller(server, { sockets: atOnce / count }))
      const callerOf = (index: number): Caller =>
        callers[index % count] ?? createCaller({ port: 0 })
      await signUp(callerOf(0), email)

      const started = performance.now()
      const answers = await Promise.all(
        Array.from({ length: atOnce }, (_, index) => login(callerOf(index), `guess ${index}`)),
      )
      const milliseconds = Math.round(performance.now() - started)
      const withStatus = (wanted: number) =>
        answers.filter(({ status }) => status === wanted).length
      say(
        `R-06 on ${name}, ${count} server(s): of ${atOnce} guesses at once ${withStatus(401)} were looked at, ${withStatus(429)} refused, ${withStatus(503)} sent away, in ${milliseconds} ms`,
      )
      expect(withStatus(401) + withStatus(429) + withStatus(503)).toBe(atOnce)
      expect(withStatus(401)).toBeLessThanOrEqual(budget)
      expect(withStatus(429)).toBeGreaterThan(0)
      expect(await ground.look.events('login.failed')).toHaveLength(withStatus(401))

      // those that a busy server sent away were given back, so the budget may have to be spent first
      for (let spent = withStatus(401); spent < budget; spent += 1) {
        for (let status = 429; status === 429; )
          ({ status } = await login(callerOf(spent), 'wrong'))
      }
      for (const index of [0, 1]) {
        const right = await login(callerOf(index), password)
        expect([right.status, right.body.code]).toEqual([429, 'too_many_attempts'])
        expect(Number(right.headers['retry-after'])).toBeGreaterThan(0)
      }
      expect(await ground.look.events('login.locked')).toHaveLength(1)

      await servers[0]?.end()
      await servers[0]?.restart(later(901)) // the lock is over there
      expect((await login(callerOf(0), password)).status).toBe(200)
    },
  )
})
