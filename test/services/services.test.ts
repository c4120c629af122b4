import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Client, clients } from './clients.js'
import { runFolder } from './place.js'
import { isOwnable, isReachable, openService } from './services.js'

type Kind = keyof typeof clients
const kinds: readonly Kind[] = ['postgres', 'mysql', 'redis', 'mongodb']

describe.each(kinds)('%s of the run', (kind) => {
  describe.skipIf(!isReachable(kind))('when there is one', () => {
    let last = ''

    test('says its version', async () => {
      expect((await openService(kind)).version).toMatch(/\d+\.\d+/)
    })

    test('a fresh database is empty and has nothing to do with another', async () => {
      const service = await openService(kind)
      last = await service.fresh()
      const one = await open(kind, last)
      await one.put()
      const other = await open(kind, await service.fresh())
      await other.put()
      await other.put()

      expect(await one.count()).toBe(1)
      expect(await other.count()).toBe(2)
      expect(await (await open(kind, last)).count()).toBe(1)
    })

    test('it is gone when the test that asked for it has ended', async () => {
      expect(await remains(kind, last)).toBe(false)
    })

    test('one that is kept stays until the service is given back', async () => {
      const service = await openService(kind)
      const url = await service.fresh({ keep: true })
      await (await open(kind, url)).put()

      await service.stop()

      expect(await remains(kind, url)).toBe(false)
    })
  })
})

describe.each(kinds)('%s of one’s own', (kind) => {
  describe.skipIf(!isOwnable(kind))('when one can be started', () => {
    test('however it ends it is gone, and comes back with what it has confirmed', async () => {
      const service = await openOwn(kind)
      const url = await service.fresh()
      const endings = [
        () => service.stop('fast'),
        () => service.stop('immediate'),
        () => service.kill(),
      ]
      for (const [index, end] of endings.entries()) {
        const before = await open(kind, url)
        await before.put()
        const pids = service.pids()

        await end()

        expect(pids.length).toBeGreaterThan(0)
        expect(pids.filter(stateOf)).toEqual([])
        await expect(before.put()).rejects.toThrow()
        await expect(open(kind, url)).rejects.toThrow()
        await service.start()
        expect(await (await open(kind, url)).count()).toBe(index + 1)
      }
    })

    test('frozen it says nothing and goes on where it was; stopped while frozen, nothing is left of it', async () => {
      const before = readdirSync(runFolder())
      const service = await openOwn(kind)
      const client = await open(kind, await service.fresh())
      const freeze = async () => {
        service.pause()
        await vi.waitFor(() => {
          expect(new Set(service.pids().map(stateOf))).toEqual(new Set(['T']))
        })
      }

      await freeze()
      let isPut = false
      const putting = client.put().then(() => {
        isPut = true
      })
      await setTimeout(50)
      expect(isPut).toBe(false)
      service.resume()
      await putting
      expect(await client.count()).toBe(1)

      await freeze()
      const pids = service.pids()
      await service.stop()
      expect(pids.filter(stateOf)).toEqual([])
      const ofOthers = ['version', 'model', ...kinds.filter((other) => other !== kind)]
      expect(
        readdirSync(runFolder()).filter(
          (name) =>
            !before.includes(name) && !ofOthers.some((other) => name.startsWith(`${other}-`)),
        ),
      ).toEqual([])
    })

    test.skipIf(kind === 'mongodb')('with TLS nobody is let in without it', async () => {
      const service = await openOwn(kind, { tls: true })
      const url = await service.fresh()

      await expect(open(kind, url.replace('rediss:', 'redis:'))).rejects.toThrow()
      const client = await open(kind, url, service.caFile)
      await client.put()
      expect(await client.count()).toBe(1)
    })
  })
})

const open = async (kind: Kind, url: string, caFile?: string): Promise<Client> => {
  const client = await clients[kind](url, caFile)
  onTestFinished(() => client.close())
  return client
}

const openOwn = async (kind: Kind, options: { tls?: boolean } = {}) => {
  const service = await openService(kind, { own: true, ...options })
  onTestFinished(() => service.stop())
  return service
}

/** Whether anything is left of a database. Redis and MongoDB let everybody in anywhere: there it is what was in it. */
const remains = async (kind: Kind, url: string): Promise<boolean> => {
  try {
    const client = await open(kind, url)
    return !['redis', 'mongodb'].includes(kind) || (await client.count()) > 0
  } catch {
    return false
  }
}

/** Of a process, as `ps` writes it; none once it has ended. */
const stateOf = (pid: number): string | undefined => {
  try {
    const [, state] = /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return state === 'Z' ? undefined : state
  } catch {
    return undefined
  }
}
