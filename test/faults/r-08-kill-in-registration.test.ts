import { expect, test } from 'vitest'
import { type Caller, createCaller, password, pause } from './calls.js'
import { grounds, onGrounds } from './grounds.js'
import { createRandom, killsAmongChanges, runUnderKills, say } from './runs.js'
import { expectSound } from './sound.js'

/** kill -9 in a registration leaves no half user. */
const clients = 8

onGrounds('R-08', grounds, (open, name) => {
  test('a server killed in the midst of registrations leaves every address usable', async () => {
    const random = createRandom(`R-08 on ${name}`)
    const ground = await open()
    const server = await ground.start({ env: { LOG_LEVEL: 'warn' } })
    const caller = createCaller(server)
    const outcomes = { atOnce: 0, again: 0, kept: 0 }

    const { kills } = await runUnderKills({
      server,
      caller,
      ...killsAmongChanges(name),
      random,
      clients,
      client: async (index, isOver) => {
        for (let count = 0; !isOver(); count += 1)
          outcomes[await register(caller, `person${index}-${count}@example.com`)] += 1
      },
    })

    const registered = outcomes.atOnce + outcomes.again + outcomes.kept
    expect(await ground.look.users()).toHaveLength(registered)
    await expectSound(ground)
    expect(outcomes.again + outcomes.kept).toBeGreaterThan(0) // else nothing was interrupted
    say(
      `R-08 on ${name}: ${kills} kills, ${registered} registrations: ${outcomes.atOnce} at once, ${outcomes.again} when asked again, ${outcomes.kept} kept though the answer was lost; 0 half users`,
    )
  })
})

/** Asks until there is an answer. An address that is taken by then is ours: we sign in. */
const register = async (caller: Caller, email: string): Promise<'atOnce' | 'again' | 'kept'> => {
  const ask = () => caller.tryCall('POST', '/auth/register', { body: { email, password } })
  const first = await ask()
  if (first?.status === 201) return 'atOnce'
  for (;;) {
    await pause(10)
    const answer = await ask()
    // a 503 asks to come again: MongoDB keeps the transaction of a server that was killed for a while
    if (answer === undefined || answer.status === 503) continue
    expect([201, 409], answer.text).toContain(answer.status)
    if (answer.status === 201) return 'again'
    if (await isUsable(caller, email)) return 'kept'
  }
}

/** False when the server was killed once more. */
const isUsable = async (caller: Caller, email: string): Promise<boolean> => {
  const login = { body: { email, password } }
  const answer = await caller.tryCall('POST', '/auth/login', login)
  if (answer === undefined || answer.status === 503) return false
  expect(answer.status, answer.text).toBe(200)
  return true
}
