import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { isOwnable, type OwnService, openService } from '../../../test/services/services.js'
import { ConfigurationError } from '../../errors.js'
import { type RedisClient, redisPorts } from './redis.js'

/** Servers that are not fit to keep sessions are refused with one sentence that says what to do, and no secret. */
const secret = 'topsecret'
const mistake = expect.objectContaining({ option: 'redis' })

const refusalOf = async (url: string | RedisClient, options = {}): Promise<string> => {
  const ports = redisPorts(url, options)
  try {
    await ports.migrate()
    return ''
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    expect(error.mistakes).toEqual([mistake])
    expect(JSON.stringify(error)).not.toContain(secret)
    return error.message
  } finally {
    await ports.close()
  }
}

describe.skipIf(!isOwnable('redis'))('a Redis server', () => {
  const servers: OwnService[] = []
  const start = async (settings: Record<string, string> = {}, tls = false): Promise<OwnService> => {
    const server = await openService('redis', { own: true, settings, tls })
    servers.push(server)
    return server
  }
  afterEach(async () => {
    await Promise.all(servers.splice(0).map(({ stop }) => stop()))
  })

  test('that keeps what it is told is taken without a word', async () => {
    const { url } = await start()

    expect(await refusalOf(url)).toBe('')
    const ports = redisPorts(url)
    expect(await ports.concerns()).toEqual([])
    expect(await ports.pendingMigrations()).toEqual([])
    expect(await ports.migrationScript()).toBe('')
    await ports.close()
  })

  test('R-19: that writes nothing down is refused, or taken knowingly', async () => {
    const { url } = await start({ appendonly: 'no' })

    expect(await refusalOf(url)).toMatch(/append-only.*"appendonly yes".*REDIS_ALLOW_VOLATILE=true/)
    expect(await refusalOf(url, { allowVolatile: true })).toBe('')
    const ports = redisPorts(url, { allowVolatile: true })
    expect(await ports.concerns()).toEqual([
      {
        concern: expect.stringMatching(/append-only/),
        remedy: expect.stringMatching(/appendonly/),
      },
    ])
    await ports.close()
  })

  test.each(['allkeys-lru', 'volatile-ttl', 'volatile-lru'])(
    'R-19: that drops sessions when full (%s) is refused, or taken knowingly',
    async (policy) => {
      const { url } = await start({ 'maxmemory-policy': policy })

      expect(await refusalOf(url)).toMatch(/"maxmemory-policy noeviction"/)
      expect(await refusalOf(url, { allowVolatile: true })).toBe('')
    },
  )

  test('with both faults is told both at once', async () => {
    const { url } = await start({ appendonly: 'no', 'maxmemory-policy': 'allkeys-lru' })

    expect(await refusalOf(url)).toMatch(/appendonly yes.*maxmemory-policy noeviction/)
  })

  test.each([{}, { allowVolatile: true }])('that is a replica is refused (%j)', async (options) => {
    const { url } = await start()
    const client = new Redis(url)
    await client.replicaof('127.0.0.1', 1)
    await client.quit()

    expect(await refusalOf(url, options)).toMatch(/replica.*primary/)
  })

  test('that is part of a cluster is refused', async () => {
    const { url } = await start({ 'cluster-enabled': 'yes', databases: '1' })

    expect(await refusalOf(url)).toMatch(/Cluster.*single server/)
  })

  test.each([
    ['no password', ''],
    ['a wrong password', `:${secret}@`],
    ['a wrong user', `ada:${secret}@`],
  ])('that wants a password refuses %s, and so do we', async (_, credentials) => {
    const { url } = await start()

    expect(await refusalOf(url.replace(/\/\/.*@/, `//${credentials}`))).toMatch(/password/)
  })

  const reads = [
    '+exists',
    '+pttl',
    '+hget',
    '+hmget',
    '+zrange',
    '+zrangebylex',
    '+zrevrangebylex',
  ]
  const writes = ['+hset', '+incr', '+del', '+pexpire', '+zadd', '+zrem']
  const rights = ['~latchkey:*', '+ping', '+info', '+eval', '+evalsha', ...reads, ...writes]

  test('is asked for no more rights than the guide names, and for all of them', async () => {
    const server = await start()
    const client = new Redis(server.url)
    await client.acl('SETUSER', 'latchkey', 'on', `>${secret}`, ...rights)
    const url = server.url.replace(/\/\/.*@/, `//latchkey:${secret}@`)

    expect(await refusalOf(url)).toBe('')
    for (const right of rights.filter((name) => name.startsWith('+') && name !== '+ping')) {
      await client.acl('SETUSER', 'latchkey', right.replace('+', '-'))
      await client.script('FLUSH')
      expect(await refusalOf(url), right).toMatch(/rights/)
      await client.acl('SETUSER', 'latchkey', right)
    }
    await client.acl('SETUSER', 'latchkey', 'resetkeys', '~others:*')
    expect(await refusalOf(url)).toMatch(/rights/)
    await client.quit()
    const guide = readFileSync(new URL('../../../docs/guides/stores.md', import.meta.url), 'utf8')
    expect(guide).toContain(rights.join(' '))
  })

  test('that is full starts us all the same: it may have room again', async () => {
    const { url } = await start({ maxmemory: '1mb' })
    const ports = redisPorts(url)

    expect(await ports.migrate()).toEqual([])
    await expect(ports.sessions.revoke('nobody', new Date())).resolves.toBe(false)
    await ports.close()
  })

  test('is spoken to over TLS, and only when its certificate is trusted', async () => {
    const { url, caFile } = await start({}, true)

    for (const name of ['127.0.0.1', 'localhost'])
      expect(await refusalOf(`${url.replace('127.0.0.1', name)}?tls_ca=${caFile}`)).toBe('')
    expect(await refusalOf(url)).toMatch(/tls_ca/)
  })

  const folder = mkdtempSync(join(tmpdir(), 'latchkey-redis-socket-'))
  chmodSync(folder, 0o777)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('is spoken to through a socket', async () => {
    const socket = join(folder, 'redis.sock')
    const { url } = await start({ unixsocket: socket, unixsocketperm: '777' })
    const { password } = new URL(url)

    expect(await refusalOf(`unix://:${password}@localhost${socket}?db=1`)).toBe('')
    expect(await refusalOf(`unix://${join(folder, 'nobody.sock')}`)).toMatch(/not there/)
  })
})

