import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isOwnable, type OwnService, openService } from '../../../test/services/services.js'
import { addSeconds, systemClock } from '../../lib/clock.js'
import { later, sampleSession } from '../../testing/samples.js'
import { type RedisPorts, redisPorts } from './redis.js'

/** A Redis server that goes away, hangs and comes back: refused in time, nothing lost, and no hand is needed. */
describe.skipIf(!isOwnable('redis'))('a Redis server', () => {
  let server: OwnService
  let ports: RedisPorts
  beforeEach(async () => {
    // as it is shipped: to the file at once, to the disk every second
    server = await openService('redis', { own: true, settings: { appendfsync: 'everysec' } })
    ports = redisPorts(server.url)
    await ports.migrate()
  })
  afterEach(async () => {
    await ports.close()
    await server.stop()
  })

  const verbs = ({ sessions, places, ...upkeep }: RedisPorts): Record<string, () => unknown> => ({
    insert: () => sessions.insert(sampleSession()),
    find: () => sessions.find('x'),
    listLive: () => sessions.listLive({ userId: 'ada', now: later, limit: 9 }),
    rotate: () => sessions.rotate({ id: 'x', generation: 0, now: later, expiresAt: later }),
    revoke: () => sessions.revoke('x', later),
    revokeAll: () => sessions.revokeAll('ada', later),
    removeAll: () => sessions.removeAll('ada'),
    ping: () => places[0]?.ping(),
    migrate: () => upkeep.migrate(),
    concerns: () => upkeep.concerns(),
  })

  /** How long the slowest of all verbs took to be refused, asked one after the other and all at once. */
  const refused = async (who: RedisPorts): Promise<number> => {
    const slowest: number[] = []
    const ask = async (verb: () => unknown): Promise<void> => {
      const started = performance.now()
      await expect(verb()).rejects.toMatchObject({ code: 'store_unavailable' })
      slowest.push(performance.now() - started)
    }
    await Promise.all(Object.values(verbs(who)).map(ask))
    for (const verb of Object.values(verbs(who))) await ask(verb)
    return Math.max(...slowest)
  }

  /** Milliseconds until it works again. */
  const healed = async (who: RedisPorts): Promise<number> => {
    const started = performance.now()
    for (;;) {
      const works = await who.places[0]?.ping().then(
        () => true,
        () => false,
      )
      if (works) return performance.now() - started
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  test('R-18: that ends is refused at once, and is found again', async () => {
    const session = sampleSession()
    await ports.sessions.insert(session)
    await server.stop('fast')

    expect(await refused(ports)).toBeLessThan(2_500)
    await server.start()
    expect(await healed(ports)).toBeLessThan(5_000)
    expect(await ports.sessions.find(session.id)).toEqual(session)
  })

  test('R-18: that hangs is refused in time, and is found again', async () => {
    const session = sampleSession()
    await ports.sessions.insert(session)
    server.pause()

    expect(await refused(ports)).toBeLessThan(3_500)
    server.resume()
    expect(await healed(ports)).toBeLessThan(5_000)
    expect(await ports.sessions.find(session.id)).toEqual(session)
  })

  test('R-18: that hangs costs a queue of callers one time-out and not one each', async () => {
    server.pause()
    const started = performance.now()
    for (let count = 0; count < 10; count += 1)
      await expect(ports.sessions.find('x')).rejects.toMatchObject({ code: 'store_unavailable' })

    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test('that hangs or is away from the beginning is refused in time, and is found later', async () => {
    server.pause()
    const hung = redisPorts(server.url)
    expect(await refused(hung)).toBeLessThan(3_500)
    server.resume()
    await server.stop('fast')
    const away = redisPorts(server.url)
    expect(await refused(away)).toBeLessThan(2_500)

    await server.start()
    for (const late of [hung, away]) {
      expect(await healed(late)).toBeLessThan(5_000)
      await late.close()
    }
  })

  test('a client of somebody else that waits for ever is not waited for', async () => {
    const patient = new Redis(server.url, { maxRetriesPerRequest: null })
    patient.on('error', () => {})
    const theirs = redisPorts(patient)
    await theirs.migrate()
    server.pause()

    const started = performance.now()
    await expect(theirs.sessions.find('x')).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(performance.now() - started).toBeLessThan(4_000)
    server.resume()
    expect(await healed(theirs)).toBeLessThan(5_000)
    patient.disconnect()
  })

  test.each(['fast', 'immediate'] as const)(
    'R-19: a restart (%s) loses nothing that was answered',
    async (how) => {
      const made = Array.from({ length: 50 }, () => sampleSession({ userId: 'ada' }))
      await Promise.all(made.map((session) => ports.sessions.insert(session)))
      const rotation = { generation: 0, now: later, expiresAt: addSeconds(later, 86_400 * 7) }
      await Promise.all(made.map(({ id }) => ports.sessions.rotate({ id, ...rotation })))
      await ports.sessions.revoke(made[0]?.id ?? '', later)
      const before = await Promise.all(made.map(({ id }) => ports.sessions.find(id)))
      await server.stop(how)
      await server.start()
      await healed(ports)

      expect(await Promise.all(made.map(({ id }) => ports.sessions.find(id)))).toEqual(before)
      const live = await ports.sessions.listLive({ userId: 'ada', now: later, limit: 99 })
      expect(live).toHaveLength(49)
    },
  )

  test.each([
    ['is full', 'CONFIG SET maxmemory 1mb', 'CONFIG SET maxmemory 0'],
    ['has become a replica', 'REPLICAOF 127.0.0.1 1', 'REPLICAOF NO ONE'],
    ['wants replicas', 'CONFIG SET min-replicas-to-write 1', 'CONFIG SET min-replicas-to-write 0'],
  ])('that %s refuses to write, and that is an outage', async (_, spoil, mend) => {
    const session = sampleSession()
    await ports.sessions.insert(session)
    const client = new Redis(server.url)
    const tell = (line: string): Promise<unknown> => {
      const [command = '', ...words] = line.split(' ')
      return client.call(command, ...words)
    }
    const revoke = () => ports.sessions.revoke(session.id, later)
    await tell(spoil)

    await expect(revoke()).rejects.toMatchObject({ code: 'store_unavailable' })
    await tell(mend)
    await healed(ports)
    expect(await ports.sessions.find(session.id)).toEqual(session)
    expect(await revoke()).toBe(true)
    await client.quit()
  })

  test('that has become a replica is left: its name may lead to the new primary', async () => {
    const client = new Redis(server.url)
    const connection = async (): Promise<string | undefined> =>
      /id=(\d+) .*name=latchkey/.exec(String(await client.client('LIST')))?.[1]
    const before = await connection()
    await client.replicaof('127.0.0.1', 1)
    const rotation = { id: 'x', generation: 0, now: later, expiresAt: later }
    const insert = ports.sessions.insert(sampleSession())

    await expect(insert).rejects.toMatchObject({ code: 'store_unavailable' })
    await healed(ports)
    expect(await ports.sessions.rotate(rotation)).toBe(false)
    expect(await connection()).not.toBe(before)
    await client.quit()
  })

  test('a password that is changed meanwhile is an outage, and no secret is in its cause', async () => {
    const client = new Redis(server.url)
    client.on('error', () => {})
    await client.config('SET', 'requirepass', 'another key')
    await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    const fault = await ports.sessions.find('x').then(
      () => undefined,
      (error: unknown) => error,
    )

    expect(fault).toMatchObject({ code: 'store_unavailable' })
    expect(inspect(fault, { depth: 9 })).not.toContain(new URL(server.url).password.slice(-16))
    await ports.close()
    client.disconnect()
  })

  test('that is closed is asked no more, and keeps no process alive', async () => {
    const unused = redisPorts(server.url)
    for (const closed of [ports, unused]) {
      await closed.close()
      const ask = closed.sessions.find('x')
      await expect(ask).rejects.toMatchObject({ code: 'store_unavailable' })
    }
    const client = new Redis(server.url)
    const list = String(await client.client('LIST'))
    expect(list).not.toContain('name=latchkey')
    await client.quit()
  })

  test('of ours is asked on one connection that bears our name', async () => {
    await Promise.all(
      Array.from({ length: 20 }, () => ports.sessions.find(systemClock().toString())),
    )
    const client = new Redis(server.url)

    expect(String(await client.client('LIST')).match(/name=latchkey/g)).toHaveLength(1)
    await client.quit()
  })
})
