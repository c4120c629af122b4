import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { toNode } from '../../src/http/node.js'
import type { AuthOptions } from '../../src/options.js'
import { createTestAuth } from '../../src/testing/testing.js'
import { withoutLimits } from '../without-limits.js'
import { startTarget, type Target } from './target.js'

/** one client is one key, two are two, and nobody is somebody. */
describe('A-062 many addresses of one network', () => {
  let target: Target
  afterEach(() => target.close())
  const behindProxy = (limit: number) =>
    startTarget({
      limits: { ...withoutLimits, login: limit },
      http: { trustedProxies: ['127.0.0.1'] },
    })
  const guess = async (address: string): Promise<number> => {
    const body = { email: 'ada@example.com', password: 'not the one she has' }
    const headers = ['X-Forwarded-For', address]
    return (await target.ask('POST', '/auth/login', { headers, body })).status
  }

  test('have one count', async () => {
    target = await behindProxy(5)
    const statuses: number[] = []
    for (let tries = 1; tries <= 20; tries += 1)
      statuses.push(
        await guess(`2001:db8:1:2:${tries}:ff:0:${((tries * 7919) % 65_536).toString(16)}`),
      )

    expect(statuses).toEqual([...Array(5).fill(401), ...Array(15).fill(429)])
    expect(await guess('2001:db8:1:3::1')).toBe(401)
  })

  test('and so has one address in many spellings', async () => {
    target = await behindProxy(5)
    const spellings = [
      ...['2001:db8::7', '2001:DB8::7', '2001:0db8:0:0:0:0:0:7', '2001:db8::0.0.0.7'],
      ...['[2001:db8::7]', '[2001:db8::7]:50123', '2001:db8::7%eth0', '2001:db8:0::7'],
    ]
    const statuses: number[] = []
    for (const text of spellings) statuses.push(await guess(text))

    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  })

  test('and IPv4 in the clothes of IPv6', async () => {
    target = await behindProxy(2)
    const statuses: number[] = []
    for (const text of ['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:C000:207', '192.0.2.7:80'])
      statuses.push(await guess(text))

    expect(statuses).toEqual([401, 401, 429, 429])
    expect(await guess('::ffff:192.0.2.8')).toBe(401)
  })
})

describe('A-063, A-064 connections', () => {
  let close: () => Promise<void>
  afterEach(() => close())

  const listen = async (options: Partial<AuthOptions>, place: object): Promise<Server> => {
    const { auth } = await createTestAuth(options)
    const server = createServer(toNode(auth))
    await new Promise<void>((resolve) => server.listen(place, resolve))
    close = async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await auth.close()
    }
    return server
  }

  const ask = (from: object): Promise<number> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ path: '/auth/me', agent: false, ...from }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
      outgoing.once('error', reject).end()
    })

  test('A-063 from two addresses of IPv4 to a socket of IPv6 are two clients', async () => {
    const server = await listen({ limits: { requests: 3 } }, { port: 0, host: '::' })
    const address: AddressInfo | string | null = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const from = (localAddress: string) => ({ host: '127.0.0.1', port, localAddress })
    const statuses: number[] = []
    for (let times = 0; times < 5; times += 1) statuses.push(await ask(from('127.0.0.2')))

    expect(statuses).toEqual([401, 401, 401, 429, 429])
    expect(await ask(from('127.0.0.3'))).toBe(401)
    expect(await ask({ host: '::1', port })).toBe(401)
  })

  test('A-064 without an address are one client, and no list that allows some lets them in', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-attack-'))
    const socketPath = join(folder, 'socket')
    await listen({ limits: { requests: 3 } }, { path: socketPath })
    const statuses: number[] = []
    for (let times = 0; times < 5; times += 1)
      statuses.push(await ask({ socketPath, headers: { 'x-forwarded-for': `192.0.2.${times}` } }))
    expect(statuses).toEqual([401, 401, 401, 429, 429])

    await close()
    await listen({ http: { allowedAddresses: ['0.0.0.0/0', '::/0'] } }, { path: socketPath })
    expect(await ask({ socketPath })).toBe(403)
    await close()
    await listen({ http: { deniedAddresses: ['192.0.2.0/24'] } }, { path: socketPath })
    expect(await ask({ socketPath })).toBe(401)
    rmSync(folder, { recursive: true, force: true })
  })
})
