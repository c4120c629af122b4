import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TestServer } from '../servers.js'
import { createCaller, pause, refresh, signUp } from './calls.js'
import type { Ground } from './ground.js'
import { onGrounds } from './grounds.js'
import { runFirstMigration } from './old-schema.js'
import { createRandom, isLong, isMain, say } from './runs.js'
import { expectSound } from './sound.js'

/** servers that start at once become one service; whoever dies at that leaves nothing that the next cannot finish. */
const atOnce = 5
const longestMilliseconds = 30_000
const mains = ['sqlite', 'postgres'] as const

const startAtOnce = async (ground: Ground) => {
  const started = performance.now()
  const attempts = await Promise.allSettled(
    Array.from({ length: atOnce }, () =>
      ground.start({ env: { BASE_URL: 'http://localhost:8000' } }),
    ),
  )
  const milliseconds = Math.round(performance.now() - started)
  const failures = attempts.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  expect(failures).toEqual([])
  expect(milliseconds).toBeLessThan(longestMilliseconds)
  const servers = attempts.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  return { servers, milliseconds }
}

/** One schema, one key, and tokens of each are good at all others. */
const expectOneService = async (ground: Ground, servers: readonly TestServer[]): Promise<void> => {
  expect(await ground.look.with(({ pendingMigrations }) => pendingMigrations())).toEqual([])
  expect(await ground.look.with(({ keys }) => keys.list())).toHaveLength(1)
  const callers = servers.map((server) => createCaller(server))
  const [first] = callers
  if (first === undefined) throw new Error('No server')
  const { accessToken, refreshToken } = await signUp(first, 'ada@example.com')
  const successors = new Set<unknown>()
  for (const caller of callers) {
    expect((await caller.call('GET', '/auth/me', { token: accessToken })).status).toBe(200)
    successors.add((await refresh(caller, refreshToken)).body.refresh_token)
  }
  expect(successors.size).toBe(1)
  await expectSound(ground)
}

onGrounds('R-21', ['sqlite', 'postgres', 'mysql', 'mongodb', 'sqlite and redis'], (open, name) => {
  test('five servers that start at once on an empty place share one schema, one key and one secret', async () => {
    const ground = await open()
    const { servers, milliseconds } = await startAtOnce(ground)

    const files = await readdir(join(ground.folder, 'data'))
    expect(files.filter((file) => file.includes('.key'))).toEqual(['latchkey.key']) // no draft is left
    const secret = await readFile(join(ground.folder, 'data', 'latchkey.key'), 'utf8')
    expect(secret.trim().length).toBeGreaterThanOrEqual(43)
    await expectOneService(ground, servers)
    say(`R-21 on ${name}: ${atOnce} servers at once, empty: all ready after ${milliseconds} ms`)
  })

  test('a schema that is newer than the server is refused with a sentence and exit code 2', async () => {
    const ground = await open()
    const server = await ground.start()
    await server.end()
    await ground.look.addMigration(999, 'later')
    await expect(server.restart()).rejects.toThrow(/newer latchkey/)

    expect(await server.end()).toEqual({ code: 2, signal: null })
  })
})

onGrounds('R-21', isLong ? ['sqlite', 'postgres', 'mysql'] : mains, (open, name) => {
  test('five servers that start at once on an old schema bring it up to date once', async () => {
    const ground = await open()
    await runFirstMigration(ground)
    expect(await ground.look.migrations()).toEqual([1])
    const { servers, milliseconds } = await startAtOnce(ground)

    const steps = await ground.look.migrations()
    expect(steps).toEqual(steps.map((_, index) => index + 1))
    await expectOneService(ground, servers)
    say(
      `R-21 on ${name}: ${atOnce} servers at once, old schema: all ready after ${milliseconds} ms`,
    )
  })
})

onGrounds('R-21', isLong ? [...mains, 'mysql', 'mongodb'] : mains, (open, name) => {
  const kills = isLong ? 20 : isMain(name) ? 2 : 1

  test('a server killed while it migrates: the next start finishes what it began', async () => {
    const random = createRandom(`R-21 on ${name}`)
    const normal = await open()
    const started = performance.now()
    const warm = await normal.start()
    const usual = performance.now() - started
    await warm.end()
    const seen = { untouched: 0, begun: 0, done: 0 }

    for (let count = 0; count < kills; count += 1) {
      const ground = await open()
      const victim = await ground.start({ wait: false })
      await pause(usual * (0.3 + 0.7 * random.next()))
      await victim.kill()
      seen[await stateOf(ground)] += 1

      const next = await ground.start()
      await expectOneService(ground, [next])
      await next.end()
    }
    say(
      `R-21 on ${name}: ${kills} kills in a start: ${seen.untouched} before the schema, ${seen.begun} within it, ${seen.done} behind it; each next start was ready`,
    )
  })
})

const stateOf = async (ground: Ground): Promise<'untouched' | 'begun' | 'done'> => {
  const pending = await ground.look.with(({ pendingMigrations }) => pendingMigrations())
  if (pending.length === 0) return 'done'
  return (await ground.look.hasUsers()) ? 'begun' : 'untouched'
}
