import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDocumentDb } from '../../../test/services/documentdb.js'
import { type MongoGateway, startMongoGateway } from '../../../test/services/mongodb/gateway.js'
import { isOwnable, isReachable, openService } from '../../../test/services/services.js'
import { emptiedMongo } from '../../../test/stores/emptied-mongo.js'
import { fullLine } from '../../../test/stores/full-line.js'
import { createArrivalGate } from '../../testing/place.js'
import {
  instant,
  later,
  sampleEvent,
  sampleIdentity,
  sampleKey,
  sampleSession,
  sampleUser,
  withEmail,
} from '../../testing/samples.js'
import { storeContract } from '../../testing/store-contract.js'
import { mongoStore } from './mongo.js'

describe.skipIf(!isReachable('mongodb'))('MongoDB with transactions', () => {
  const fresh = async (): Promise<string> => (await openService('mongodb')).fresh()

  const emptied = emptiedMongo(async () => (await openService('mongodb')).fresh({ keep: true }))

  storeContract('mongodb', async () => mongoStore(await emptied()), { describe, test })
  storeContract(
    'mongodb, two instances on one database',
    async () => {
      const url = await emptied()
      return [mongoStore(url), mongoStore(url)]
    },
    { describe, test },
  )

  fullLine('mongodb', async () => {
    const url = await emptied()
    const more = `${url.includes('?') ? '&' : '?'}maxPoolSize=1`
    return mongoStore(`${url}${more}`, { queue: 2 })
  })

  const open = async () => {
    const url = await fresh()
    const [store, client] = [mongoStore(url), new MongoClient(url)]
    await store.migrate()
    const close = async () => void (await Promise.all([store.close(), client.close()]))
    return { store, db: client.db(), [Symbol.asyncDispose]: close }
  }

  test('of many works that take one address at once, one gets it and the others are told', async () => {
    await using place = await open()
    const gate = createArrivalGate(10)
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => {
        let hasArrived = false // a work may run again
        return place.store.transaction(async ({ users, events }) => {
          await users.findByEmail('a@b.de')
          if (!hasArrived) await gate()
          hasArrived = true
          const outcome = await users.createIfAbsent(sampleUser(withEmail('a@b.de')))
          if (outcome === 'created') await events.append(sampleEvent())
          return outcome
        })
      }),
    )

    expect(outcomes.toSorted()).toEqual(['created', ...Array(9).fill('email_taken')])
    expect(await place.store.events.list({ limit: 9 })).toHaveLength(1)
  })

  test('of many works that append a key of one number at once, one does', async () => {
    await using place = await open()
    const gate = createArrivalGate(10)
    const appended = await Promise.all(
      Array.from({ length: 10 }, () => {
        let hasArrived = false
        return place.store.transaction(async ({ keys }) => {
          await keys.list()
          if (!hasArrived) await gate()
          hasArrived = true
          return keys.append(sampleKey(1))
        })
      }),
    )

    expect(appended.filter(Boolean)).toHaveLength(1)
  })

  test('a duplicate nobody looked for fails its work, and is not named', async () => {
    await using place = await open()
    const session = sampleSession()
    await place.store.sessions.insert(session)
    const failed = place.store.transaction(async ({ users, sessions }) => {
      await users.createIfAbsent(sampleUser(withEmail('a@b.de')))
      await sessions.insert({ ...session, userId: 'thief' }).catch(() => undefined)
    })

    await expect(failed).rejects.toThrow('What was to be written is there already')
    expect(await place.store.users.findByEmail('a@b.de')).toBeUndefined()
  })

  test('A-212: a field that is missing is not one that is null', async () => {
    await using place = await open()
    const { users, sessions } = place.store
    const { revokedAt: _, id, ...session } = sampleSession({ userId: 'ada' })
    const { passwordHash: __, id: userId, ...user } = sampleUser()
    await place.db
      .collection<{ _id: string }>('latchkey_sessions')
      .insertOne({ _id: id, ...session })
    await place.db.collection<{ _id: string }>('latchkey_users').insertOne({ _id: userId, ...user })

    expect(await sessions.rotate({ id, generation: 0, now: later, expiresAt: later })).toBe(false)
    expect(await sessions.listLive({ userId: 'ada', now: instant, limit: 9 })).toEqual([])
    expect(await sessions.revoke(id, later)).toBe(false)
    expect(await sessions.find(id)).toMatchObject({ revokedAt: instant })
    expect(await users.replacePasswordHash(userId, null, 'thief', later)).toBe(false)
    expect(await users.recordLogin(userId, null, later)).toBe(false)
  })

  test('a value is never an operator', async () => {
    await using place = await open()
    await place.store.users.createIfAbsent(sampleUser(withEmail('a@b.de')))
    const anything = JSON.parse('{"$gt":""}')

    expect(await place.store.users.find(anything)).toBeUndefined()
    expect(await place.store.users.findByEmail(anything)).toBeUndefined()
    expect(await place.store.users.remove(anything)).toBe(false)
    expect(await place.store.sessions.revokeAll(anything, later)).toBe(0)
  })

  test('a lookup has its index', async () => {
    await using place = await open()
    const indexes = async (name: string) =>
      (await place.db.collection(`latchkey_${name}`).indexes()).map(({ key }) =>
        Object.keys(key).join(),
      )

    expect(await indexes('users')).toEqual(['_id', 'canonicalEmail', 'canonicalUsername'])
    expect(await indexes('sessions')).toEqual([
      ...['_id', 'userId,_id', 'expiresAt', 'userId,revokedAt,_id'],
    ])
    expect(await indexes('keys')).toEqual(['_id', 'sequence'])
    expect(await indexes('events')).toEqual(['_id', 'sequence', 'subjectId,sequence'])
    expect(await indexes('identities')).toEqual(['_id', 'provider,subject', 'userId'])
    expect(await indexes('spent')).toEqual(['_id', 'expiresAt'])
  })
})

