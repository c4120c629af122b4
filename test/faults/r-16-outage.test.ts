import { createLocalJWKSet, jwtVerify } from 'jose'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import type { TestServer } from '../servers.js'
import { type Caller, createCaller, pause, signUp } from './calls.js'
import { createCookieHolder } from './cookie-holder.js'
import { type Ground, outages } from './ground.js'
import { onGrounds, servers } from './grounds.js'
import { createLoad } from './load.js'
import { isLong, say } from './runs.js'
import { expectSound } from './sound.js'

/** a database server that goes away takes nothing with it, and service returns by itself. */
const secondsOf = (way: (typeof outages)[number]): number => {
  if (isLong) return 10
  return way === 'frozen' ? 3 : 1.2 // who is frozen refuses nobody: it shows only when an answer is overdue
}
const people = 30

onGrounds(
  'R-16',
  [...servers, 'postgres and redis'],
  (open, name) => {
    let ground: Ground
    let server: TestServer
    let caller: Caller
    beforeAll(async () => {
      ground = await open()
      // a refresh that was done and not answered is asked for again when the database is back
      server = await ground.start({
        env: {
          LOG_LEVEL: 'error',
          REFRESH_TOKEN_GRACE_SECONDS: '60',
          BASE_URL: 'http://localhost:1',
        },
      })
      caller = createCaller(server, { sockets: 1000 })
    })

    const ways = outages.filter((way) => {
      // what stands in front of DocumentDB here lives in this process, and answers pings by itself
      if (name === 'mongodb' && way === 'frozen') return false
      return isLong || name === 'postgres' || way === 'stopped'
    })

    test.each(ways)(
      'a database that is %s: 503 in time, nothing lost, service returns',
      async (way) => {
        const { accessToken } = await signUp(caller, `reader-${way}@example.com`)
        const holders = await Promise.all(
          Array.from({ length: people }, (_, index) =>
            createCookieHolder(caller, `${way}${index}@example.com`),
          ),
        )
        const jwks = await caller.call('GET', '/.well-known/jwks.json')
        const keys = createLocalJWKSet(JSON.parse(jwks.text))
        const seconds = secondsOf(way)
        const { pid } = server
        const before = pid()

        const load = createLoad({ caller, holders, accessToken })
        onTestFinished(load.stop)
        await pause(300)
        const { mend } = await ground.breakDown(way)
        await pause(300)
        const broken = performance.now()
        await expectServiceWithoutStore(caller, ground)
        await jwtVerify(accessToken, keys, { issuer: 'http://localhost:1' })
        await pause(seconds * 1000 - (performance.now() - broken))
        await mend()
        const mended = performance.now()
        await load.firstSuccess()
        const firstSuccess = performance.now() - mended
        const { answered, refused, longest, stall } = await load.end()

        expect(refused).toBeGreaterThan(0) // else nothing was away
        // a busy machine answers late whatever is asked: what it needs for a question without the store is its own
        expect(longest).toBeLessThan(5000 + stall)
        for (const holder of holders) await holder.refresh() // every session stands
        for (const holder of holders) expect(holder.refusals()).toEqual([])
        expect(await ground.look.events('session.reused')).toEqual([])
        await expectSound(ground)
        expect(pid()).toBe(before)
        expect(firstSuccess).toBeLessThan(30_000) // 5 s where nothing else runs
        say(
          `R-16 on ${name}, ${way} for ${seconds} s: ${answered} answered, ${refused} times 503, longest ${(longest / 1000).toFixed(1)} s (a question without the store ${(stall / 1000).toFixed(1)} s), first success after ${(firstSuccess / 1000).toFixed(1)} s`,
        )
      },
    )
  },
  { own: true },
)

/** What needs no store works; what tells of the store names it. */
const expectServiceWithoutStore = async (caller: Caller, { name }: Ground): Promise<void> => {
  const [place = ''] = name.split(' ')
  const [live, health, ready, jwks] = await Promise.all(
    ['/health/live', '/health', '/health/ready', '/.well-known/jwks.json'].map((path) =>
      caller.call('GET', path),
    ),
  )
  expect([live?.status, jwks?.status]).toEqual([200, 200])
  expect([health?.status, ready?.status]).toEqual([503, 503])
  expect(health?.body.stores).toMatchObject({ [place]: 'unavailable' })
  expect(ready?.body.stores).toMatchObject({ [place]: false })
}
