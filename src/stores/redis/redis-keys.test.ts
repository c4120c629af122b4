import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isReachable, openService } from '../../../test/services/services.js'
import { addSeconds } from '../../lib/clock.js'
import { createId } from '../../lib/id.js'
import { instant, later, sampleSession } from '../../testing/samples.js'
import { redisPorts } from './redis.js'

/** What lies in Redis, for how long, and what hostile names can do to it: nothing. */
describe.skipIf(!isReachable('redis'))('keys in Redis', () => {
  let url: string
  let client: Redis
  beforeEach(async () => {
    url = await (await openService('redis')).fresh()
    client = new Redis(url)
  })
  afterEach(() => client.quit())
  const open = () => redisPorts(client)
  const day = 86_400

  /** A session as it is opened: it lives a week. */
  const week = 7 * day
  const opened = (part = {}) =>
    sampleSession({ userId: 'ada', expiresAt: addSeconds(instant, week), ...part })
  const secondsLeft = async (key: string): Promise<number> => (await client.pttl(key)) / 1000

  test('a session is forgotten a day after it expired, and rotation moves that', async () => {
    const { sessions } = open()
    const session = opened()
    const key = `latchkey:session:${session.id}`
    await sessions.insert(session)
    expect(await secondsLeft(key)).toBeCloseTo(week + day, -1)

    const now = addSeconds(instant, 3 * day)
    const expiresAt = addSeconds(now, week / 2)
    await sessions.rotate({ id: session.id, generation: 0, now, expiresAt })
    expect(await secondsLeft(key)).toBeCloseTo(week / 2 + day, -1)
    await sessions.revoke(session.id, now)
    expect(await secondsLeft(key)).toBeCloseTo(week / 2 + day, -1)
  })

  test('R-26: an expired session is still known, so that its owner is told why', async () => {
    const { sessions } = open()
    const session = opened({ expiresAt: addSeconds(instant, -1) })
    await sessions.insert(session)

    expect(await sessions.find(session.id)).toEqual(session)
    expect(await sessions.listLive({ userId: 'ada', now: instant, limit: 9 })).toEqual([])
    expect(await sessions.removeExpired(later, 100)).toBe(0)
  })

  test('the index of a user lives as long as the longest of the sessions, and then no longer', async () => {
    const { sessions } = open()
    const long = opened({ expiresAt: addSeconds(instant, 30 * day) })
    for (const session of [opened(), long, opened()]) await sessions.insert(session)
    const left = () => secondsLeft('latchkey:user:ada')
    expect(await left()).toBeCloseTo(31 * day, -1)

    const expiresAt = addSeconds(instant, 40 * day)
    await sessions.rotate({ id: long.id, generation: 0, now: instant, expiresAt })
    expect(await left()).toBeCloseTo(41 * day, -1)
    await sessions.revokeAll('ada', later)
    expect(await left()).toBeCloseTo(41 * day, -1)
  })

  test('no key is without an expiry, whatever was done', async () => {
    const { sessions } = open()
    const [one, two] = [opened(), opened()]
    for (const session of [one, two, opened({ revokedAt: instant })]) await sessions.insert(session)
    await sessions.rotate({ id: one.id, generation: 0, now: later, expiresAt: later })
    await sessions.revoke(one.id, later)
    await sessions.revokeAll('ada', later)
    const [bob, eve] = [opened({ userId: 'bob' }), opened({ userId: 'eve' })]
    for (const session of [bob, eve]) await sessions.insert(session)
    await sessions.revoke(bob.id, later) // the only one of its index
    await sessions.revokeAll('eve', later)
    const keys = await client.keys('*')

    expect(keys).toHaveLength(8)
    for (const key of keys) expect(await client.pttl(key), key).toBeGreaterThan(0)
  })

  test('the index drops sessions that Redis has forgotten, when listing, ending and inserting', async () => {
    const { sessions } = open()
    const forgotten = async (count: number): Promise<void> => {
      const gone = Array.from({ length: count }, () => opened())
      for (const session of gone) await sessions.insert(session)
      for (const { id } of gone) await client.del(`latchkey:session:${id}`)
    }
    const kept = opened({ id: createId(addSeconds(instant, 1)) })
    await sessions.insert(kept)
    const size = () => client.zcard('latchkey:user:ada')

    await forgotten(5)
    expect(await sessions.listLive({ userId: 'ada', now: later, limit: 2 })).toEqual([kept])
    await forgotten(5)
    expect(await sessions.revokeAll('ada', later, kept.id)).toBe(0)
    expect(await size()).toBe(1)
    await forgotten(6)
    const before = await size()
    for (let count = 0; count < 3; count += 1)
      await sessions.insert(opened({ id: createId(later) }))
    expect(await size()).toBe(before + 3 - 6)
  })

  test('an account that is gone leaves nothing behind', async () => {
    const { sessions } = open()
    for (let count = 0; count < 3; count += 1) await sessions.insert(opened())
    await sessions.insert(opened({ revokedAt: instant }))
    await sessions.removeAll('ada')

    expect(await client.dbsize()).toBe(0)
  })

  test('migrate leaves nothing behind', async () => {
    expect(await open().migrate()).toEqual([])
    expect(await client.dbsize()).toBe(0)
  })

  const hostile = [
    '*',
    'ada\r\nFLUSHALL\r\n',
    "']) redis.call('FLUSHALL') --",
    '(m',
    '[l',
    '+',
    '-',
    '\u0000',
    'ü 漢字 𠮷',
    'session:x',
    'a'.repeat(2000),
    '__proto__',
    '{x}',
    '%s',
  ]

  test.each(hostile)('A-201: %j as an id or a user is a name like any other', async (name) => {
    const { sessions } = open()
    const bystander = opened({ userId: 'bob' })
    const session = opened({ id: name, userId: name, nonce: name, address: name, userAgent: '' })
    await sessions.insert(bystander)
    await sessions.insert(session)
    const list = (afterId?: string) =>
      sessions.listLive({ userId: name, now: later, afterId, limit: 9 })

    expect(await sessions.find(name)).toEqual(session)
    expect(await list()).toEqual([session])
    expect(await list(name)).toEqual([])
    expect(await list(`${name}x`)).toEqual([session])
    const rotation = { id: name, generation: 0, now: later, expiresAt: session.expiresAt }
    expect(await sessions.rotate(rotation)).toBe(true)
    expect(await sessions.revokeAll(name, later, bystander.id)).toBe(1)
    expect(await sessions.revoke(name, later)).toBe(false)
    await sessions.removeAll(name)
    expect(await sessions.find(name)).toBeUndefined()
    expect(await sessions.find(bystander.id)).toEqual(bystander)
  })

  test('nothing is told from empty', async () => {
    const { sessions } = open()
    const [empty, nothing] = [
      opened({ address: '', userAgent: '' }),
      opened({ address: null, userAgent: null }),
    ]
    for (const session of [empty, nothing]) await sessions.insert(session)

    expect(await sessions.find(empty.id)).toEqual(empty)
    expect(await sessions.find(nothing.id)).toEqual(nothing)
  })

  test.each([8.64e15, -8.64e15, 0, -1])(
    'the instant %d comes back to the millisecond',
    async (at) => {
      const { sessions } = open()
      const session = opened({ createdAt: new Date(at), expiresAt: new Date(8.64e15) })
      await sessions.insert(session)
      const rotation = { id: session.id, generation: 0, now: later, expiresAt: new Date(8.64e15) }
      await sessions.rotate(rotation)

      expect((await sessions.find(session.id))?.createdAt).toEqual(new Date(at))
      expect((await sessions.find(session.id))?.expiresAt).toEqual(new Date(8.64e15))
      expect(await sessions.listLive({ userId: 'ada', now: later, limit: 1 })).toHaveLength(1)
    },
  )

  test('two prefixes on one server are two places', async () => {
    const [one, two] = [redisPorts(client, { prefix: 'a:' }), redisPorts(client, { prefix: 'b:' })]
    const session = opened()
    await one.sessions.insert(session)
    await two.sessions.removeAll('ada')

    expect(await two.sessions.find(session.id)).toBeUndefined()
    expect(await one.sessions.find(session.id)).toEqual(session)
  })

  test('a client that puts something before every key may do so', async () => {
    const own = new Redis(url, { keyPrefix: 'theirs:' })
    const { sessions } = redisPorts(own)
    const session = opened()
    await sessions.insert(session)

    expect(await sessions.listLive({ userId: 'ada', now: later, limit: 9 })).toEqual([session])
    expect(await sessions.revokeAll('ada', later)).toBe(1)
    for (const key of await client.keys('*')) expect(key).toMatch(/^theirs:latchkey:/)
    await own.quit()
  })

  test('a client that was given is used as it is, and left open', async () => {
    const asked: string[] = []
    const ports = redisPorts({
      call: (command, ...words) => {
        asked.push(command)
        return client.call(command, ...words)
      },
    })
    const session = opened()
    await ports.sessions.insert(session)
    await ports.close()

    expect(await ports.sessions.find(session.id)).toEqual(session)
    expect(await client.ping()).toBe('PONG')
    expect(asked.filter((command) => !['EVALSHA', 'EVAL', 'HMGET'].includes(command))).toEqual([])
  })

  test('scripts that the server has forgotten are told to it again', async () => {
    const { sessions } = open()
    const session = opened()
    await sessions.insert(session)
    await client.script('FLUSH')

    expect(await sessions.revoke(session.id, later)).toBe(true)
  })

  test('a key of somebody else in the way is a fault, and no secret is in its sentence', async () => {
    const { sessions } = open()
    await client.set('latchkey:session:x', 'theirs')
    const attempt = sessions.rotate({ id: 'x', generation: 0, now: later, expiresAt: later })

    await expect(attempt).rejects.toThrow(/WRONGTYPE/)
    await expect(attempt).rejects.not.toHaveProperty('command')
  })
})
