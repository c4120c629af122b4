import { afterEach, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { type Caller, createCaller, password, pause } from './calls.js'
import { halves, integrityOf, noHalves, numberOf } from './database.js'
import { createRandom, isLong, runUnderKills, say } from './runs.js'

/** under kill -9 every change that is kept has its event, and every event its change. */
const clients = 6

let server: TestServer
afterEach(() => server.stop())

test('a server killed in the midst of changes keeps each together with its event', async () => {
  const random = createRandom('R-25')
  server = await startServer({ env: { LOG_LEVEL: 'warn' } })
  const caller = createCaller(server)

  const { kills } = await runUnderKills({
    server,
    kills: isLong ? 100 : 12,
    seconds: 10,
    random,
    clients,
    lifeMilliseconds: 800,
    client: async (index, isOver) => {
      for (let count = 0; !isOver(); count += 1) {
        const isDone = await oneLife(caller, `life${index}-${count}@example.com`)
        if (!isDone) await pause(10)
      }
    },
  })

  const { folder } = server
  expect(halves(folder)).toEqual(noHalves)
  const deleted = `select count(*) from latchkey_events where type = 'account.deleted'
    and subject_id in (select id from latchkey_users)`
  expect(numberOf(folder, deleted)).toBe(0)
  const gaps = 'select max(sequence) - count(*) from latchkey_events'
  expect(numberOf(folder, gaps)).toBe(0)
  expect(integrityOf(folder)).toBe('ok')
  const events = numberOf(folder, 'select count(*) from latchkey_events')
  const users = numberOf(folder, 'select count(*) from latchkey_users')
  expect(events).toBeGreaterThan(kills)
  say(`R-25: ${kills} kills, ${events} events of ${users} accounts, 0 changes without their event`)
})

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
