import { expect, test } from 'vitest'
import type { Twist } from '../../src/testing/stand-in/stand-in.js'
import { type Caller, createCaller, password, pause, quantile, signUp } from './calls.js'
import { onGrounds } from './grounds.js'
import { say } from './runs.js'
import { expectSound } from './sound.js'
import { comeBack, errorOf, isIn, newcomer, setOut, visit, withProviders } from './visitors.js'

/**
 * a provider that fails takes nothing with it: whoever waits for it hears so within ten seconds, nobody is signed in, and
 * everybody else comes in as before, also through the others.
 */
const { standIn, env } = withProviders()
const tokenPath = '/oauth2.googleapis.com/token'
const many = 40
const mostAtOnce = 20

const faults: Readonly<Record<string, Twist>> = {
  'breaks the connection': 'reset',
  'answers 500': () => ({ status: 500, body: '{"error":"server_error"}' }),
  'answers 503 in words': () => ({ status: 503, body: 'busy' }),
  'answers 10 MB': () => ({
    headers: { 'content-type': 'application/json' },
    body: `{"access_token":"${'x'.repeat(10_000_000)}"}`,
  }),
  'sends us elsewhere': () => ({
    status: 307,
    headers: { location: `${standIn().origin}/169.254.169.254/latest/meta-data` },
  }),
  'answers HTML': (answer) => ({
    ...answer,
    headers: { 'content-type': 'text/html' },
    body: '<html>Sorry</html>',
  }),
  'breaks off in the middle': (answer) => ({ ...answer, body: `${answer.body}`.slice(0, 50) }),
  'answers nothing': () => ({ status: 204 }),
}

onGrounds('R-24', ['sqlite', 'postgres', 'mongodb'], (open, name) => {
  test('a provider that fails or hangs: in time, nobody in, all others as before', async () => {
    const ground = await open()
    const caller = createCaller(await ground.start({ env: { ...env(), LOG_LEVEL: 'warn' } }), {
      sockets: 200,
    })
    const who = newcomer(standIn(), `outage-${name}`).subject
    const email = 'ada@example.com'
    await signUp(caller, email)
    const opened = async (): Promise<number> =>
      (await ground.look.events('login.succeeded')).filter(
        ({ details }) => details?.method === 'oauth:google',
      ).length

    const times: number[] = []
    for (const [what, twist] of Object.entries(faults)) {
      standIn().twist(tokenPath, twist)
      const answer = await visit(caller, { who })
      expect(['provider_unavailable', 'provider_token_rejected'], what).toContain(errorOf(answer))
      expect(answer?.headers['set-cookie'], what).toBeUndefined()
      times.push(answer?.milliseconds ?? Number.NaN)
      standIn().straighten()
    }
    expect(standIn().asked.filter(({ path }) => path.startsWith('/169.'))).toEqual([])
    expect(await opened()).toBe(0)

    const quiet = await logins(caller, email)
    const waiting = await Promise.all(
      Array.from({ length: many }, async () => setOut(caller, { who })),
    )
    standIn().twist(tokenPath, 'hang')
    const before = standIn().asked.length
    const answers = Promise.all(waiting.map((each) => each && comeBack(caller, each)))
    await pause(2000)
    // nobody has given up yet, and none was answered: so many are under way at once
    const underway = standIn()
      .asked.slice(before)
      .filter(({ path }) => path.startsWith(tokenPath)).length
    const meanwhile = await logins(caller, email)
    const other = newcomer(standIn(), `github-${name}`).subject
    const github = await visit(caller, { provider: 'github', who: other })
    expect(isIn(github), github?.text).toBe(true)
    const hung = await answers
    standIn().straighten()

    expect(underway).toBeGreaterThan(0)
    expect(underway).toBeLessThanOrEqual(mostAtOnce)
    expect(new Set(hung.map(errorOf))).toEqual(new Set(['provider_unavailable']))
    expect(hung.filter((answer) => answer?.headers['set-cookie'])).toEqual([])
    const longest = Math.max(...hung.map((answer) => answer?.milliseconds ?? Number.NaN))
    expect(longest).toBeLessThan(10_000 + 1500) // the machine is shared
    expect(await opened()).toBe(0)
    expect(isIn(await visit(caller, { who }))).toBe(true) // and whoever tries again is in
    expect(await opened()).toBe(1)
    await expectSound(ground)
    say(
      `R-24 on ${name}: ${Object.keys(faults).length} failures answered within ${Math.round(Math.max(...times))} ms; hanging: ${many} at once, ${underway} calls under way, all refused after ${(longest / 1000).toFixed(1)} s; password logins median ${quiet} ms before, ${meanwhile} ms meanwhile; GitHub signed in meanwhile; 0 sessions; back at the first try`,
    )
    // of the same class: neither waits for the provider
    expect(meanwhile).toBeLessThan(Math.max(1000, quiet * 20))
  })
})

/** What a login by password takes, in the middle. */
const logins = async (caller: Caller, email: string): Promise<number> => {
  const times: number[] = []
  for (let count = 0; count < 15; count += 1) {
    const answer = await caller.call('POST', '/auth/login', { body: { email, password } })
    expect(answer.status).toBe(200)
    times.push(answer.milliseconds)
  }
  return Math.round(quantile(times, 0.5))
}
