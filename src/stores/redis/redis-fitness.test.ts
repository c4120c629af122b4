import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { canStartRedis, lasting, type RedisServer, startRedis } from '../../../test/redis-server.js'
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

describe.runIf(canStartRedis)('a Redis server', () => {
  const servers: RedisServer[] = []
  const start = async (...words: string[]): Promise<RedisServer> => {
    const server = await startRedis(words)
    servers.push(server)
    return server
  }
  afterEach(async () => {
    await Promise.all(servers.splice(0).map(({ remove }) => remove()))
  })

  test('that keeps what it is told is taken without a word', async () => {
    const { url } = await start(...lasting)

    expect(await refusalOf(url)).toBe('')
    const ports = redisPorts(url)
    expect(await ports.concerns()).toEqual([])
    expect(await ports.pendingMigrations()).toEqual([])
    expect(await ports.migrationScript()).toBe('')
    await ports.close()
  })

  test('R-19: that writes nothing down is refused, or taken knowingly', async () => {
    const { url } = await start('--appendonly', 'no')

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
      const { url } = await start('--appendonly', 'yes', '--maxmemory-policy', policy)

      expect(await refusalOf(url)).toMatch(/"maxmemory-policy noeviction"/)
      expect(await refusalOf(url, { allowVolatile: true })).toBe('')
    },
  )

  test('with both faults is told both at once', async () => {
    const { url } = await start('--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru')

    expect(await refusalOf(url)).toMatch(/appendonly yes.*maxmemory-policy noeviction/)
  })

  test.each([{}, { allowVolatile: true }])('that is a replica is refused (%j)', async (options) => {
    const primary = await start(...lasting)
    const replica = await start(...lasting, '--replicaof', '127.0.0.1', String(primary.port))

    expect(await refusalOf(replica.url, options)).toMatch(/replica.*primary/)
  })

  test('that is part of a cluster is refused', async () => {
    const { url } = await start(...lasting, '--cluster-enabled', 'yes')

    expect(await refusalOf(url)).toMatch(/Cluster.*single server/)
  })

  test.each([
    ['no password', ''],
    ['a wrong password', `:${secret}@`],
    ['a wrong user', `ada:${secret}@`],
  ])('that wants a password refuses %s, and so do we', async (_, credentials) => {
    const server = await start(...lasting, '--requirepass', 'another')
    const url = server.url.replace('//', `//${credentials}`)

    expect(await refusalOf(url)).toMatch(/password/)
    expect(await refusalOf(server.url.replace('//', '//:another@'))).toBe('')
  })

  const rights = ['~latchkey:*', '+ping', '+info', '+evalsha', '+eval', '+exists', '+pexpire']
  const more = ['+pttl', '+hset', '+hget', '+hmget', '+del', '+zadd', '+zrem', '+zrange']
  const all = [...rights, ...more, '+zrangebylex', '+zrevrangebylex']

  test('is asked for no more rights than the guide names', async () => {
    const server = await start(...lasting)
    const client = new Redis(server.url)
    await client.acl('SETUSER', 'latchkey', 'on', `>${secret}`, ...all)
    const url = server.url.replace('//', `//latchkey:${secret}@`)

    expect(await refusalOf(url)).toBe('')
    for (const right of all.filter((name) => name.startsWith('+') && name !== '+ping')) {
      await client.acl('SETUSER', 'latchkey', right.replace('+', '-'))
      await client.script('FLUSH')
      expect(await refusalOf(url), right).toMatch(/rights/)
      await client.acl('SETUSER', 'latchkey', right)
    }
    await client.acl('SETUSER', 'latchkey', 'resetkeys', '~others:*')
    expect(await refusalOf(url)).toMatch(/rights/)
    await client.quit()
  })

  test('that is full starts us all the same: it may have room again', async () => {
    const { url } = await start(...lasting, '--maxmemory', '1mb')
    const ports = redisPorts(url)

    expect(await ports.migrate()).toEqual([])
    await expect(ports.sessions.revoke('nobody', new Date())).resolves.toBe(false)
    await ports.close()
  })

  const folder = mkdtempSync(join(tmpdir(), 'latchkey-redis-tls-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('is spoken to over TLS, and only when its certificate is trusted', async () => {
    const at = (name: string): string => join(folder, name)
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const files = ['-keyout', at('key.pem'), '-out', at('ca.pem')]
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    execFileSync('openssl', [...made, ...files, ...subject], { stdio: 'ignore' })
    const tls = ['--tls-cert-file', at('ca.pem'), '--tls-key-file', at('key.pem')]
    const server = await start(
      ...lasting,
      '--port',
      '0',
      '--tls-port',
      'PORT',
      ...tls,
      '--tls-auth-clients',
      'no',
    )
    const url = `rediss://localhost:${server.port}`

    expect(await refusalOf(`${url}?tls_ca=${at('ca.pem')}`)).toBe('')
    expect(await refusalOf(url)).toMatch(/tls_ca/)
    expect(await refusalOf(`rediss://127.0.0.1:${server.port}?tls_ca=${at('ca.pem')}`)).toMatch(
      /TLS/,
    )
  })

  test('is spoken to through a socket', async () => {
    const server = await start(...lasting, '--unixsocket', join(folder, 'redis.sock'))

    expect(await refusalOf(`unix://${join(folder, 'redis.sock')}?db=1`)).toBe('')
    expect(server.port).toBeGreaterThan(0)
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
