import { chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { findService } from '../../scripts/find-services.mjs'
import { accountOf, commandAs } from './account.js'
import { makeCertificate } from './certificate.js'
import { freePort, makeFolder, removeFolder } from './place.js'
import { createProgram } from './program.js'
import {
  databaseOf,
  type Kind,
  type Login,
  makePassword,
  type Started,
  type StartOptions,
  urlOf,
  withDatabase,
} from './service.js'

/** Redis in a temporary folder, as sessions need it: it keeps what it has confirmed and evicts nothing. */
const start = async ({ durable, tls, settings }: StartOptions): Promise<Started> => {
  const found = findService('redis')
  if (!('programs' in found)) throw new Error('There is no Redis on this machine')
  const account = accountOf(['redis'])
  const folder = makeFolder('redis', account)
  const port = await freePort()
  const password = makePassword()
  const caFile = tls ? await makeCertificate(folder, account) : undefined
  const url = urlOf(tls ? 'rediss' : 'redis', { user: '', password, port }, '0')
  const login: Login = { url, adminUrl: url, ...(caFile === undefined ? {} : { caFile }) }

  const all = {
    bind: '127.0.0.1',
    ...(tls ? tlsSettings(folder, port) : { port: String(port) }),
    dir: folder,
    requirepass: password,
    databases: '1000',
    save: '',
    appendonly: 'yes',
    appendfsync: durable ? 'always' : 'no',
    'maxmemory-policy': 'noeviction',
    ...settings,
  }
  // In a file, since everybody may read the words a program was started with.
  const file = join(folder, 'redis.conf')
  const lines = Object.entries(all).map(([name, value]) => `${name} ${JSON.stringify(value)}\n`)
  writeFileSync(file, lines.join(''), { mode: 0o600 })
  if (account !== undefined) chownSync(file, account.uid, account.gid)

  const program = createProgram({
    command: commandAs([join(found.programs, 'redis-server'), file], { account }),
    folder,
    ask: () => version(login),
    signals: { fast: 'SIGTERM', immediate: 'SIGKILL' },
  })
  await program.start()
  return { ...login, program, remove: async () => removeFolder(folder) }
}

const tlsSettings = (folder: string, port: number): Record<string, string> => ({
  port: '0',
  'tls-port': String(port),
  'tls-cert-file': join(folder, 'server.crt'),
  'tls-key-file': join(folder, 'server.key'),
  'tls-ca-cert-file': join(folder, 'ca.crt'),
  'tls-auth-clients': 'no',
})

const withClient = async <Result>(
  { caFile }: Login,
  url: string,
  run: (client: Redis) => Promise<Result>,
): Promise<Result> => {
  const ca = caFile !== undefined && existsSync(caFile) ? readFileSync(caFile, 'utf8') : undefined
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: 10_000,
    ...(ca === undefined ? {} : { tls: { ca } }),
  })
  client.on('error', () => {}) // also told by the command that fails
  try {
    await client.connect()
    return await run(client)
  } finally {
    client.disconnect()
  }
}

const version = (login: Login): Promise<string> =>
  withClient(login, login.adminUrl, async (client) => {
    const [, found = ''] = /redis_version:(\S+)/.exec(await client.info('server')) ?? []
    return found
  })

/** Redis numbers its databases, so they are taken turns with: number 0 holds who has which. */
const claimOf = (number: number): string => `latchkey-tests:database:${number}`

export const redis: Kind = {
  start,
  version,
  create: (login, name) =>
    withClient(login, withDatabase(login.adminUrl, '0'), async (client) => {
      const answer: unknown = await client.config('GET', 'databases')
      const count = Number(JSON.stringify(answer).match(/\d+/)?.[0] ?? 16)
      for (let number = 1; number < count; number += 1) {
        if ((await client.set(claimOf(number), name, 'EX', 3600, 'NX')) !== 'OK') continue
        const url = withDatabase(login.url, String(number))
        // On a server that was given to us somebody may have filled it before, and we empty only what is ours.
        if ((await withClient(login, url, (own) => own.dbsize())) === 0) return url
      }
      throw new Error('Every database of this Redis is taken')
    }),
  drop: async (login, url) => {
    await withClient(login, url, (client) => client.flushdb())
    await withClient(login, withDatabase(login.adminUrl, '0'), (client) =>
      client.del(claimOf(Number(databaseOf(url)))),
    )
  },
}
