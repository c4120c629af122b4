import { expect, test } from 'vitest'
import { type Caller, createCaller, password, pause, signIn } from './calls.js'
import { grounds, onGrounds } from './grounds.js'
import { say } from './runs.js'
import { expectSound } from './sound.js'

/** one address registered by many at once, on two servers, makes one user. */
const atOnce = 50

const spellings = [
  'Ada.Lovelace@Example.com',
  'ada.lovelace@example.com',
  'ADA.LOVELACE@EXAMPLE.COM',
]

onGrounds('R-07', grounds, (open, name) => {
  test('50 registrations of one address in any case on two servers: one user, the others hear that it is taken', async () => {
    const ground = await open()
    const callers = [createCaller(await ground.start()), createCaller(await ground.start())]
    let refused = 0

    /** Sent away at the door of the full hash queue is an honest answer, if it says when to come again: then we do. */
    const register = async (caller: Caller, email: string): Promise<number> => {
      const { status, body, headers } = await caller.call('POST', '/auth/register', {
        body: { email, password },
      })
      if (body.code !== 'overloaded') return status
      refused += 1
      await pause(Number(headers['retry-after']) * 1000)
      return register(caller, email)
    }

    const statuses = await Promise.all(
      callers.flatMap((caller) =>
        Array.from({ length: atOnce / 2 }, (_, index) =>
          register(caller, spellings[index % spellings.length] ?? ''),
        ),
      ),
    )

    expect(statuses.sort()).toEqual([201, ...Array(atOnce - 1).fill(409)])
    expect(await ground.look.users()).toHaveLength(1)
    await expectSound(ground)
    for (const caller of callers) await signIn(caller, 'ada.lovelace@example.com')
    say(
      `R-07 on ${name}: ${atOnce} registrations on two servers: 1 user, ${refused} asked to come again, 0 other 5xx`,
    )
  })
})
