import { expect, test } from 'vitest'
import { type Caller, createCaller, password, pause, signIn, signUp } from './calls.js'
import type { Ground } from './ground.js'
import { grounds, onGrounds } from './grounds.js'
import { expectIntact } from './intact.js'
import { withoutEvents } from './no-events.js'
import { createRandom, killsAmongChanges, runUnderKills, say } from './runs.js'
import { expectSound } from './sound.js'

/** under kill -9 every change that is kept has its event, and every event its change. */
const clients = 6

onGrounds('R-25', grounds, (open, name) => {
  test('a server killed in the midst of changes keeps each together with its event', async () => {
    const random = createRandom(`R-25 on ${name}`)
    const ground = await open()
    const server = await ground.start({ env: { LOG_LEVEL: 'warn' } })
    const caller = createCaller(server)

    const { kills } = await runUnderKills({
      server,
      caller,
      ...killsAmongChanges(name),
      random,
      clients: clients + 1,
      client: async (index, isOver) => {
        if (index === clients) return verifyUntil(isOver, ground)
        for (let count = 0; !isOver(); count += 1) {
          const isDone = await oneLife(caller, `life${index}-${count}@example.com`)
          if (!isDone) await pause(10)
        }
      },
    })

    await expectSound(ground)
    const recorders = await expectIntact(ground)
    expect(recorders).toBeGreaterThan(1)
    const sequences = (await ground.look.events()).map(({ sequence }) => sequence)
    expect(new Set(sequences).size).toBe(sequences.length)
    // where many write at once a number is drawn before it is certain that it will be used
    if (name === 'sqlite') expect(sequences.at(-1)).toBe(sequences.length)
    expect(sequences.length).toBeGreaterThan(kills)
    const users = await ground.look.users()
    say(
      `R-25 on ${name}: ${kills} kills, ${sequences.length} events of ${users.length} accounts, 0 changes without their event; the trail of ${recorders} processes is intact`,
    )
  })
})

onGrounds('R-25', ['sqlite', 'postgres', 'mysql'], (open) => {
  test('a change whose event cannot be written does not happen', async () => {
    const ground = await open()
    const server = await ground.start({ env: { LOG_LEVEL: 'silent' } })
    const caller = createCaller(server)
    const grant = await signUp(caller, 'ada@example.com')
    const body = { email: 'ada@example.com', password }
    const token = { refresh_token: grant.refreshToken }
    const everything = async () => [await ground.look.users(), await ground.look.sessions()]
    const before = await everything()
    await withoutEvents(ground, async () => {
      const changes = [
        caller.call('POST', '/auth/refresh', { body: token }),
        caller.call('POST', '/auth/logout', { body: token }),
        caller.call('POST', '/auth/login', { body }),
        caller.call('POST', '/auth/register', { body: { ...body, email: 'bob@example.com' } }),
        caller.call('PATCH', '/auth/me', { body: { first_name: 'Ada' }, token: grant.accessToken }),
        caller.call('DELETE', '/auth/me', { body: { password }, token: grant.accessToken }),
        caller.call('POST', '/auth/password/change', {
          body: { current_password: password, new_password: `${password} anew` },
          token: grant.accessToken,
        }),
      ]
      for (const answer of await Promise.all(changes)) expect(answer.status, answer.text).toBe(500)
    })

    expect(await everything()).toEqual(before)
    expect((await caller.call('POST', '/auth/refresh', { body: token })).status).toBe(200)
    await signIn(caller, 'ada@example.com')
    await expectSound(ground)
  })
})

/** Nobody who looks meanwhile finds anything. */
const verifyUntil = async (isOver: () => boolean, ground: Ground): Promise<void> => {
  while (!isOver()) {
    await expectIntact(ground)
    await pause(250)
  }
}

/** Registers, refreshes some times, signs out, and every other account is deleted again. False when an answer is missing. */
const oneLife = async (caller: Caller, email: string): Promise<boolean> => {
  const registered = await caller.tryCall('POST', '/auth/register', { body: { email, password } })
  let token = registered?.body.refresh_token
  for (let count = 0; count < 20 && token !== undefined; count += 1) {
    const answer = await caller.tryCall('POST', '/auth/refresh', { body: { refresh_token: token } })
    token = answer?.body.refresh_token
  }
  if (token === undefined) return false
  if (email.length % 2 === 0)
    return Boolean(
      await caller.tryCall('DELETE', '/auth/me', {
        body: { password },
        ...(registered?.body.access_token && { token: registered.body.access_token }),
      }),
    )
  return Boolean(await caller.tryCall('POST', '/auth/logout', { body: { refresh_token: token } }))
}
