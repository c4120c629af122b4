import { randomBytes } from 'node:crypto'
import { chownSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import pg from 'pg'
import { findService } from '../../scripts/find-services.mjs'
import { commandAs } from './account.js'
import { copyModel } from './model.js'
import { freePort, removeFolder, runFolder } from './place.js'
import { createProgram, type Program, runToEnd } from './program.js'

/** A PostgreSQL that speaks MongoDB's commands as functions (`documentdb_api.*`), reachable as its superuser. */
export type DocumentDb = Omit<Program, 'start' | 'stop'> & {
  host: string
  port: number
  user: string
  password: string
  database: string
  start(): Promise<void>
  /** Ends it; given a word, what it has written stays, to be started again. */
  stop(how?: 'fast' | 'immediate'): Promise<void>
}

const bin = '/usr/lib/postgresql/18/bin'

/** Starts one inside its own small Debian, which only root can do. `durable` is for tests that kill it. */
export const startDocumentDb = async ({ durable = false } = {}): Promise<DocumentDb> => {
  const found = findService('mongodb')
  if (!('programs' in found)) throw new Error('There is no DocumentDB on this machine')
  const root = found.programs
  // Named after this run, whose end clears away what is left.
  const folder = mkdtempSync(join(root, 'tmp', `${basename(runFolder())}-`))
  const inside = folder.slice(root.length)
  const account = await accountInside(root)
  chownSync(folder, account.uid, account.gid)
  const run = (...command: [string, ...string[]]) => commandAs(command, { root })
  const make = async (place: string) => {
    writeFileSync(join(place, 'password'), randomBytes(12).toString('hex'), { mode: 0o644 })
    const at = place.slice(root.length)
    const initial = ['-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']
    const auth = ['--auth-host=scram-sha-256', '--auth-local=trust', `--pwfile=${at}/password`]
    await runToEnd(run(`${bin}/initdb`, ...initial, ...auth, '-D', `${at}/data`))
  }
  const model = join(root, 'tmp', `${basename(runFolder())}-model`)
  await copyModel({ place: model, account, make }, folder)
  const login = {
    user: 'postgres',
    password: readFileSync(join(folder, 'password'), 'utf8'),
    database: 'postgres',
  }

  const host = '127.0.0.1'
  const port = await freePort()
  const settings = { ...settingsOf(inside, durable), listen_addresses: host, port: String(port) }
  const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const program = createProgram({
    command: run(`${bin}/postgres`, '-D', `${inside}/data`, ...words),
    folder,
    ask: () => createExtension({ host, port, ...login }),
    signals: { fast: 'SIGINT', immediate: 'SIGQUIT' },
  })
  await program.start()
  return {
    ...program,
    ...login,
    host,
    port,
    stop: async (how) => {
      await program.stop(how ?? 'immediate')
      if (how === undefined) removeFolder(folder)
    },
  }
}

/** It connects to itself as well: through its socket, which nobody else can reach. */
const settingsOf = (folder: string, durable: boolean): Record<string, string> => ({
  shared_preload_libraries: 'pg_cron,pg_documentdb_core,pg_documentdb',
  unix_socket_directories: folder,
  'documentdb.localhost_connection_string': `host=${folder}`,
  'cron.host': folder,
  'cron.database_name': 'postgres',
  // files that end with the folder, where shared memory would stay behind after a kill
  dynamic_shared_memory_type: 'mmap',
  fsync: durable ? 'on' : 'off',
  max_connections: '200',
})

const createExtension = async (login: pg.ClientConfig): Promise<void> => {
  const client = new pg.Client(login)
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS documentdb CASCADE')
  } finally {
    await client.end()
  }
}

const accountInside = async (root: string): Promise<{ uid: number; gid: number }> => {
  const ask = (flag: string) => runToEnd(['chroot', root, 'id', flag, 'postgres'])
  return { uid: Number(await ask('-u')), gid: Number(await ask('-g')) }
}
