import { once } from 'node:events'
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newFolder, run, runJson, type Variables } from './command.js'
import { serve } from './server-process.js'

type Check = { name: string; status: string; detail: string; remedy?: string }
const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'

/** Nobody listens on port 0, so what else runs on this machine does not matter. */
const examine = async (folder: string, variables: Variables = {}) => {
  const { code, json } = await runJson(folder, ['doctor'], { PORT: '0', ...variables })
  const checks: Check[] = json.checks
  const found = (status: string) => checks.filter((check) => check.status === status)
  return { code, ok: json.ok, checks, warnings: found('warning'), problems: found('problem') }
}

test('an empty folder is fine, and stays empty', async () => {
  const folder = newFolder()
  const { code, ok, problems, warnings } = await examine(folder)

  expect({ code, ok, problems, warnings }).toEqual({
    code: 0,
    ok: true,
    problems: [],
    warnings: [],
  })
  expect((await run(folder, ['config', 'check', '--database'])).code).toBe(0)
})

test('an installation that was started is fine, and every check says what it saw', async () => {
  const folder = newFolder()
  await run(folder, ['migrate'])
  await run(folder, ['keys', 'list'])
  const { code, problems, warnings, checks } = await examine(folder)

  expect({ code, problems, warnings }).toEqual({ code: 0, problems: [], warnings: [] })
  expect(checks.find(({ name }) => name === 'signing keys')?.detail).toMatch(/^1, all open/)
  for (const { detail } of checks) expect(detail).not.toBe('')
})

test('files that others may read are warned about, with the command that mends it', async () => {
  const folder = newFolder()
  await run(folder, ['keys', 'list'])
  writeFileSync(join(folder, '.env'), `JWT_REFRESH_SECRET_KEY=${secret}\n`)
  for (const path of ['.env', 'data/latchkey.db', 'data/latchkey.key'])
    chmodSync(join(folder, path), 0o644)
  const { code, warnings } = await examine(folder)

  expect(code).toBe(0)
  expect(warnings.map(({ remedy }) => remedy).sort()).toEqual([
    'chmod 600 ./data/latchkey.db',
    'chmod 600 ./data/latchkey.key',
    'chmod 600 .env',
  ])
})

test('a root secret that is lost, empty or another one is a problem', async () => {
  const folder = newFolder()
  const key = join(folder, 'data/latchkey.key')
  await run(folder, ['keys', 'list'])
  const other = await examine(folder, { LATCHKEY_SECRET: secret })
  writeFileSync(key, '')
  const empty = await examine(folder)
  rmSync(key)
  const lost = await examine(folder)

  for (const { code, ok, problems } of [other, empty, lost]) {
    expect({ code, ok }).toEqual({ code: 4, ok: false })
    for (const { remedy } of problems) expect(remedy).toBeTruthy()
  }
  expect(other.problems.map(({ name }) => name)).toEqual(['signing keys'])
  expect(empty.problems.map(({ name }) => name)).toContain('root secret')
  expect(lost.problems.map(({ name }) => name)).toEqual(['root secret', 'signing keys'])
  expect((await examine(folder)).problems).toHaveLength(2) // it did not make a new one
})

test('wrong settings are problems beside everything else', async () => {
  const { code, problems } = await examine(newFolder(), {
    LOG_LEVEL: 'loud',
    REDIS_ALLOW_VOLATILE: 'true',
  })

  expect(code).toBe(4)
  expect(problems.map(({ detail }) => detail.split(' ')[0]).sort()).toEqual([
    'LOG_LEVEL',
    'REDIS_ALLOW_VOLATILE',
  ])
})

test('a file that is no database, and a store in memory', async () => {
  const folder = newFolder()
  writeFileSync(
    join(folder, 'text.db'),
    'this is no database, only a text of some length'.repeat(9),
  )
  const text = await examine(folder, { DATABASE_URL: 'sqlite:text.db', LATCHKEY_SECRET: secret })
  const memory = await examine(folder, { DATABASE_URL: 'memory' })

  expect(text.code).toBe(4)
  expect(text.problems[0]).toMatchObject({
    name: 'store',
    detail: expect.stringContaining('not a'),
  })
  expect(memory.code).toBe(0)
  expect(memory.warnings.map(({ name }) => name)).toEqual(['store'])
})

test('a running server is found, and told apart from strangers and from servers of another store', async () => {
  const folder = newFolder()
  const server = await serve(folder)
  const PORT = String(server.places.port)
  const same = await examine(folder, { PORT })
  const elsewhere = await examine(newFolder(), { PORT })
  await server.stop()
  const stopped = await examine(folder, { PORT })
  const stranger = createServer((_request, response) => response.end('hello')).listen(
    Number(PORT),
    '127.0.0.1',
  )
  await once(stranger, 'listening')
  const taken = await examine(folder, { PORT })
  stranger.close()

  const about = ({ checks }: { checks: Check[] }) => checks.find(({ name }) => name === 'server')
  expect(about(same)).toMatchObject({ status: 'ok', detail: expect.stringContaining('healthy') })
  expect(about(elsewhere)).toMatchObject({
    status: 'problem',
    detail: expect.stringMatching(/other signing keys/),
  })
  expect(about(stopped)).toMatchObject({ status: 'ok', detail: expect.stringContaining('is free') })
  expect(about(taken)).toMatchObject({
    status: 'problem',
    detail: expect.stringContaining('another program'),
  })
})

test('for people it is a list with marks, and a sum', async () => {
  const { code, stdout } = await run(newFolder(), ['doctor'], { PORT: '0', DATABASE_URL: 'memory' })

  expect(code).toBe(0)
  expect(stdout).toMatch(/^✓ settings +all can be used\n/)
  expect(stdout).toMatch(/\n! store +everything is kept in memory.*\n +→ Set DATABASE_URL/)
  expect(stdout).toMatch(/\nno problems, 1 warning\n$/)
})
