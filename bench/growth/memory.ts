// A process of its own, started with --expose-gc and a folder: prints bytes of heap for each thing that is kept, as JSON.
import { join } from 'node:path'
import { createAuth } from '../../src/auth.js'
import { createMemoryCounters } from '../../src/features/limits/memory-counters.js'
import { systemClock } from '../../src/lib/clock.js'
import { sqlStore } from '../../src/stores/sql/sql.js'

const [folder = '.', count = '1000'] = process.argv.slice(2)
const sessions = Number(count)
const keys = 40_000

const heap = (): number => {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** One key for each address that asks for each limit. */
const limiterKey = (): number => {
  const counters = createMemoryCounters({ clock: systemClock })
  const before = heap()
  for (let number = 0; number < keys; number += 1)
    counters.hit(`login:192.0.${number >> 8}.${number & 255}`, 60)
  const each = (heap() - before) / keys
  if (counters.size() !== keys) throw new Error('Not every key was kept')
  return each
}

/** Rows are on disk; in memory is what asked within the last second, and its verified token. */
const activeSession = async (): Promise<{ opened: number; asked: number }> => {
  const auth = createAuth({
    store: sqlStore(`sqlite:///${join(folder, 'memory.db')}`),
    secret: 'for the benchmark only, 32 bytes or more',
    // one person opens them all, and none of them is to make room
    sessions: { perUser: 1000 },
    limits: { login: 0 },
  })
  const credentials = { email: 'ada@example.com', password: 'correct horse battery staple 41' }
  await auth.users.create(credentials, {})
  const open = async (): Promise<string> => {
    const { accessToken } = await auth.login(credentials, { address: '192.0.2.1' })
    return accessToken
  }
  for (let warm = 0; warm < 30; warm += 1) await auth.authenticate(await open())
  const tokens: string[] = []
  const before = heap()
  for (let number = 0; number < sessions; number += 1) tokens.push(await open())
  const opened = heap()
  for (const token of tokens) await auth.authenticate(token)
  const asked = heap()
  await auth.close()
  // the token itself is ours, not the server's
  const token = tokens[0]?.length ?? 0
  return {
    opened: (opened - before) / sessions - token,
    asked: (asked - before) / sessions - token,
  }
}

const { opened, asked } = await activeSession()
console.log(
  JSON.stringify({
    'an open session that does not ask': opened,
    'an open session that asks (verified token, user and session)': asked,
    'a key of a limiter': limiterKey(),
  }),
)
