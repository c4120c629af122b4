import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from './servers.js'

const rounds = 400

/**
 * What V8 tells of a place that did not know the hidden class of what it was given: the kind of place, where in its log
 * it stands, line and column, and the name that was looked for.
 */
const missPattern = /^(\w*IC),[^,]*,[^,]*,(\d+),(\d+),[^,]*,[^,]*,[^,]*,([^,]*)/gm

test('nothing that refresh and me make has a hidden class of its own (docs/performance.md)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-classes-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const log = join(folder, 'v8.log')
  const flags = ['--log-ic', '--no-logfile-per-isolate', `--logfile=${log}`]
  const server = await startServer({ folder, flags })
  onTestFinished(() => server.stop())
  const send = async (path: string, body: object) => {
    const answer = await fetch(`${server.origin}/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(answer.ok).toBe(true)
    return (await answer.json()) as { access_token: string; refresh_token: string }
  }

  let tokens = await send('register', {
    email: 'ada@example.com',
    password: 'a long and winding road',
  })
  for (let round = 0; round < rounds; round += 1) {
    tokens = await send('refresh', { refresh_token: tokens.refresh_token })
    const authorization = `Bearer ${tokens.access_token}`
    expect((await fetch(`${server.origin}/auth/me`, { headers: { authorization } })).ok).toBe(true)
  }
  await server.end()

  const misses = new Map<string, number>()
  for (const [, ...place] of (await readFile(log, 'latin1')).matchAll(missPattern)) {
    const name = place.join(':')
    misses.set(name, (misses.get(name) ?? 0) + 1)
  }
  expect(misses.size).toBeGreaterThan(100) // as long as V8 learns, it misses
  expect([...misses].filter(([, count]) => count > rounds / 2)).toEqual([])
})
