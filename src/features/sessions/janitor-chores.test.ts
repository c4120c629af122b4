import { expect, test } from 'vitest'
import { silentLog } from '../../lib/log.js'
import { createTestClock } from '../../testing/clock.js'
import { createTestAuth } from '../../testing/test-auth.js'
import { createJanitor } from './janitor.js'

test('the janitor does the chores of other rooms, too, in batches until one is not full', async () => {
  let left = 1200
  const batches: number[] = []
  const janitor = createJanitor({
    sessions: { removeExpired: async () => 7 },
    chores: [
      async (limit) => {
        const count = Math.min(limit, left)
        left -= count
        batches.push(count)
        return count
      },
    ],
    clock: createTestClock(),
    log: silentLog,
    settings: { purgeSeconds: 0 },
  })

  expect(await janitor.sweep()).toBe(7)
  expect(batches).toEqual([500, 500, 200])
})

test('failed logins are removed a day after the last one, and not before', async () => {
  const { auth, ada, clock } = await createTestAuth()
  const { attempts } = auth.store
  for (const address of ['192.0.2.1', '192.0.2.2']) {
    await auth.login({ ...ada, password: 'wrong' }, { address }).catch(() => undefined)
    clock.advance('1h')
  }
  clock.advance('22h') // a day after the first
  await auth.sessions.purge()
  expect(await attempts.clearAll({ address: '192.0.2.1' })).toBe(0)
  expect(await attempts.clearAll({ address: '192.0.2.2' })).toBe(2)
})
