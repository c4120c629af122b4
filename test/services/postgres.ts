import { chmodSync, chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { findService } from '../../scripts/find-services.mjs'
import { type Account, accountOf, commandAs } from './account.js'
import { makeCertificate } from './certificate.js'
import { copyModel } from './model.js'
import { freePort, makeFolder, removeFolder, runFolder } from './place.js'
import { createProgram, runToEnd } from './program.js'
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

/** PostgreSQL in a temporary folder; its databases sort as English does, not by bytes. */
const start = async ({ durable, tls, settings }: StartOptions): Promise<Started> => {
  const found = findService('postgres')
  if (!('programs' in found)) throw new Error('There is no PostgreSQL on this machine')
  const account = accountOf(['postgres'])
  const folder = makeFolder('postgres', account)
  const data = join(folder, 'data')
  const port = await freePort()
  const model = join(runFolder(), 'model-postgres')
  const make = (place: string) => initialise({ programs: found.programs, place, account })
  await copyModel({ place: model, account, make }, folder)
  const password = readFileSync(join(folder, 'password'), 'utf8')
  const adminUrl = urlOf('postgres', { user: 'postgres', password, port }, 'postgres')
  const ordinary = { user: 'latchkey', password: makePassword(), port }
  const url = urlOf('postgres', ordinary, 'latchkey')

  const caFile = tls ? await makeCertificate(folder, account) : undefined
  if (tls) refusePlain(data, account)
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    // files that end with the folder, where shared memory would stay behind after a kill
    dynamic_shared_memory_type: 'mmap',
    timezone: 'Asia/Kathmandu',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...(tls ? sslSettings(folder) : {}),
    ...settings,
  }
  const words = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const login: Login = { url, adminUrl, ...(caFile === undefined ? {} : { caFile }) }
  const program = createProgram({
    command: commandAs([join(found.programs, 'postgres'), '-D', data, ...words], { account }),
    folder,
    ask: () => version(login),
    signals: { fast: 'SIGINT', immediate: 'SIGQUIT' },
  })
  await program.start()
  await asAdmin(login, async (client) => {
    const secret = client.escapeLiteral(ordinary.password)
    await client.query(`CREATE ROLE latchkey LOGIN PASSWORD ${secret}`)
    await client.query('CREATE DATABASE latchkey OWNER latchkey')
  })
  return { ...login, program, remove: async () => removeFolder(folder) }
}

type Cluster = { programs: string; place: string; account: Account | undefined }

const initialise = async ({ programs, place, account }: Cluster): Promise<void> => {
  const passwordFile = join(place, 'password')
  writeFileSync(passwordFile, makePassword(), { mode: 0o600 })
  if (account !== undefined) chownSync(passwordFile, account.uid, account.gid)
  const initdb = (...locale: string[]) => {
    const access = ['-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
    const words = [...access, '-E', 'UTF8', '--no-sync', '-D', join(place, 'data'), ...locale]
    return runToEnd(commandAs([join(programs, 'initdb'), ...words], { account }))
  }
  // Before PostgreSQL 15 a whole cluster could not sort by ICU, and a build may lack it.
  const english = ['--locale-provider=icu', '--icu-locale=en-US', '--locale=C.UTF-8']
  await initdb(...english)
    .catch(() => initdb('--locale=C.UTF-8'))
    .catch(() => initdb())
}

const sslSettings = (folder: string): Record<string, string> => ({
  ssl: 'on',
  ssl_cert_file: join(folder, 'server.crt'),
  ssl_key_file: join(folder, 'server.key'),
})

const refusePlain = (data: string, account: Account | undefined): void => {
  const file = join(data, 'pg_hba.conf')
  writeFileSync(file, 'hostssl all all 127.0.0.1/32 scram-sha-256\n')
  chmodSync(file, 0o600)
  if (account !== undefined) chownSync(file, account.uid, account.gid)
}

const asAdmin = async <Result>(
  { adminUrl, caFile }: Login,
  run: (client: pg.Client) => Promise<Result>,
): Promise<Result> => {
  const ca = caFile !== undefined && existsSync(caFile) ? readFileSync(caFile, 'utf8') : undefined
  const client = new pg.Client({
    connectionString: adminUrl,
    connectionTimeoutMillis: 10_000,
    ...(ca === undefined ? {} : { ssl: { ca } }),
  })
  client.on('error', () => {}) // a server that goes away under an idle connection is not our failure
  await client.connect()
  try {
    return await run(client)
  } finally {
    await client.end()
  }
}

const version = (login: Login): Promise<string> =>
  asAdmin(login, async (client) => {
    const { rows } = await client.query('SHOW server_version')
    return String(rows[0]?.server_version).split(' ')[0] ?? ''
  })

export const postgres: Kind = {
  start,
  version,
  create: async (login, name) => {
    const owner = decodeURIComponent(new URL(login.url).username)
    await asAdmin(login, (client) =>
      client.query(
        `CREATE DATABASE ${name} ${owner === '' ? '' : `OWNER ${client.escapeIdentifier(owner)}`}`,
      ),
    )
    return withDatabase(login.url, name)
  },
  drop: async (login, url) => {
    await asAdmin(login, (client) =>
      client.query(`DROP DATABASE IF EXISTS ${databaseOf(url)} WITH (FORCE)`),
    )
  },
}
