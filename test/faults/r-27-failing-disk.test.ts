import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCaller, pause, quantile, refresh, signUp } from './calls.js'
import type { Ground } from './ground.js'
import { onGrounds } from './grounds.js'
import { expectIntact } from './intact.js'
import { expectOnlyReading } from './only-reading.js'
import { createSlowDisk, withoutSlowDisk } from './slow-disk.js'
import { expectUnavailable } from './unavailable.js'

const startOnSlowDisk = async (open: () => Promise<Ground>) => {
  const ground = await open()
  const disk = createSlowDisk(join(await realpath(ground.folder), 'data'), 1)
  const server = await ground.start({ env: { ...disk.env, LOG_LEVEL: 'silent' } })
  return { ground, disk, server, caller: createCaller(server) }
}

/** a disk that takes what is written and then says that it could not keep it. */
onGrounds('R-27', ['sqlite'], (open) => {
  test.runIf(withoutSlowDisk === undefined)(
    'nobody is answered whose change could not be synced, and once it can, all is kept',
    async () => {
      const { ground, disk, server, caller } = await startOnSlowDisk(open)
      try {
        const people = ['ada', 'dan', 'eve'].map((name) => `${name}@example.com`)
        const grants = await Promise.all(people.map((email) => signUp(caller, email)))
        const refreshAll = () =>
          Promise.all(grants.map(({ refreshToken }) => refresh(caller, refreshToken)))

        disk.setFailing(true)
        for (let round = 0; round < 3; round += 1)
          for (const answer of await refreshAll()) expectUnavailable(answer)
        const [ada] = grants
        if (ada !== undefined) await expectOnlyReading(caller, ada)
        disk.setFailing(false)

        const answers = await refreshAll()
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
        await server.kill()
        disk.cutPower({ kind: 'lost' })
        await server.restart()
        for (const { body } of answers)
          expect((await refresh(caller, body.refresh_token ?? '')).status).toBe(200)
        await server.end()
        await expectIntact(ground)
      } finally {
        disk.close()
      }
    },
  )

  test.runIf(withoutSlowDisk === undefined)(
    'a disk that hangs keeps those who write waiting for four seconds, and nobody else',
    async () => {
      const { ground, disk, server, caller } = await startOnSlowDisk(open)
      try {
        const ada = await signUp(caller, 'ada@example.com')
        const ask = (token: string) =>
          caller.call('GET', '/auth/me', { headers: { authorization: `Bearer ${token}` } })

        disk.setHanging(true)
        const first = refresh(caller, ada.refreshToken)
        await pause(200)
        const behind = refresh(caller, ada.refreshToken) // it waits for the batch, not for the disk
        const waits: number[] = []
        for (let count = 0; count < 20; count += 1) {
          const { status, milliseconds } = await ask(ada.accessToken)
          expect(status).toBe(200)
          waits.push(milliseconds)
          await pause(50)
        }
        for (const answer of [await first, await behind]) {
          expectUnavailable(answer)
          expect(answer.milliseconds).toBeLessThan(5_000)
        }
        disk.setHanging(false)

        expect(quantile(waits, 0.5)).toBeLessThan(100)
        expect((await refresh(caller, ada.refreshToken)).status).toBe(200) // a repeat, within the grace
        await server.end()
        await expectIntact(ground)
      } finally {
        disk.close()
      }
    },
  )
})
