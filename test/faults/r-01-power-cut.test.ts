import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCaller, pause, signUp } from './calls.js'
import { onGrounds } from './grounds.js'
import { createHolder } from './holder.js'
import { expectIntact } from './intact.js'
import { createChanger, createNewcomers } from './keepers.js'
import { createRandom, isLong, runUnderKills, say } from './runs.js'
import { createSlowDisk, withoutSlowDisk } from './slow-disk.js'
import { expectSound } from './sound.js'

/** a slow disk that loses power between write and sync keeps everything that was answered. */
const holders = 12
const graceSeconds = 60
const diskMilliseconds = 20

if (withoutSlowDisk !== undefined) say(`R-01 power cut: left out, ${withoutSlowDisk}`)

onGrounds('R-01', ['sqlite'], (open) => {
  test.runIf(withoutSlowDisk === undefined)('what was answered survives power cuts', async () => {
    const random = createRandom('R-01 power cut')
    const ground = await open()
    const disk = createSlowDisk(join(await realpath(ground.folder), 'data'), diskMilliseconds)
    try {
      const server = await ground.start({
        env: {
          ...disk.env,
          LOG_LEVEL: 'error',
          REFRESH_TOKEN_GRACE_SECONDS: String(graceSeconds),
          LOCK_AFTER_FAILURES: '1000000', // after an answer that was lost two passwords are tried
        },
      })
      const caller = createCaller(server)
      const rotating = await Promise.all(
        Array.from({ length: holders }, async (_, index) => {
          const { refreshToken: token } = await signUp(caller, `holder${index}@example.com`)
          return createHolder(caller, { token, graceSeconds })
        }),
      )
      const keepers = [
        createNewcomers(caller, 'newcomer'),
        await createChanger(caller, 'changer@example.com'),
      ]
      let between = 0
      const cutPower = async (isMeant = between === 0 || random.next() < 0.8): Promise<void> => {
        const end = performance.now() + 5000
        while (isMeant && !disk.isSyncing() && performance.now() < end) await pause(1)
        await server.kill()
        const isWritten = (): boolean => random.next() < 0.5
        const isBetween = disk.cutPower(
          isWritten() ? { kind: 'lost' } : { kind: 'torn', isWritten },
        )
        if (isBetween) between += 1
      }

      const acting = [...rotating.map(({ rotate }) => rotate), ...keepers.map(({ act }) => act)]
      const { kills } = await runUnderKills({
        server: { ...server, kill: () => cutPower() },
        caller,
        kills: isLong ? 100 : 10,
        seconds: 3,
        random,
        clients: acting.length,
        client: async (index, isOver) => {
          while (!isOver()) await acting[index]?.()
        },
      })
      await cutPower(false)
      await server.restart()

      for (const { rotate } of rotating) await rotate()
      const kept = await Promise.all(keepers.map(({ check }) => check()))
      const rotations = rotating.reduce((sum, { rotations }) => sum + rotations(), 0)
      say(
        `R-01 power cut: ${kills + 1} cuts, ${between} of them between write and sync of a ${diskMilliseconds} ms disk; ${rotations} rotations, ${kept[0]} registrations and sign-outs, ${kept[1]} changed passwords: 0 lost`,
      )
      expect(between).toBeGreaterThan(0)
      await server.end()
      await expectIntact(ground)
      await expectSound(ground)
    } finally {
      disk.close()
    }
  })
})
