import { expect, test } from 'vitest'
import { type Caller, createCaller, pause } from './calls.js'
import { onGrounds } from './grounds.js'
import { createRandom, killsAmongChanges, runUnderKills, say } from './runs.js'
import { expectSound } from './sound.js'
import { errorOf, isIn, newcomer, visit, withProviders } from './visitors.js'

/**
 * kill -9 in somebody's first sign-in through a provider leaves no half account. The addresses are of a domain that the
 * provider does not stand for: an account without its login would keep its owner out for ever.
 */
const clients = 6
const { standIn, env } = withProviders()

onGrounds('R-08', ['sqlite', 'postgres', 'mongodb'], (open, name) => {
  test('a server killed in the midst of first sign-ins leaves everybody able to come in', async () => {
    const random = createRandom(`R-08 on ${name}, sign-ins`)
    const ground = await open()
    const server = await ground.start({ env: { ...env(), LOG_LEVEL: 'warn' } })
    const caller = createCaller(server)
    const people: string[] = []
    let again = 0

    const { kills } = await runUnderKills({
      server,
      caller,
      ...killsAmongChanges(name),
      seconds: 4,
      random,
      clients,
      client: async (index, isOver) => {
        for (let count = 0; !isOver(); count += 1) {
          const { subject } = newcomer(
            standIn(),
            `kill-${name}-${index}-${count}`.replaceAll(' ', '-'),
            'example.com',
          )
          again += await comeIn(caller, subject)
          people.push(subject)
        }
      },
    })

    expect(again).toBeGreaterThan(0) // else nothing was interrupted
    const users = await ground.look.users()
    expect(users).toHaveLength(people.length)
    await ground.look.with(async ({ identities }) => {
      for (const { id } of users) expect(await identities.list(id)).toHaveLength(1)
      for (const subject of people) expect(await identities.find('google', subject)).toBeDefined()
    })
    await expectSound(ground)
    say(
      `R-08 on ${name}: ${kills} kills among ${people.length} first sign-ins through a provider, ${again} tried again; everybody came in, one account and one login each`,
    )
  })
})

/** Tries until they are in; how often it took another try. */
const comeIn = async (caller: Caller, who: string): Promise<number> => {
  for (let tries = 0; ; tries += 1) {
    const answer = await visit(caller, { who })
    if (isIn(answer)) return Math.min(1, tries)
    const error = errorOf(answer)
    // undefined: killed. 503: MongoDB keeps the transaction of a server that was killed for a while
    const isAway = answer === undefined || answer.status >= 500 || error === 'store_unavailable'
    if (!isAway) expect(error, answer.text).toBe('never')
    await pause(10)
  }
}
