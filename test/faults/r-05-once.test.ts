import { expect, test } from 'vitest'
import { createCaller, signUp } from './calls.js'
import { grounds, onGrounds } from './grounds.js'
import { say } from './runs.js'
import { expectSound } from './sound.js'

/**
 * one-time means once. Registration is R-07 and refresh R-02; here the end of a session. Codes, links and challenges come
 * with the rooms that make them.
 */
const atOnce = 20

onGrounds('R-05', grounds, (open, name) => {
  test('a session that is ended by 20 at once, on two servers, ends once', async () => {
    const ground = await open()
    const callers = [createCaller(await ground.start()), createCaller(await ground.start())]
    const [first] = callers
    if (first === undefined) throw new Error('No server')
    const { refreshToken } = await signUp(first, 'ada@example.com')
    const body = { refresh_token: refreshToken }
    const answers = await Promise.all(
      callers.flatMap((caller) =>
        Array.from({ length: atOnce / 2 }, () => caller.call('POST', '/auth/logout', { body })),
      ),
    )

    expect(answers.map(({ status }) => status)).toEqual(Array(atOnce).fill(204))
    expect(await ground.look.events('session.ended')).toHaveLength(1)
    await expectSound(ground)
    say(`R-05 on ${name}: ${atOnce} sign-outs of one session on two servers: one event, 0 x 5xx`)
  })
})
