import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { isReachable, openService } from '../../test/services/services.js'
import { ConfigurationError } from '../errors.js'
import { createDb } from './db.js'

test('R-18: a server that is not there is told within five seconds, without secrets', async () => {
  const db = createDb('postgres://user:hunter2@127.0.0.1:1/things')
  onTestFinished(() => db.close())
  const started = performance.now()
  const errors = [
    await db.sql`select ${'hunter2'}`.one().catch((error) => error),
    await db.transaction(({ sql }) => sql`select 1`.one()).catch((error) => error),
  ]

  for (const error of errors) expect(error).toMatchObject({ code: 'unavailable' })
  expect(inspect(errors, { depth: 9 })).not.toContain('hunter2')
  expect(performance.now() - started).toBeLessThan(10_000)
})

test('a server that takes connections and says nothing is waited for as long as the URL says', async () => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const address = silent.address()
  const port = typeof address === 'object' ? address?.port : 0
  const db = createDb(`postgres://u:p@127.0.0.1:${port}/d?timeout=1`)
  const started = performance.now()

  await expect(db.safeQuery('select 1')).rejects.toMatchObject({ code: 'unavailable' })
  expect(performance.now() - started).toBeLessThan(4000)
})

test.skipIf(!isReachable('postgres'))(
  'what only the operator can mend is told in their words',
  async () => {
    const service = await openService('postgres')
    const url = new URL(service.url)
    url.password = 'hunter2'
    const db = createDb(url.href)
    onTestFinished(async () => {
      await db.close()
      await service.stop()
    })
    const error = await db.safeQuery('select 1').catch((error) => error)

    expect(error).toMatchObject({ code: 'unavailable', statement: 'select 1' })
    expect(error.message).toMatch(/its URL has a user or a password/)
    expect(inspect(error)).not.toContain('hunter2')
  },
)

test.skipIf(!isReachable('postgres'))('a statement that takes too long is given up', async () => {
  const service = await openService('postgres')
  const url = new URL(await service.fresh())
  url.searchParams.set('timeout', '1')
  url.searchParams.set('pool', '2')
  const db = createDb(url.href)
  onTestFinished(async () => {
    await db.close()
    await service.stop()
  })
  const slow = Array.from({ length: 2 }, () => db.sql`select pg_sleep(60)`.one())

  for (const outcome of await Promise.allSettled(slow))
    expect(outcome).toMatchObject({ reason: { code: 'unavailable' } })
  expect(await db.sql`select 1 as one`.one()).toEqual({ one: 1 }) // the pool lets go of what hangs
})

test.each(['', 'nothing', 'ftp://host/db', 'postgres://host', 'sqlite:'])(
  '%j is no URL of a database',
  (url) => {
    expect(() => createDb(url)).toThrow(ConfigurationError)
    expect(() => createDb(url)).toThrow(/^createDb: /)
  },
)

test('a file that cannot be opened is told at once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-db-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'a.db'))

  expect(() => createDb(`sqlite:${folder}/a.db`)).toThrow(/^createDb: .*cannot be opened/)
})
