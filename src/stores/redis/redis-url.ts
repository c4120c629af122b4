import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { RedisOptions } from 'ioredis'
import { ConfigurationError } from '../../errors.js'

/** Where a Redis server is and how it is spoken to, as ioredis wants to be told. */
export type RedisAddress = Pick<
  RedisOptions,
  'host' | 'port' | 'path' | 'username' | 'password' | 'db' | 'tls'
>

/** A setting of Redis that cannot work. The sentence never repeats what was given: a password may stand in it. */
export const unfit = (detail: string): ConfigurationError =>
  new ConfigurationError([{ option: 'redis', detail }])

export const isRedisUrl = (text: string): boolean => /^(?:rediss?|unix):/.test(text)

/**
 * Reads redis://user:password@host:port/0, rediss:// for TLS, or unix:///path/to/socket?db=0 (with a password
 * unix://:password@localhost/path, because a URL has no user without a host).
 *
 * @throws ConfigurationError
 */
export const readRedisUrl = (text: string): RedisAddress => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const take = url && kinds[url.protocol]
  if (take === undefined || url === undefined || url.hash !== '') {
    throw unfit(
      'must be a URL such as redis://:password@localhost:6379/0, rediss:// for TLS, or unix:///run/redis/redis.sock. Signs like @ : / # in a password are written %40 %3A %2F %23',
    )
  }
  return { ...credentials(url), ...take(url) }
}

const kinds: Readonly<Record<string, (url: URL) => RedisAddress>> = {
  'redis:': (url) => ({ ...server(url), ...queryOf(url, []) }),
  'rediss:': (url) => ({ ...server(url), ...queryOf(url, tlsFiles), tls: tls(url) }),
  'unix:': (url) => {
    if (!['', 'localhost'].includes(url.host) || url.pathname.length < 2)
      throw unfit('must name a socket with three slashes: unix:///run/redis/redis.sock')
    return { path: plain(url.pathname), ...queryOf(url, []) }
  },
}

const server = (url: URL): RedisAddress => ({
  host: hostOf(url) || 'localhost',
  port: url.port === '' ? 6379 : Number(url.port),
  ...(url.pathname.length > 1 && { db: database(url.pathname.slice(1)) }),
})

const hostOf = ({ hostname }: URL): string => plain(hostname).replace(/^\[(.*)\]$/, '$1')

const credentials = ({ username, password }: URL): RedisAddress => {
  if (username !== '' && password === '') throw unfit('names a user and no password')
  if (password === '') return {}
  return { password: plain(password), ...(username !== '' && { username: plain(username) }) }
}

const plain = (encoded: string): string => {
  try {
    return decodeURIComponent(encoded)
  } catch {
    throw unfit('holds a % that stands for no sign: write it %25')
  }
}

const database = (text: string): number => {
  if (!/^\d{1,5}$/.test(text)) throw unfit('must name its database by a number, such as /0')
  return Number(text)
}

const tlsFiles = ['tls_ca', 'tls_cert', 'tls_key'] as const

/** What may stand behind the question mark; anything else is a mistake in its spelling. */
const queryOf = ({ searchParams }: URL, also: readonly string[]): RedisAddress => {
  const known = ['db', ...also]
  for (const name of searchParams.keys()) {
    if (!known.includes(name)) {
      const files = tlsFiles.join(', ')
      throw unfit(`has an option that is not known here. There are db, and for rediss:// ${files}`)
    }
  }
  const db = searchParams.get('db')
  return db === null ? {} : { db: database(db) }
}

const tls = (url: URL): NonNullable<RedisAddress['tls']> => {
  const [ca, cert, key] = tlsFiles.map((name) => {
    const path = url.searchParams.get(name)
    return path === null ? undefined : fileOf(name, path)
  })
  const host = hostOf(url)
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    // an address is no name that a server could be asked for (RFC 6066 §3)
    ...(host !== '' && isIP(host) === 0 && { servername: host }),
  }
}

const fileOf = (name: string, path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch {
    throw unfit(`names a file in ${name} that cannot be read`)
  }
}
