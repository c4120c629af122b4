import { expect, test } from 'vitest'
import { type Answer, type Caller, createCaller } from './calls.js'
import { grounds, onGrounds } from './grounds.js'
import { say } from './runs.js'
import { expectSound } from './sound.js'
import {
  challenge,
  clientId,
  comeBack,
  isIn,
  newcomer,
  setOut,
  verifier,
  withProviders,
} from './visitors.js'

/** what a sign-in through a provider leaves on the way is worth one session, also for 20 at once on two servers. */
const atOnce = 20
const { standIn, env } = withProviders()

onGrounds('R-05', grounds, (open, name) => {
  const twenty = (
    callers: readonly Caller[],
    ask: (caller: Caller) => Promise<Answer | undefined>,
  ) =>
    Promise.all(callers.flatMap((caller) => Array.from({ length: atOnce / 2 }, () => ask(caller))))

  test('state, exchange code and ID token: one session each, everybody else is refused', async () => {
    const ground = await open()
    const settings = { env: { ...env(), LOG_LEVEL: 'warn' } }
    const callers = [
      createCaller(await ground.start(settings)),
      createCaller(await ground.start(settings)),
    ]
    const [first] = callers
    if (first === undefined) throw new Error('No server')
    const counts = async () => (await ground.look.events('login.succeeded')).length

    const byState = newcomer(standIn(), `state-${name.replaceAll(' ', '-')}`)
    const underway = await setOut(first, { who: byState.subject })
    if (underway === undefined) throw new Error('Nobody set out')
    const asked = standIn().asked.length
    expectAlone(await twenty(callers, (caller) => comeBack(caller, underway)), isIn)
    const exchanges = standIn().asked.slice(asked)
    expect(exchanges.filter(({ path }) => path.endsWith('/token'))).toHaveLength(1)
    expect(await counts()).toBe(1)

    const query = `code_challenge=${challenge}&code_challenge_method=S256`
    const withCode = await setOut(first, { who: byState.subject, query })
    const back = withCode && (await comeBack(first, withCode))
    const code = new URL(back?.headers.location ?? 'about:blank').searchParams.get('code') ?? ''
    const body = { code, code_verifier: verifier }
    expectAlone(
      await twenty(callers, (caller) => caller.call('POST', '/auth/oauth/exchange', { body })),
      isOk,
    )
    expect(await counts()).toBe(2)

    const nonce = 'n-0S6_WzA2Mj'
    const about = { provider: 'google', clientId, person: byState, nonce } as const
    const proof = { id_token: await standIn().idToken(about), nonce }
    expectAlone(
      await twenty(callers, (caller) => caller.call('POST', '/auth/oauth/google', { body: proof })),
      isOk,
    )
    expect(await counts()).toBe(3)
    expect(await ground.look.users()).toHaveLength(1)
    await expectSound(ground)
    say(
      `R-05 on ${name}: ${atOnce} at once on two servers with one state, one exchange code, one ID token: one session each, 0 x 5xx; the provider was asked for one code once`,
    )
  })
})

const isOk = (answer: Answer | undefined): boolean => answer?.status === 200

/** One succeeds; the others hear so and nothing is broken. */
const expectAlone = (
  answers: readonly (Answer | undefined)[],
  isSuccess: (answer: Answer | undefined) => boolean,
): void => {
  const others = answers.filter((answer) => !isSuccess(answer))
  expect(others.map((answer) => answer?.status)).toEqual(
    others.map(() => expect.toSatisfy((status) => status >= 400 && status < 500)),
  )
  expect(others).toHaveLength(atOnce - 1)
}
