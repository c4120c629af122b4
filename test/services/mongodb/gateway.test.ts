import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDocumentDb } from '../documentdb.js'
import { isOwnable } from '../services.js'
import { type MongoGateway, startMongoGateway } from './gateway.js'

describe.skipIf(!isOwnable('mongodb'))('the gateway in front of DocumentDB', () => {
  let database: Awaited<ReturnType<typeof startDocumentDb>>
  let gateways: MongoGateway[] = []
  let [set, single]: MongoClient[] = []
  beforeAll(async () => {
    database = await startDocumentDb()
    const start = (topology: 'replica set' | 'standalone') =>
      startMongoGateway({ postgres: database, topology })
    gateways = [await start('replica set'), await start('standalone')]
    ;[set, single] = gateways.map((gateway) => new MongoClient(gateway.url('gateway')))
  })
  afterAll(async () => {
    await Promise.all([set, single, ...gateways].map((opened) => opened?.close()))
    await database?.stop()
  })

  const collection = (client: MongoClient | undefined, name: string) => {
    if (client === undefined) throw new Error('The gateway was not started')
    return client.db().collection<{ _id: number; name?: string }>(name)
  }

  test('long answers come in pages, each document once', async () => {
    const many = collection(set, 'many')
    const numbers = Array.from({ length: 250 }, (_, _id) => ({ _id }))
    await many.insertMany(numbers)

    expect(await many.find().sort({ _id: 1 }).batchSize(40).toArray()).toEqual(numbers)
    expect(await many.countDocuments({ _id: { $lt: 100 } })).toBe(100)
  })

  test('a duplicate has the number it has everywhere', async () => {
    const names = collection(set, 'names')
    await names.createIndex({ name: 1 }, { unique: true })
    await names.insertMany([
      { _id: 1, name: 'ada' },
      { _id: 2, name: 'bob' },
    ])

    const duplicate = { code: 11000 }
    await expect(names.insertOne({ _id: 3, name: 'ada' })).rejects.toMatchObject(duplicate)
    await expect(names.updateOne({ _id: 2 }, { $set: { name: 'ada' } })).rejects.toMatchObject(
      duplicate,
    )
    await expect(
      names.findOneAndUpdate({ _id: 2 }, { $set: { name: 'ada' } }),
    ).rejects.toMatchObject(duplicate)
  })

  test('a single server has no transactions', async () => {
    const names = collection(single, 'names')
    const inSession = single?.withSession((session) =>
      session.withTransaction(() => names.insertOne({ _id: 9 }, { session })),
    )

    // the driver has its own words for it
    const original = { code: 20, codeName: 'IllegalOperation' }
    await expect(inSession).rejects.toMatchObject({ errorResponse: { originalError: original } })
  })

  test('of two transactions on one document the second is refused at once', async () => {
    const rows = collection(set, 'rows')
    await rows.insertOne({ _id: 1 })
    if (set === undefined) throw new Error('The gateway was not started')
    const [one, two] = [set.startSession(), set.startSession()]
    for (const session of [one, two]) session.startTransaction()
    await rows.updateOne({ _id: 1 }, { $set: { name: 'one' } }, { session: one })
    const refused = rows.updateOne({ _id: 1 }, { $set: { name: 'two' } }, { session: two })

    await expect(refused).rejects.toMatchObject({
      code: 112,
      errorLabels: expect.arrayContaining(['TransientTransactionError']),
    })
    await expect(rows.findOne({ _id: 1 }, { session: two })).rejects.toMatchObject({ code: 251 })
    expect(await rows.findOne({ _id: 1 })).toEqual({ _id: 1 })
    await one.commitTransaction()
    expect(await rows.findOne({ _id: 1 })).toEqual({ _id: 1, name: 'one' })
    await Promise.all([one.endSession(), two.endSession()])
  })
})
