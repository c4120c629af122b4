import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { findService } from '../../scripts/find-services.mjs'
import type { Account } from './account.js'

const prefix = 'latchkey-services-'

/** Where the servers of this test run keep everything; its end removes it. Outside of a run: a folder that ends with us. */
export const runFolder = (): string => {
  const known = process.env.TEST_SERVICES_FOLDER
  if (known !== undefined) return known
  const folder = makeRunFolder()
  process.env.TEST_SERVICES_FOLDER = folder
  process.once('exit', () => removeRun(folder))
  return folder
}

/** Where the processes of a run ask for its servers. */
export const doorOf = (folder: string): string => join(folder, 'door')

/** A new folder that servers may enter whoever they run as, although they see nothing of each other. */
export const makeRunFolder = (): string => {
  const home = [tmpdir(), '/tmp', '/var/tmp'].find(isOpen) ?? tmpdir()
  const folder = mkdtempSync(join(home, prefix))
  chmodSync(folder, 0o711)
  writeFileSync(join(folder, 'pid'), String(process.pid))
  return folder
}

/** Folders of runs that were killed and could not clear away what they had. */
export const findAbandoned = (): string[] => {
  const home = dirname(runFolder())
  const folders = readdirSync(home).filter((name) => name.startsWith(prefix))
  return folders.map((name) => join(home, name)).filter(isAbandoned)
}

const isAbandoned = (folder: string): boolean => {
  try {
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
    return statSync(folder).uid === process.getuid?.() && !isAlive(pid)
  } catch {
    return false // being made or being removed
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

/** An empty folder for one server, readable to it alone. */
export const makeFolder = (name: string, account: Account | undefined): string => {
  const folder = mkdtempSync(join(runFolder(), `${name}-`))
  if (account !== undefined) chownSync(folder, account.uid, account.gid)
  return folder
}

export const removeFolder = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })

/** Everything of a run. Inside DocumentDB's small Debian its servers have folders of the same name. */
export const removeRun = (folder: string): void => {
  const found = findService('mongodb')
  if ('programs' in found) {
    const place = join(found.programs, 'tmp')
    for (const name of readdirSync(place))
      if (name.startsWith(`${basename(folder)}-`)) removeFolder(join(place, name))
  }
  removeFolder(folder)
}

/** Whether everybody may walk to a folder. */
const isOpen = (folder: string): boolean => {
  if ((statSync(folder).mode & 0o001) === 0) return false
  return dirname(folder) === folder || isOpen(dirname(folder))
}

/**
 * A port nobody listens on, below those the system gives to outgoing connections: a server that is killed and started again
 * finds it free.
 */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    if (await isFree(port)) return port
  }
  throw new Error('There is no free port')
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
