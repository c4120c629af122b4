import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startDocumentDb } from '../../../test/services/documentdb.js'
import { type MongoGateway, startMongoGateway } from '../../../test/services/mongodb/gateway.js'
import { isOwnable } from '../../../test/services/services.js'
import { sampleSession } from '../../testing/samples.js'
import { mongoStore } from './mongo.js'

describe.skipIf(!isOwnable('mongodb'))('a driver of MongoDB that hangs', () => {
  let database: Awaited<ReturnType<typeof startDocumentDb>>
  beforeAll(async () => {
    database = await startDocumentDb()
  })
  afterAll(() => database?.stop())

  const open = async (name: string) => {
    const gateway = await startMongoGateway({ postgres: database, topology: 'replica set' })
    const store = mongoStore(gateway.url(name))
    onTestFinished(async () => {
      await store.close()
      await gateway.close()
    })
    return { gateway, store }
  }

  test('R-16: a heartbeat that the driver never ends does not keep a lost server lost', async () => {
    const { gateway, store } = await open('heartbeat')
    const [heart] = await socketsWhile(gateway, () => store.migrate())
    await store.sessions.insert(sampleSession({ id: 'one' }))
    const stuck = getStuck(heart)
    await expect.poll(stuck, { timeout: 5000 }).toBe(true)

    await gateway.stop()
    const refused = Array.from({ length: 30 }, () => store.sessions.find('one'))
    for (const outcome of await Promise.allSettled(refused)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'store_unavailable' } })
    }
    await gateway.start()
    await expect.poll(() => store.sessions.find('one'), { timeout: 5000 }).toBeDefined()
  })

  test('R-16: connections that commands never give back are not missed for long', async () => {
    const { gateway, store } = await open('connections')
    const find = () => store.sessions.find('one')
    const [, ...sockets] = await socketsWhile(gateway, async () => {
      await store.migrate()
      await Promise.all(Array.from({ length: 40 }, find))
    })
    for (const socket of sockets) getStuck(socket)
    const refused = Array.from({ length: 40 }, find)
    await Promise.allSettled(refused)

    await expect.poll(find, { timeout: 8000 }).toBeUndefined()
  })
})

/** What connects to the gateway meanwhile, in the order in which it was opened. */
const socketsWhile = async (gateway: MongoGateway, work: () => Promise<unknown>) => {
  const { port } = new URL(gateway.url(''))
  const opened: Socket[] = []
  const note = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('socket' in message)) return
    if (message.socket instanceof Socket) opened.push(message.socket)
  }
  subscribe('net.client.socket', note)
  await work()
  unsubscribe('net.client.socket', note)
  return opened.filter(({ remotePort }) => remotePort === Number(port))
}

/** As Node does with what is written to a socket that is going away: neither an error nor a `drain` follows. */
const getStuck = (socket: Socket | undefined): (() => boolean) => {
  if (socket === undefined) throw new Error('Nothing was opened')
  let isStuck = false
  socket.write = () => {
    isStuck = true
    socket.destroy()
    return false
  }
  return () => isStuck
}
