import { MongoClient } from 'mongodb'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isReachable, openService } from '../../../test/services/services.js'
import { sampleUser, withEmail } from '../../testing/samples.js'
import { migrations } from './migrations/migrations.js'
import { mongoStore } from './mongo.js'

/** Of every migration there is. */
const names = migrations.map(({ name }) => name)

type Record = { _id: number | string; owner?: string; until?: Date; name?: string }

describe.skipIf(!isReachable('mongodb'))('migrations of MongoDB', () => {
  const open = async () => {
    const url = await (await openService('mongodb')).fresh()
    const stores = Array.from({ length: 5 }, () => mongoStore(url))
    const client = new MongoClient(url)
    onTestFinished(async () => {
      await Promise.all([...stores, client].map((opened) => opened.close()))
    })
    const [store = mongoStore(url)] = stores
    const db = client.db()
    return { store, stores, db, records: db.collection<Record>('latchkey_migrations') }
  }

  test('R-21: of five instances at once one migrates, and the others wait until it is done', async () => {
    const { stores, records } = await open()
    const ready = stores.map(async (store) => {
      const done = await store.migrate()
      expect(await store.pendingMigrations()).toEqual([])
      return done
    })

    expect((await Promise.all(ready)).flat()).toEqual(names)
    expect(await records.find().sort({ _id: 1 }).toArray()).toEqual(
      names.map((name, index) => ({ _id: index + 1, name, appliedAt: expect.any(Date) })),
    )
  })

  test('R-21: the lock of a migrator that was killed runs out, and its half work is finished', async () => {
    const { store, records } = await open()
    await store.migrate()
    await records.deleteMany({})
    await records.insertOne({ _id: 'lock', owner: 'killed', until: new Date(Date.now() - 1) })

    expect(await store.migrate()).toEqual(names)
    expect(await records.countDocuments({ _id: 'lock' })).toBe(0)
  })

  test('a lock that is held is waited for', async () => {
    const { store, records } = await open()
    await records.insertOne({ _id: 'lock', owner: 'other', until: new Date(Date.now() + 60_000) })
    let isDone = false
    const migrated = store.migrate().finally(() => {
      isDone = true
    })
    await store.pendingMigrations()
    expect(isDone).toBe(false)
    await records.deleteOne({ _id: 'lock' })

    expect(await migrated).toEqual(names)
  })

  test('a schema newer than the code is refused', async () => {
    const { store, records } = await open()
    await store.migrate()
    await records.insertOne({ _id: names.length + 1, name: '9999-later' })

    await expect(store.migrate()).rejects.toThrow(/set up by a newer latchkey .* 9999-later/)
    await expect(store.pendingMigrations()).rejects.toThrow(/newer latchkey/)
  })

  test('the script says what would run, changes nothing, and is empty afterwards', async () => {
    const { store, records } = await open()
    const script = await store.migrationScript()

    expect(script).toContain('"createIndexes":"latchkey_users"')
    expect(script).toContain('"partialFilterExpression":{"canonicalEmail":{"$gt":""}}')
    expect(script).toContain('db.latchkey_migrations.updateOne({ _id: 1 }')
    expect(await records.countDocuments()).toBe(0)
    expect(await store.pendingMigrations()).toEqual(names)
    await store.migrate()
    expect(await store.migrationScript()).toBe('')
  })

  test('migrating again touches nothing that is there', async () => {
    const { store } = await open()
    await store.migrate()
    const user = sampleUser(withEmail('a@b.de'))
    await store.users.createIfAbsent(user)

    expect(await store.migrate()).toEqual([])
    expect(await store.users.find(user.id)).toEqual(user)
  })

  test('A-212: an index that somebody removed is missed at the next start, with the words that bring it back', async () => {
    const { store, db } = await open()
    await store.migrate()
    const missed = async () =>
      (await store.concerns()).filter(({ remedy }) => remedy.includes('createIndex'))
    expect(await missed()).toEqual([])
    for (const name of ['latchkey_users', 'latchkey_sessions']) {
      await db.dropCollection(name) // and made again by somebody who knew of no index
      await db.createCollection(name)
    }

    const found = await missed()
    expect(found).toHaveLength(5)
    expect(found).toContainEqual({
      concern: expect.stringContaining('the unique index on latchkey_users (canonicalEmail)'),
      remedy: expect.stringContaining(
        'db.latchkey_users.createIndex({"canonicalEmail":1}, {"unique":true,"name":"canonicalEmail","partialFilterExpression"',
      ),
      isGrave: true,
    })
    expect(found).toContainEqual({
      concern: expect.stringContaining('the index on latchkey_sessions (expiresAt)'),
      remedy: expect.stringContaining('db.latchkey_sessions.createIndex({"expiresAt":1}'),
      isGrave: false,
    })
  })
})
