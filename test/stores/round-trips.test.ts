import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { mongoStore } from '../../src/stores/mongo/mongo.js'
import { redisPorts } from '../../src/stores/redis/redis.js'
import { sqlStore } from '../../src/stores/sql/sql.js'
import type { Store } from '../../src/stores/store.js'
import { withPorts } from '../../src/stores/with-ports.js'
import { createTestClock } from '../../src/testing/clock.js'
import { isReachable, openService } from '../services/services.js'
import { openWire, type Said, type Wire } from './wire.js'

/** The ways to the servers of one store, the database first. */
type Wires = readonly Wire[]

const guide = readFileSync(new URL('../../docs/guides/stores.md', import.meta.url), 'utf8')
const title = '| round trips / transactions |'
const ada = { email: 'ada@example.com', password: 'a long and winding road' }
const caller = { address: '192.0.2.1', userAgent: 'at home' }

const closing: (() => unknown)[] = []
afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

const throughWire = async (
  kind: 'postgres' | 'mysql' | 'mongodb' | 'redis',
  parameters = 'pool=1&timeout=20',
  wayMilliseconds = 2,
): Promise<Wire> => {
  const service = await openService(kind)
  const url = new URL(await service.fresh({ keep: true }))
  url.search = parameters
  const wire = await openWire(url.href, wayMilliseconds)
  closing.push(
    () => service.stop(),
    () => wire.close(),
  )
  return wire
}

/** The column of a store in the table of the guide. */
const promised = (store: string): Record<string, string> => {
  const [, table = ''] = guide.split(`\n${title}`)
  const [names = '', , ...rows] = `${title}${table}`.split('\n\n')[0]?.split('\n') ?? []
  const cells = (row: string): string[] => row.split('|').map((cell) => cell.trim())
  const column = cells(names).indexOf(store)
  return Object.fromEntries(
    rows.map(cells).map((row) => [row[1] ?? '', row[column]?.replaceAll('*', '') ?? '']),
  )
}

const measure = async (given: Store, wires: Wires): Promise<Record<string, string>> => {
  // what a process says of its own once a second belongs to nobody
  const store = withPorts(given, ({ recorders }) => ({
    recorders: { ...recorders, writeCheckpoint: async () => true },
  }))
  const clock = createTestClock()
  const secret = 'ZGlmZmVyZW50LWJ5dGVzLWZvci10aGUtdGVzdC0wMDE'
  const auth = createAuth({ store, clock, secret, locks: { afterFailures: 100 } })
  closing.push(() => auth.close())
  await auth.ready()
  await auth.users.create(ada, { actor: 'test' })

  const figures: Record<string, string> = {}
  const once = async (work: () => Promise<unknown>): Promise<Said[]> => {
    const since = wires.map(({ said }) => said())
    await work()
    return wires.map((wire, index) => wire.said(since[index]))
  }
  /** The first time statements are prepared. Of the others the dearest tells: what comes late from one server joins a later trip. */
  const count = async (
    name: string,
    work: () => Promise<unknown>,
    prepare = async () => {},
  ): Promise<void> => {
    const each: Said[][] = []
    for (let time = 0; time < 4; time += 1) {
      clock.advance('2s')
      await prepare()
      await auth.keys.list() // which everybody reads once in ten seconds
      each.push(await once(work))
    }
    figures[name] = figureOf(each.slice(1).reduce((a, b) => (tripsOf(b) > tripsOf(a) ? b : a)))
  }

  let grant = await auth.login(ada, caller)
  const { device } = grant
  const failing = async (email: string): Promise<void> => {
    await expect(auth.login({ email, password: 'wrong' }, caller)).rejects.toThrow()
  }
  const me = () => auth.authenticate(grant.accessToken)
  const logIn = async (): Promise<void> => {
    grant = await auth.login(ada, caller)
  }
  await count('login', logIn)
  await count('login from a known device', () => auth.login(ada, { ...caller, device }))
  await count('login, wrong password', () => failing(ada.email))
  await count('login, unknown address', () => failing('nobody@example.com'))
  await count('`me`, first in a second', me)
  figures['`me`, again in that second'] = figureOf(await once(me))
  await count('refresh', async () => {
    grant = await auth.refresh(grant.refreshToken, caller)
  })
  await count('introspection', () => auth.rooms.introspect(grant.accessToken))
  let number = 0
  await count('registration', () => {
    number += 1
    return auth.register({ ...ada, email: `bob${number}@example.com` }, caller)
  })
  const logOut = () => auth.signOut({ refreshToken: grant.refreshToken }, 'this', caller)
  await count('logout', logOut, logIn)
  return figures
}

const tripsOf = (said: readonly Said[]): number => said.reduce((sum, { trips }) => sum + trips, 0)

const figureOf = (said: readonly Said[]): string =>
  `${said.map(({ trips }) => trips).join(' + ')} / ${said[0]?.transactions}`

const stores: [name: string, isHere: boolean, open: () => Promise<[Store, Wires]>][] = [
  [
    'PostgreSQL',
    isReachable('postgres'),
    async () => {
      const wire = await throughWire('postgres')
      return [sqlStore(wire.url), [wire]]
    },
  ],
  [
    'MySQL, MariaDB',
    isReachable('mysql'),
    async () => {
      const wire = await throughWire('mysql')
      return [sqlStore(wire.url), [wire]]
    },
  ],
  [
    'MongoDB',
    isReachable('mongodb'),
    async () => {
      const wire = await throughWire('mongodb', 'directConnection=true')
      return [mongoStore(wire.url), [wire]]
    },
  ],
  [
    'PostgreSQL + Redis',
    isReachable('postgres') && isReachable('redis'),
    async () => {
      const [wire, redis] = [await throughWire('postgres'), await throughWire('redis', '', 8)]
      const annex = redisPorts(redis.url, { allowVolatile: true })
      return [withPorts(sqlStore(wire.url), annex), [wire, redis]]
    },
  ],
]

describe.each(stores)('round trips to %s', (name, isHere, open) => {
  test.skipIf(!isHere)('are those that the guide tells of', async () => {
    const figures = await measure(...(await open()))

    expect(figures['login, unknown address']).toBe(figures['login, wrong password'])
    expect(figures).toEqual(promised(name))
  })
})
