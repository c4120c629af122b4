import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { createCaller, refresh, signUp } from './calls.js'
import { changeFile, integrityOf, numberOf, rowsOf } from './database.js'
import { say } from './runs.js'

/** R-21, its first part: servers that start at once on an empty folder become one service. */
const atOnce = 5

let servers: TestServer[] = []
let folder: string
afterEach(async () => {
  for (const server of servers) await server.stop()
  await rm(folder, { recursive: true, force: true })
})

test('five servers that start at once on an empty folder share one schema, one key and one secret', async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-test-'))
  const started = performance.now()
  const attempts = await Promise.allSettled(
    Array.from({ length: atOnce }, () =>
      startServer({ folder, env: { BASE_URL: 'http://localhost:8000' } }),
    ),
  )
  const milliseconds = Math.round(performance.now() - started)
  servers = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []))
  const failures = attempts.flatMap((attempt) =>
    attempt.status === 'rejected' ? [attempt.reason] : [],
  )

  expect(failures).toEqual([])
  const files = (await readdir(join(folder, 'data'))).filter((name) => !/-(wal|shm)$/.test(name))
  expect(files.sort()).toEqual(['latchkey.db', 'latchkey.key'])
  const secret = await readFile(join(folder, 'data', 'latchkey.key'), 'utf8')
  expect(secret.trim().length).toBeGreaterThanOrEqual(43)
  expect(numberOf(folder, 'select count(*) from latchkey_keys')).toBe(1)
  const steps = rowsOf(folder, 'select number from latchkey_migrations order by number')
  expect(new Set(steps.map(({ number }) => number)).size).toBe(steps.length)
  expect(integrityOf(folder)).toBe('ok')

  const callers = servers.map((server) => createCaller(server))
  const [first] = callers
  if (first === undefined) return
  const { accessToken, refreshToken } = await signUp(first, 'ada@example.com')
  const successors = new Set<unknown>()
  for (const caller of callers) {
    expect((await caller.call('GET', '/auth/me', { token: accessToken })).status).toBe(200)
    successors.add((await refresh(caller, refreshToken)).body.refresh_token)
  }
  expect(successors.size).toBe(1)
  say(`R-21: ${atOnce} servers at once on an empty folder: all ready after ${milliseconds} ms`)
})

test('a schema that is newer than the server is refused with a sentence and exit code 2', async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-test-'))
  const server = await startServer({ folder })
  servers = [server]
  await server.end()
  changeFile(folder, `insert into latchkey_migrations values (999, 'later', 0)`)
  await expect(server.restart()).rejects.toThrow(/newer latchkey/)

  expect(await server.end()).toEqual({ code: 2, signal: null })
})
