import { accessSync, constants, existsSync, lstatSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** @typedef {'postgres' | 'mysql' | 'redis' | 'mongodb' | 'mssql'} ServiceKind */

/**
 * What a kind of store can be tried with: a server somebody gives us, a folder with its programs, or nothing, and why.
 *
 * @typedef {{ url: string } | { programs: string } | { missing: string }} Found
 */

/** The kinds of store that need a server, and the variable that names one that runs already. */
export const services = /** @type {const} */ ({
  postgres: 'POSTGRES_URL',
  mysql: 'MYSQL_URL',
  redis: 'REDIS_URL',
  mongodb: 'MONGODB_URL',
  mssql: 'MSSQL_URL',
})

/**
 * What there is on this machine to try a kind of store with. Nothing is started or installed.
 *
 * @param {ServiceKind} kind
 * @returns {Found}
 */
export const findService = (kind) => {
  const url = process.env[services[kind]]
  if (url !== undefined && url !== '') return { url }
  if (process.platform === 'win32') return { missing: `${services[kind]} is not set` }
  const programs = finders[kind]()
  if (programs !== undefined) return { programs }
  return { missing: `${services[kind]} is not set${lacking[kind]}` }
}

const lacking = {
  postgres: ', and PostgreSQL is not installed',
  mysql: ', and MariaDB is not installed',
  redis: ', and redis-server is not installed',
  mongodb: ', and there is no DocumentDB to start (needs root on Debian)',
  mssql: '',
}

/** @type {Record<ServiceKind, () => string | undefined>} */
const finders = {
  postgres: () => folderOf(['initdb', 'postgres'], [...debianPostgres(), ...path()]),
  mysql: () => folderOf(['mariadbd'], path()),
  redis: () => folderOf(['redis-server'], path()),
  mongodb: () => (isRoot() && isOurs(documentDbRoot) ? documentDbRoot : undefined),
  mssql: () => undefined,
}

export const isRoot = () => process.getuid?.() === 0

/** Kept between runs and shared by all checkouts, because building it takes half a minute and 700 MB. */
export const cacheFolder = join(tmpdir(), `latchkey-cache-${process.getuid?.() ?? 'user'}`)

/** A small Debian of its own with DocumentDB: MongoDB's commands inside PostgreSQL, which Debian's releases do not carry yet. */
export const documentDbRoot = join(cacheFolder, 'documentdb')

/** Whether a folder is there and nobody else could have put anything in it: root runs what it finds inside. */
const isOurs = (/** @type {string} */ folder) =>
  existsSync(folder) && [cacheFolder, folder].every(isPrivate)

/** A folder (no link to one) of ours that others cannot write to. */
export const isPrivate = (/** @type {string} */ folder) => {
  const { uid, mode } = lstatSync(folder)
  const isFolder = (mode & constants.S_IFMT) === constants.S_IFDIR
  return isFolder && uid === process.getuid?.() && (mode & 0o022) === 0
}

/** Debian keeps each version apart and none on the PATH. The newest comes first. */
const debianPostgres = () => {
  const home = '/usr/lib/postgresql'
  if (!existsSync(home)) return []
  const versions = readdirSync(home).sort((one, other) => Number(other) - Number(one))
  return versions.map((version) => join(home, version, 'bin'))
}

/** Servers often lie where only administrators look. */
const path = () => [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/**
 * @param {string[]} programs
 * @param {string[]} folders
 */
const folderOf = (programs, folders) =>
  folders.find((folder) => programs.every((program) => isProgram(join(folder, program))))

const isProgram = (/** @type {string} */ file) => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
