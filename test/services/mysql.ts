import { chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { escape as quote } from 'mysql2'
import { type Connection, createConnection } from 'mysql2/promise'
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

/** MariaDB in a temporary folder, with the unsuitable collation and time zone that many servers have. */
const start = async ({ durable, tls, settings }: StartOptions): Promise<Started> => {
  const found = findService('mysql')
  if (!('programs' in found)) throw new Error('There is no MariaDB on this machine')
  const account = accountOf(['mysql'])
  const folder = makeFolder('mysql', account)
  const port = await freePort()
  const admin = { user: 'admin', password: makePassword(), port }
  const ordinary = { user: 'latchkey', password: makePassword(), port }
  const caFile = tls ? await makeCertificate(folder, account) : undefined
  const login: Login = {
    url: urlOf('mysql', ordinary, 'latchkey'),
    adminUrl: urlOf('mysql', admin, ''),
    ...(caFile === undefined ? {} : { caFile }),
  }
  const data = join(folder, 'data')
  const make = (place: string) => initialise(join(place, 'data'), account)
  await copyModel({ place: join(runFolder(), 'model-mysql'), account, make }, folder)
  const all = {
    datadir: data,
    tmpdir: folder,
    socket: join(folder, 'socket'),
    'pid-file': join(folder, 'pid'),
    'bind-address': '127.0.0.1',
    port: String(port),
    'skip-networking': '0',
    'skip-name-resolve': '1',
    'skip-log-bin': '1',
    'performance-schema': '0',
    'innodb-buffer-pool-size': '64M',
    'max-connections': '300',
    'character-set-server': 'latin1',
    'collation-server': 'latin1_swedish_ci',
    'default-time-zone': '+05:45',
    'init-file': writeUsers(folder, account, { admin, ordinary }),
    ...(durable ? {} : { 'innodb-flush-log-at-trx-commit': '0', 'innodb-doublewrite': '0' }),
    ...(tls ? sslSettings(folder) : {}),
    ...settings,
  }
  const words = Object.entries(all).map(([name, value]) => `--${name}=${value}`)
  const daemon = join(found.programs, 'mariadbd')
  const program = createProgram({
    command: commandAs([daemon, '--no-defaults', ...words], { account }),
    folder,
    ask: () => version(login),
    signals: { fast: 'SIGTERM', immediate: 'SIGKILL' },
  })
  await program.start()
  return { ...login, program, remove: async () => removeFolder(folder) }
}

const initialise = async (data: string, account: Account | undefined): Promise<void> => {
  const words = [
    '--auth-root-authentication-method=socket',
    '--skip-test-db',
    '--skip-name-resolve',
  ]
  const fast = ['--innodb-flush-log-at-trx-commit=0', '--innodb-log-file-size=16M']
  await runToEnd(
    commandAs(['mariadb-install-db', '--no-defaults', `--datadir=${data}`, ...words, ...fast], {
      account,
    }),
  )
}

type User = { user: string; password: string }

/** Run by the server at each start, before it lets anybody in. */
const writeUsers = (
  folder: string,
  account: Account | undefined,
  { admin, ordinary }: { admin: User; ordinary: User },
): string => {
  const file = join(folder, 'users.sql')
  const allow = ({ user, password }: User) =>
    `CREATE USER IF NOT EXISTS ${user}@'%' IDENTIFIED BY ${quote(password)};`
  const lines = [
    allow(admin),
    "GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION;",
    allow(ordinary),
    'CREATE DATABASE IF NOT EXISTS latchkey;',
    "GRANT ALL ON latchkey.* TO latchkey@'%';",
  ]
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  if (account !== undefined) chownSync(file, account.uid, account.gid)
  return file
}

const sslSettings = (folder: string): Record<string, string> => ({
  'ssl-ca': join(folder, 'ca.crt'),
  'ssl-cert': join(folder, 'server.crt'),
  'ssl-key': join(folder, 'server.key'),
  'require-secure-transport': 'ON',
})

const asAdmin = async <Result>(
  { adminUrl, caFile }: Login,
  run: (connection: Connection) => Promise<Result>,
): Promise<Result> => {
  const ca = caFile !== undefined && existsSync(caFile) ? readFileSync(caFile, 'utf8') : undefined
  const connection = await createConnection({
    uri: adminUrl,
    connectTimeout: 10_000,
    ...(ca === undefined ? {} : { ssl: { ca } }),
  })
  connection.on('error', () => {}) // a server that goes away under an idle connection is not our failure
  try {
    return await run(connection)
  } finally {
    await connection.end().catch(() => connection.destroy())
  }
}

/** `10.11.14-MariaDB-0+deb12u2` or `8.4.3`: MySQL does not say its name. */
const version = (login: Login): Promise<string> =>
  asAdmin(login, async (connection) => {
    const [rows] = await connection.query('SELECT VERSION() AS version')
    const [, number = ''] = /"version":"([\d.]+)/.exec(JSON.stringify(rows)) ?? []
    return `${JSON.stringify(rows).includes('MariaDB') ? 'MariaDB' : 'MySQL'} ${number}`
  })

export const mysql: Kind = {
  start,
  version,
  create: async (login, name) => {
    const user = decodeURIComponent(new URL(login.url).username)
    await asAdmin(login, async (connection) => {
      await connection.query(`CREATE DATABASE ${name}`)
      if (login.url !== login.adminUrl)
        await connection.query(`GRANT ALL ON ${name}.* TO ${quote(user)}@'%'`)
    })
    return withDatabase(login.url, name)
  },
  drop: async (login, url) => {
    const name = databaseOf(url)
    await asAdmin(login, async (connection) => {
      // an open transaction would let nobody drop what it has read
      await connection.query('SET lock_wait_timeout = 10')
      const [rows] = await connection.query(
        `SELECT id FROM information_schema.processlist WHERE db = ${quote(name)}`,
      )
      for (const { id } of rows as { id: number }[])
        await connection.query(`KILL ${id}`).catch(() => {}) // gone by itself
      await connection.query(`DROP DATABASE IF EXISTS ${name}`)
    })
  },
}
