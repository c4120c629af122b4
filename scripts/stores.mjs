import { existsSync, readFileSync } from 'node:fs'
import { findService } from './find-services.mjs'

/** Every kind of store, and how the titles of its contract begin, as in `mariadb, two instances: sessions`. */
const kinds = /** @type {const} */ ({
  memory: /^memory\b/i,
  sqlite: /^sqlite\b/i,
  postgres: /^postgres(ql)?\b/i,
  mysql: /^(mysql|mariadb)\b/i,
  // it keeps sessions only, so it is proved with another store beside it
  redis: /^redis\b|\bin redis\b/i,
  mongodb: /^mongo(db)?\b/i,
  mssql: /^(mssql|sql ?server)\b(?!.*stand-in)/i,
})

/** @typedef {keyof typeof kinds} StoreKind */
/** @typedef {{ ancestorTitles: string[], status: string }} TestOutcome a test in the report of vitest */
/** @typedef {Partial<Record<StoreKind, string>>} Words */

/**
 * Says of each kind of store whether its contract has run, and against what.
 *
 * @param {object} run
 * @param {TestOutcome[]} run.tests
 * @param {Words} run.versions what the servers said they are
 * @param {Words} run.reasons why a kind could not be prepared, where that was tried
 */
export const describeStores = ({ tests, versions, reasons }) => {
  const stores = storeKinds.map((kind) => {
    const own = tests.filter((test) => kindOf(test) === kind)
    const count = (/** @type {string} */ status) =>
      own.filter((test) => test.status === status).length
    const [passed, failed] = [count('passed'), count('failed')]
    const hasRun = passed + failed > 0
    const misses = failed > 0 ? `, ${failed} failed` : ''
    const line = hasRun
      ? `store: ${nameOf(kind, versions)} (ran: ${passed} passed${misses})`
      : `store: ${kind} (not run: ${reasons[kind] ?? lackOf(kind)})`
    return { line, hasRun }
  })
  const ran = stores.filter(({ hasRun }) => hasRun).length
  return [...stores.map(({ line }) => line), `stores: ${ran} of ${stores.length} ran`]
}

const storeKinds = /** @type {StoreKind[]} */ (Object.keys(kinds))

/** Which store a test is about; most are about none. The contract calls its groups `<store>: <part>`. */
const kindOf = (/** @type {TestOutcome} */ { ancestorTitles }) => {
  const title = ancestorTitles.find((one) => /^[^:]+: \w+$/.test(one)) ?? ''
  if (kinds.redis.test(title)) return 'redis'
  return storeKinds.find((kind) => kinds[kind].test(title))
}

/**
 * @param {StoreKind} kind
 * @param {Words} versions
 */
const nameOf = (kind, versions) =>
  versions[kind] === undefined ? kind : `${kind} ${versions[kind]}`

const lackOf = (/** @type {StoreKind} */ kind) => {
  const found = kind === 'memory' || kind === 'sqlite' ? {} : findService(kind)
  return 'missing' in found ? found.missing : 'no test of its contract was asked for'
}

/**
 * What is known of versions: the file in which a run leaves what its servers said, and SQLite, which is no server.
 *
 * @param {string} file
 * @returns {Promise<Words>}
 */
export const readVersions = async (file) => {
  const sqlite = await sqliteVersion().catch(() => undefined)
  const met = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  return sqlite === undefined ? met : { ...met, sqlite }
}

/** Node's own SQLite, or the one that stands in for it on Node 20. */
const sqliteVersion = async () => {
  const { sqlite } = process.versions
  if (sqlite !== undefined) return sqlite
  const { DatabaseSync } = await import('@photostructure/sqlite')
  const database = new DatabaseSync(':memory:')
  try {
    return String(Object.values(database.prepare('select sqlite_version()').get() ?? {})[0])
  } finally {
    database.close()
  }
}