const infoOf = (lines: string[]): RedisClient => ({
  call: async (command) => (command === 'INFO' ? `# Server\r\n${lines.join('\r\n')}\r\n` : null),
})
const fit = ['redis_version:7.2.4', 'role:master', 'aof_enabled:1', 'maxmemory_policy:noeviction']

test.each([
  ['an old server', ['redis_version:5.0.14', ...fit.slice(1)], /older than Redis 6/],
  ['a server that says nothing of its file', fit.toSpliced(2, 1), /append-only/],
  ['a server that says nothing of its memory', fit.slice(0, 3), /noeviction/],
  ['no Redis at all', [], /older than Redis 6/],
])('%s is refused', async (_, lines, sentence) => {
  expect(await refusalOf(infoOf(lines))).toMatch(sentence)
})

test('a host that does not exist is a wrong setting', async () => {
  expect(await refusalOf(`redis://:${secret}@nobody.invalid`)).toMatch(/not there/)
})

test('a server that is away is an outage: nothing is wrong with the setting', async () => {
  const ports = redisPorts(`redis://:${secret}@127.0.0.1:1`)
  const attempt = ports.migrate()

  await expect(attempt).rejects.toMatchObject({ code: 'store_unavailable' })
  await expect(attempt).rejects.not.toThrow(secret)
  await ports.close()
})

test('a port that speaks something else is no Redis', async () => {
  const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const ports = redisPorts(`redis://127.0.0.1:${port}`)

  await expect(ports.migrate()).rejects.toMatchObject({ code: 'store_unavailable' })
  await ports.close()
  other.close()
})

test.each([
  "ERR unknown command 'EVALSHA', with args beginning with: 'topsecret' ",
  'ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `topsecret`, ',
])('the words of a command go no further: %s', async (sentence) => {
  const error = Object.assign(new Error(sentence), { command: { args: [secret] } })
  const ports = redisPorts({ call: () => Promise.reject(error) })
  const fault = await ports.sessions.find('x').catch((reason: unknown) => reason)

  expect(inspect(fault, { depth: 9 })).toContain('ERR unknown command')
  expect(inspect(fault, { depth: 9 })).not.toContain(secret)
})
