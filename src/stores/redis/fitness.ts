import type { ConfigurationError } from '../../errors.js'
import type { Concern } from '../store.js'
import type { Connection } from './connection.js'
import { isNobodyThere, isNotAllowed, isNotTrusted } from './faults.js'
import { unfit } from './redis-url.js'

/** What a Redis server says of itself with INFO, which managed ones allow as well. */
type Info = ReadonlyMap<string, string>

/** Something that loses sessions sooner or later. */
type Weakness = Concern & { applies(info: Info): boolean }

const weaknesses: readonly Weakness[] = [
  {
    applies: (info) => info.get('aof_enabled') !== '1',
    concern: 'Redis writes no append-only file: when it ends, everybody is signed out',
    remedy: 'Set "appendonly yes" in redis.conf, or run CONFIG SET appendonly yes',
  },
  {
    applies: (info) => info.get('maxmemory_policy') !== 'noeviction',
    concern:
      'Redis may drop sessions when its memory is full: its maxmemory-policy is not noeviction',
    remedy:
      'Set "maxmemory-policy noeviction" in redis.conf, or run CONFIG SET maxmemory-policy noeviction. Give caches a Redis of their own',
  },
]

/** Reasons why sessions cannot be kept there, whatever is allowed. */
const obstacles: readonly { applies(info: Info): boolean; sentence: string }[] = [
  {
    applies: (info) => Number.parseInt(info.get('redis_version') ?? '0', 10) < 6,
    sentence: 'names a server older than Redis 6. Upgrade it',
  },
  {
    applies: (info) => info.get('cluster_enabled') === '1',
    sentence:
      'names a Redis Cluster, which cannot change the keys of two nodes in one step. Name a single server, with replicas if you like',
  },
  {
    applies: (info) => info.get('role') === 'slave',
    sentence: 'names a replica, which can only be read. Name the primary server',
  },
]

/** What is weak about the server. @throws ConfigurationError when it is of no use, or our rights are not enough */
export const examine = async (connection: Connection): Promise<Concern[]> => {
  const info = readInfo(await named(() => connection.call('INFO')))
  for (const { applies, sentence } of obstacles) if (applies(info)) throw unfit(sentence)
  return weaknesses
    .filter(({ applies }) => applies(info))
    .map(({ concern, remedy }) => ({ concern, remedy }))
}

/** The weaknesses of a server that must not have any. */
export const refusal = (concerns: readonly Concern[]): ConfigurationError | undefined =>
  concerns.length === 0
    ? undefined
    : unfit(
        [
          'names a server that loses sessions',
          ...concerns.flatMap(({ concern, remedy }) => [concern, remedy]),
          'To lose them knowingly, set REDIS_ALLOW_VOLATILE=true (in code allowVolatile)',
        ].join('. '),
      )

/** Names a fault that waiting will not mend. */
export const named = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
  try {
    return await ask()
  } catch (error) {
    if (isNotAllowed(error)) {
      throw unfit(
        'names a server that does not let us in, or does not let us do what we must. Check the user and the password in the URL, and the rights of the user: docs/guides/stores.md lists them',
      )
    }
    if (isNobodyThere(error))
      throw unfit('names a host or a socket that is not there. Check its name')
    if (isNotTrusted(error)) {
      throw unfit(
        'names a server that TLS does not trust. Check that the port speaks TLS, and name the certificate of its authority: rediss://host:6379/0?tls_ca=/path/ca.pem',
      )
    }
    throw error
  }
}

const readInfo = (answer: unknown): Info =>
  new Map(
    String(answer)
      .split(/\r?\n/)
      .map((line): [string, string] => {
        const [name = '', ...rest] = line.split(':')
        return [name, rest.join(':')]
      }),
  )
