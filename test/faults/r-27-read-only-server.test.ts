import { expect, test } from 'vitest'
import { createCaller, refresh, signUp } from './calls.js'
import type { Ground } from './ground.js'
import { onGrounds } from './grounds.js'
import { expectHealed, expectOnlyReading } from './only-reading.js'
import { ask } from './places.js'
import { say } from './runs.js'
import { expectUnavailable } from './unavailable.js'

/** a database server that only reads (a stand-by, a quota, maintenance) is a 503, and heals by itself. */
const ways: Partial<
  Record<Ground['name'], (ground: Ground, isReadOnly: boolean) => Promise<void>>
> = {
  // a rule for new connections, as after a fail-over; those that were open are cut
  postgres: async ({ own }, isReadOnly) => {
    const value = isReadOnly ? 'on' : 'off'
    const url = own().adminUrl
    await ask('postgres', url, `alter role latchkey set default_transaction_read_only = ${value}`)
    if (!isReadOnly) return
    await ask(
      'postgres',
      url,
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'latchkey'`,
    )
  },
  mysql: async ({ own }, isReadOnly) => {
    await ask('mysql', own().adminUrl, `set global read_only = ${isReadOnly ? 1 : 0}`)
  },
}

onGrounds(
  'R-27',
  ['postgres', 'mysql'],
  (open, name) => {
    test('a server that only reads, and writes again: 503, reads go on, healed', async () => {
      const ground = await open()
      const caller = createCaller(await ground.start({ env: { LOG_LEVEL: 'error' } }))
      const grant = await signUp(caller, 'ada@example.com')

      await ways[name]?.(ground, true)
      expectUnavailable(await refresh(caller, grant.refreshToken))
      await expectOnlyReading(caller, grant)
      await ways[name]?.(ground, false)

      const refused = await expectHealed(caller, grant.refreshToken, ground)
      expect((await refresh(caller, grant.refreshToken)).status).toBe(200) // the same successor
      say(
        `R-27 on ${name}: read-only: 503, reads went on, healed after ${refused} more refusals, 0 half data`,
      )
    })
  },
  { own: true },
)
