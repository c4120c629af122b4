import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDb, type Db } from '../../src/db/db.js'
import { accessSecret, refreshSecret, signedToken } from '../../src/testing/legacy.js'
import { jsonOf } from '../cli/server-process.js'
import { startServer, type TestServer } from '../servers.js'
import { isReachable, openService, type Service } from '../services/services.js'

/** One token of the service of before, brought fifty times at once to two processes on one database. */
const rounds = 4
const atOnce = 50

describe.skipIf(!isReachable('postgres'))('a token of before on two servers', () => {
  let service: Service
  let db: Db
  let servers: TestServer[] = []
  let sub: string

  const startOn = async (url: string) => {
    const env = {
      DATABASE_URL: url,
      LATCHKEY_SECRET: 'Xk4uT0mZr8sQ1vB6yN3pL9dH2wJ7cF5aGeRt',
      JWT_SECRET_KEY: accessSecret,
      JWT_REFRESH_SECRET_KEY: refreshSecret,
      AUTH_PROFILE: 'native',
      LEGACY_PROFILE: 'strict',
      LEGACY_UNTIL: '2100-01-01',
    }
    servers = await Promise.all([startServer({ env }), startServer({ env })])
  }
  const post = (path: string, body: object, index = 0) =>
    fetch(`${servers[index % servers.length]?.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const count = async (table: 'events' | 'sessions') => {
    const found =
      table === 'events'
        ? await db.sql`select count(*) as n from latchkey_events where type = 'session.traded'`.one()
        : await db.sql`select count(*) as n from latchkey_sessions where revoked_at is null`.one()
    return Number(found?.n)
  }

  beforeAll(async () => {
    service = await openService('postgres')
    const url = await service.fresh({ keep: true })
    db = createDb(url)
    await startOn(url)
  })
  afterAll(async () => {
    for (const server of servers) await server.stop()
    await db?.close()
    await service?.stop()
  })

  test('is traded for one session, and everybody gets it', async () => {
    const account = { email: 'ada@example.com', password: 'A long and winding r0ad!' }
    sub = (await jsonOf<{ user: { id: string } }>(await post('/auth/register', account))).user.id
    const before = await count('sessions')
    for (let round = 1; round <= rounds; round += 1) {
      const exp = Math.floor(Date.now() / 1000) + 86_400 + round
      const old = signedToken(refreshSecret, { sub, type: 'refresh', exp })
      const answers = await Promise.all(
        Array.from({ length: atOnce }, (_, index) =>
          post('/auth/refresh', { refresh_token: old }, index),
        ),
      )
      const tokens = await Promise.all(
        answers.map(
          async (answer) => (await jsonOf<{ refresh_token: string }>(answer)).refresh_token,
        ),
      )

      expect([...new Set(answers.map(({ status }) => status))]).toEqual([200])
      expect(new Set(tokens).size).toBe(1)
      expect([await count('events'), await count('sessions')]).toEqual([round, before + round])
    }
  })

  test('is not lost by a process that dies while it is traded', async () => {
    for (let round = 0; round < 3; round += 1) {
      const exp = Math.floor(Date.now() / 1000) + 172_800 + round
      const old = signedToken(refreshSecret, { sub, type: 'refresh', exp })
      const events = await count('events')
      const dying = post('/auth/refresh', { refresh_token: old }, 1).catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, round * 3))
      await servers[1]?.kill()
      await dying
      const answer = await post('/auth/refresh', { refresh_token: old })

      expect(answer.status).toBe(200)
      expect(await count('events')).toBe(events + 1)
      await servers[1]?.restart()
    }
  })
})
