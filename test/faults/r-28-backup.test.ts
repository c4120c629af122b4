import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dumpMysql, toolOf } from '../fixtures/dump.js'
import { loadText } from '../fixtures/load.js'
import { type Caller, createCaller, pause, refresh, signIn, signUp } from './calls.js'
import { databaseFile } from './database.js'
import { doors } from './doors.js'
import type { Ground } from './ground.js'
import { onGrounds } from './grounds.js'
import { say } from './runs.js'
import { expectSound } from './sound.js'

/** a copy taken while people are at work is whole, and with the key file it is the service again, on another host. */
type Copy = {
  take(from: Ground): Promise<string>
  bringBack(copy: string, to: Ground): Promise<void>
}

const copies: Partial<Record<Ground['name'], Copy>> = {
  sqlite: {
    take: async ({ folder }) => {
      const copy = join(folder, 'copy.db')
      const { rows, close } = await doors.sqlite(databaseFile(folder))
      await rows(`vacuum into '${copy}'`)
      await close()
      return copy
    },
    bringBack: async (copy, { folder }) => copyFileSync(copy, databaseFile(folder)),
  },
  postgres: {
    take: async ({ folder, databaseUrl }) => {
      const copy = join(folder, 'copy.dump')
      execFileSync(toolOf('postgres', 'pg_dump'), ['-Fc', `--file=${copy}`, databaseUrl])
      return copy
    },
    bringBack: async (copy, { databaseUrl }) => {
      const options = ['--no-owner', '--exit-on-error', `--dbname=${databaseUrl}`, copy]
      execFileSync(toolOf('postgres', 'pg_restore'), options)
    },
  },
  mysql: {
    take: async ({ databaseUrl }) => dumpMysql(databaseUrl, ['--single-transaction']),
    bringBack: (copy, { databaseUrl }) => loadText('mysql', copy, databaseUrl),
  },
}

/** One who refreshes all the time. */
const atWork = (caller: Caller, first: string) => {
  let token = first
  let isOver = false
  const working = (async () => {
    while (!isOver) {
      const answer = await refresh(caller, token)
      expect(answer.status, answer.text).toBe(200)
      token = answer.body.refresh_token ?? ''
    }
  })()
  return {
    end: async () => {
      isOver = true
      await working
    },
  }
}

onGrounds('R-28', ['sqlite', 'postgres', 'mysql'], (open, name) => {
  test('a copy taken during writes is restored on a fresh host: users, keys and sessions work', async () => {
    const copy = copies[name]
    if (copy === undefined) throw new Error(`Nobody knows how ${name} is copied`)
    const [old, fresh] = [await open(), await open()]
    const env = { BASE_URL: 'http://localhost:8000' }
    const server = await old.start({ env })
    const caller = createCaller(server)
    const ada = await signUp(caller, 'ada@example.com')
    const bob = await signUp(caller, 'bob@example.com')
    const others = await Promise.all(
      [1, 2, 3, 4].map(async (n) => signUp(caller, `writer${n}@example.com`)),
    )
    const writers = others.map(({ refreshToken }) => atWork(caller, refreshToken))
    await pause(200)
    const taken = await copy.take(old)
    for (const writer of writers) await writer.end()
    const out = { body: { refresh_token: bob.refreshToken } }
    expect((await caller.call('POST', '/auth/logout', out)).status).toBe(204)
    await server.kill() // the old host burns down

    mkdirSync(join(fresh.folder, 'data'))
    const keyFile = join('data', 'latchkey.key')
    copyFileSync(join(old.folder, keyFile), join(fresh.folder, keyFile))
    await copy.bringBack(taken, fresh)
    const again = createCaller(await fresh.start({ env }))
    expect((await again.call('GET', '/auth/me', { token: ada.accessToken })).status).toBe(200)
    expect((await refresh(again, ada.refreshToken)).status).toBe(200)
    await signIn(again, 'ada@example.com')
    await signUp(again, 'cid@example.com')
    await expectSound(fresh)
    // known and documented: the copy does not know what came after it
    expect((await refresh(again, bob.refreshToken)).status).toBe(200)
    say(`R-28 on ${name}: restored from a copy taken under writes: users, keys, sessions work`)
  })
})
