import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startDocumentDb } from '../../../test/services/documentdb.js'
import {
  type GatewayOptions,
  type MongoGateway,
  startMongoGateway,
} from '../../../test/services/mongodb/gateway.js'
import { isOwnable } from '../../../test/services/services.js'
import { later, sampleEvent, sampleSession } from '../../testing/samples.js'
import { createTestAuth } from '../../testing/test-auth.js'
import type { Store } from '../store.js'
import { migrations } from './migrations/migrations.js'
import { mongoStore } from './mongo.js'

const unavailable = { code: 'store_unavailable' }

/** What the outcome was, if it came within 5 s. */
const inTime = async <Result>(promise: Promise<Result>): Promise<Result> => {
  const started = performance.now()
  try {
    return await promise
  } finally {
    expect(performance.now() - started).toBeLessThan(5000)
  }
}

describe.skipIf(!isOwnable('mongodb'))('MongoDB that misbehaves', () => {
  let database: Awaited<ReturnType<typeof startDocumentDb>>
  let count = 0
  beforeAll(async () => {
    database = await startDocumentDb()
  })
  afterAll(() => database?.stop())

  const open = async (options: Partial<GatewayOptions> = {}) => {
    const topology = 'replica set'
    const gateway = await startMongoGateway({ postgres: database, topology, ...options })
    count += 1
    const store = mongoStore(gateway.url(`faults_${count}`))
    onTestFinished(async () => {
      await store.close()
      await gateway.close()
    })
    return { gateway, store }
  }

  const verbs = (store: Store): Record<string, () => Promise<unknown>> => ({
    find: () => store.sessions.find('one'),
    rotate: () => store.sessions.rotate({ id: 'one', generation: 0, now: later, expiresAt: later }),
    createIfAbsent: () => store.events.append(sampleEvent()),
    together: () => store.findSessionAndUser('one'),
    ping: async () => store.places[0]?.ping(),
    transaction: () =>
      store.transaction(async ({ sessions, events }) => {
        await sessions.revoke('one', later)
        await events.append(sampleEvent())
      }),
  })

  const away: Record<
    string,
    [(gateway: MongoGateway) => unknown, (gateway: MongoGateway) => unknown]
  > = {
    'is gone': [({ stop }) => stop(), ({ start }) => start()],
    'does not answer': [({ freeze }) => freeze(), ({ thaw }) => thaw()],
  }

  describe.each(Object.entries(away))('R-16: a server that %s', (_, [leave, comeBack]) => {
    test('refuses every verb within 5 s, and serves by itself when it is back', async () => {
      const { gateway, store } = await open()
      await store.migrate()
      await store.sessions.insert(sampleSession({ id: 'one' }))
      await leave(gateway)
      const refused = Object.values(verbs(store)).map((verb) => inTime(verb()))
      for (const outcome of await Promise.allSettled(refused)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable })
      }

      await comeBack(gateway)
      await expect.poll(() => inTime(store.sessions.find('one')), { timeout: 5000 }).toBeDefined()
      for (const verb of Object.values(verbs(store))) await inTime(verb())
      expect(await store.sessions.find('one')).toMatchObject({ revokedAt: later })
    })
  })

  test('a server that was away at the start is found later', async () => {
    const { gateway, store } = await open()
    await gateway.stop()
    await expect(inTime(store.migrate())).rejects.toMatchObject({
      ...unavailable,
      cause: { code: 'ECONNREFUSED' },
    })

    await gateway.start()
    expect(await store.migrate()).toHaveLength(migrations.length)
  })

  test.each([
    { command: 'update', times: 1 },
    { command: 'insert', times: 1 },
    { command: 'commitTransaction', times: 5 },
  ])(
    'R-04: an answer to $command that is lost $times times changes nothing or all, once',
    async ({ command, times }) => {
      const { gateway, store } = await open()
      await store.migrate()
      await store.sessions.insert(sampleSession({ id: 'one' }))
      gateway.loseAnswerTo(command, times)
      const rotated = await inTime(
        store.transaction(async ({ sessions, events }) => {
          const rotation = { id: 'one', generation: 0, now: later, expiresAt: later }
          const isRotated = await sessions.rotate(rotation)
          await events.append(sampleEvent())
          return isRotated
        }),
      )

      expect(rotated).toBe(true)
      expect(await store.sessions.find('one')).toMatchObject({ generation: 1 })
      expect(await store.events.list({ limit: 9 })).toHaveLength(1)
    },
  )

  test('a work that goes on after a lost answer is not committed but runs again', async () => {
    const { gateway, store } = await open()
    await store.migrate()
    await store.sessions.insert(sampleSession({ id: 'one' }))
    gateway.loseAnswerTo('update')
    let runs = 0
    await store.transaction(async ({ sessions, events }) => {
      runs += 1
      await sessions.revoke('one', later).catch(() => undefined)
      await events.append(sampleEvent({ details: { runs } })).catch(() => undefined)
    })

    expect(runs).toBe(2)
    expect(await store.sessions.find('one')).toMatchObject({ revokedAt: later })
    expect(await store.events.list({ limit: 9 })).toMatchObject([{ details: { runs: 2 } }])
  })

  test.each(['replica set', 'standalone'] as const)(
    'R-01: the lost answer to a refresh on a %s forks no session',
    async (topology) => {
      const { gateway, store } = await open({ topology })
      await store.migrate()
      const { auth, ada, clock } = await createTestAuth({
        store,
        secret: randomBytes(32).toString('base64url'),
      })
      const { refreshToken, user } = await auth.login(ada, {})
      const sessions = () =>
        store.sessions.listLive({ userId: user?.id ?? '', now: clock(), limit: 9 })
      gateway.loseAnswerTo(topology === 'standalone' ? 'update' : 'commitTransaction')
      const first = await auth.refresh(refreshToken, {}).catch((error: unknown) => error)
      const again = await auth.refresh(refreshToken, {})

      expect(topology === 'replica set' ? first : again).toHaveProperty('refreshToken')
      expect(await sessions()).toMatchObject([{ generation: 1 }])
      clock.advance('11s')
      expect(await auth.refresh(again.refreshToken, {})).toHaveProperty('refreshToken')
      await expect(auth.refresh(refreshToken, {})).rejects.toMatchObject({
        code: 'session_revoked',
      })
    },
  )

  test('who is held up by a killed instance is refused in time, and served when the server lets go', async () => {
    const { gateway, store } = await open({ transactionLifetimeSeconds: 6 })
    await store.migrate()
    await store.sessions.insert(sampleSession({ id: 'one' }))
    const killed = mongoStore(gateway.url(`faults_${count}`))
    let hold = () => {}
    const held = new Promise<void>((resolve) => {
      killed
        .transaction(async ({ sessions }) => {
          await sessions.revoke('one', later)
          resolve()
          await new Promise<void>((done) => {
            hold = done
          })
        })
        .catch(() => undefined)
    })
    await held
    const rotate = () =>
      store.transaction(({ sessions }) =>
        sessions.rotate({ id: 'one', generation: 0, now: later, expiresAt: later }),
      )
    await expect(inTime(rotate())).rejects.toMatchObject(unavailable)
    await expect.poll(() => rotate().catch(() => 'held'), { timeout: 10_000 }).toBe(true)

    hold()
    await killed.close()
  })

  test('A-212: writes are asked to be on the disks of most members, reads to be among them', async () => {
    const { gateway, store } = await open()
    const { gateway: single, store: alone } = await open({ topology: 'standalone' })
    for (const each of [store, alone]) {
      await each.migrate()
      await each.sessions.insert(sampleSession({ id: 'one' }))
      await each.sessions.find('one')
    }
    const durable = { w: 'majority', j: true }

    for (const { heard } of [gateway, single]) {
      expect(heard('insert')).toMatchObject({ writeConcern: durable })
    }
    expect(gateway.heard('find')).toMatchObject({ readConcern: { level: 'majority' } })
    expect(single.heard('find')).toMatchObject({ readConcern: { level: 'local' } })
    await store.transaction(({ sessions }) => sessions.revoke('one', later))
    expect(gateway.heard('update')).toMatchObject({ readConcern: { level: 'snapshot' } })
    expect(gateway.heard('commitTransaction')).toMatchObject({ writeConcern: durable })
  })

  test('a long life of transactions is told to the operator, a short one is not', async () => {
    const { store: long } = await open()
    const { store: short } = await open({ transactionLifetimeSeconds: 10 })

    expect(await long.concerns()).toEqual([
      { concern: expect.stringContaining('60 s'), remedy: expect.any(String) },
    ])
    expect(await short.concerns()).toEqual([])
  })

  test('a user without rights and a server that is too old stop the start with a sentence', async () => {
    const { gateway, store } = await open()
    gateway.refuse('find', { code: 13, codeName: 'Unauthorized', errmsg: 'not authorized' })
    const { store: old } = await open({ wireVersion: 8 })

    await expect(store.migrate()).rejects.toMatchObject(sentence(/Grant them the role readWrite/))
    await expect(old.migrate()).rejects.toMatchObject(sentence(/older than 4\.4/))
  })

  test('a wrong password is told without it', async () => {
    const { gateway } = await open()
    const url = gateway.url('latchkey').replace('//', '//ada:hunter2@')
    const store = mongoStore(url)
    const error = await store.migrate().catch((refused: unknown) => refused)
    await store.close()

    expect(error).toMatchObject(sentence(/does not accept/))
    expect(String(error)).not.toMatch(/hunter2|ada/)
  })
})

const sentence = (pattern: RegExp) => ({
  mistakes: [{ option: 'store', detail: expect.stringMatching(pattern) }],
})

describe('a URL that cannot be used', () => {
  test.each([
    ['mysql://a:secret@b/c', /must be a MongoDB URL/],
    ['mongodb://', /is not a MongoDB URL/],
    ['mongodb://secret:p@ss@host/db', /percent-encoded/],
    ['mongodb://user:secret@host/db?colour=secret', /options that MongoDB does not know: colour/],
    ['mongodb://user:secret@host/a$b', /is not a MongoDB URL/],
    ['mongodb://user:secret@host/%E0', /is not a MongoDB URL/],
    ['mongodb://user:secret@host/db?tls=secret', /is not a MongoDB URL/],
  ])('%s', (url, pattern) => {
    const open = () => mongoStore(url)

    expect(open).toThrow(expect.objectContaining(sentence(pattern)))
    expect(open).not.toThrow(/secret/)
  })

  test('a host that does not exist stops the start', async () => {
    const store = mongoStore('mongodb://user:secret@nobody.invalid/db')
    await expect(inTime(store.migrate())).rejects.toMatchObject(
      sentence(/host that does not exist/),
    )
    await store.close()
  })
})
