import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../errors.js'
import { readRedisUrl } from './redis-url.js'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-redis-url-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a Redis URL', () => {
  test.each([
    ['redis://localhost', { host: 'localhost', port: 6379 }],
    ['redis://', { host: 'localhost', port: 6379 }],
    ['redis://10.0.0.7:7000/3', { host: '10.0.0.7', port: 7000, db: 3 }],
    ['redis://[::1]:7000', { host: '::1', port: 7000 }],
    ['redis://:s%40crt@db', { host: 'db', port: 6379, password: 's@crt' }],
    ['redis://ada:p%2Fw@db/0', { host: 'db', port: 6379, username: 'ada', password: 'p/w', db: 0 }],
    ['redis://db?db=2', { host: 'db', port: 6379, db: 2 }],
    ['unix:///run/redis/redis.sock', { path: '/run/redis/redis.sock' }],
    [
      'unix://:pw@localhost/run/my%20redis.sock?db=1',
      { path: '/run/my redis.sock', password: 'pw', db: 1 },
    ],
    ['rediss://db:6380', { host: 'db', port: 6380, tls: { servername: 'db' } }],
    ['rediss://10.0.0.7', { host: '10.0.0.7', port: 6379, tls: {} }],
  ])('%s is understood', (url, address) => {
    expect(readRedisUrl(url)).toEqual(address)
  })

  test('names the files of TLS', () => {
    const file = (name: string): string => {
      writeFileSync(join(folder, name), name)
      return join(folder, name)
    }
    const query = `tls_ca=${file('ca')}&tls_cert=${file('cert')}&tls_key=${file('key')}`

    expect(readRedisUrl(`rediss://db?${query}`).tls).toEqual({
      servername: 'db',
      ca: Buffer.from('ca'),
      cert: Buffer.from('cert'),
      key: Buffer.from('key'),
    })
  })

  test.each([
    'topsecret',
    '',
    'localhost:6379',
    'http://localhost',
    'redis://:topsecret@host:port',
    'redis://:topsecret@host/one',
    'redis://:topsecret@host/0/1',
    'redis://:topsecret@host?db=-1',
    'redis://:topsecret@host#1',
    'redis://:top#secret@host',
    'redis://:topsecret%@host',
    'redis://ada@host',
    'redis://:topsecret@host?tls=topsecret',
    'redis://:topsecret@host?tls_ca=/dev/null',
    'rediss://:topsecret@host?tls_ca=/topsecret/ca.pem',
    'unix://host/run/redis.sock',
    'unix://',
  ])('%s is refused with a sentence that does not repeat it', (url) => {
    const read = (): unknown => readRedisUrl(url)

    expect(read).toThrow(ConfigurationError)
    expect(read).toThrow(/^redis: \S.{10,}/)
    expect(read).not.toThrow(/topsecret|host:port/)
  })
})