describe.skipIf(!isOwnable('mongodb'))('MongoDB on a single server', () => {
  let database: Awaited<ReturnType<typeof startDocumentDb>>
  let gateway: MongoGateway
  let count = 0
  beforeAll(async () => {
    database = await startDocumentDb()
    gateway = await startMongoGateway({ postgres: database, topology: 'standalone' })
  })
  afterAll(async () => {
    await gateway?.close()
    await database?.stop()
  })

  const open = () => {
    count += 1
    return mongoStore(gateway.url(`single_${count}`))
  }

  const emptied = emptiedMongo(async () => gateway.url('emptied'))
  storeContract('mongodb, single server', async () => mongoStore(await emptied()), {
    describe,
    // of those who remove the last two at once, here nobody may do it
    test: (title, run) => (title.includes('the last two at once') ? undefined : test(title, run)),
    parts: ['users', 'sessions', 'keys', 'events', 'identities', 'spent'],
  })

  test('of many who remove the last two identities at once, one at least stays', async () => {
    const store = open()
    await store.migrate()
    const [google, github] = ['google', 'github'].map((provider) =>
      sampleIdentity({ userId: 'ada', provider }),
    )
    for (const identity of [google, github])
      if (identity) await store.identities.insertIfAbsent(identity)
    const told = await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        const id = (index % 2 === 0 ? google : github)?.id ?? ''
        const leavesOneOf = ['google', 'github']
        return store.identities.remove({ userId: 'ada', id, leavesOneOf })
      }),
    )

    const left = await store.identities.list('ada')
    expect(told).toContain('last')
    expect(left.length).toBeGreaterThan(0)
    expect(told.filter((outcome) => outcome === 'removed')).toHaveLength(2 - left.length)
    await store.close()
  })

  test('a work runs on plain verbs, nothing of it is undone, and the operator is told', async () => {
    const store = open()
    await store.migrate()
    const failed = store.transaction(async ({ users, events }) => {
      await users.createIfAbsent(sampleUser(withEmail('a@b.de')))
      expect(await users.createIfAbsent(sampleUser(withEmail('a@b.de')))).toBe('email_taken')
      await events.append(sampleEvent())
      throw new Error('The work changed its mind')
    })

    await expect(failed).rejects.toThrow('The work changed its mind')
    expect(await store.users.findByEmail('a@b.de')).toBeDefined()
    expect(await store.events.list({ limit: 9 })).toHaveLength(1)
    expect(await store.concerns()).toEqual([
      {
        concern: expect.stringContaining('single server without transactions'),
        remedy: expect.stringContaining('rs.initiate()'),
      },
    ])
    await store.close()
  })
})
