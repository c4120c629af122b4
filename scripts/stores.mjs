import { existsSync, readFileSync } from 'node:fs'
import { findService, services } from './find-services.mjs'

/** How the contract of each kind of store begins its titles, as in `mariadb, two instances: sessions`. */
const titles = {
  memory: /^memory\b.*: /i,
  sqlite: /^sqlite\b.*: /i,
  postgres: /^postgres(ql)?\b.*: /i,
  mysql: /^(mysql|mariadb)\b.*: /i,
  redis: /^redis\b.*: /i,
  mongodb: /^mongo(db)?\b.*: /i,
  mssql: /^(mssql|sql ?server)\b.*: /i,
}

/**
 * Says of each kind of store whether its contract has run, and against what.
 *
 * @param tests of vitest's report
 * @param versions the servers said they are, in a file that a run with servers leaves behind
 * @param reasons why a kind could not be prepared, where that was tried
 */
export const describeStores = async ({ tests, versions, reasons }) => {
  const known = existsSync(versions) ? JSON.parse(readFileSync(versions, 'utf8')) : {}
  known.sqlite = await sqliteVersion()
  const outcomes = Object.entries(titles).map(([kind, title]) => {
    const own = tests.filter(({ ancestorTitles }) => ancestorTitles.some((one) => title.test(one)))
    const count = (status) => own.filter((test) => test.status === status).length
    const [passed, failed] = [count('passed'), count('failed')]
    if (passed + failed === 0) return `store: ${kind} (not run: ${reasonOf(kind, reasons)})`
    const name = [kind, known[kind]].filter(Boolean).join(' ')
    const misses = failed > 0 ? `, ${failed} failed` : ''
    return `store: ${name} (ran: ${passed} passed${misses})`
  })
  const ran = outcomes.filter((line) => line.includes('(ran: ')).length
  return [...outcomes, `stores: ${ran} of ${outcomes.length} ran`]
}

const reasonOf = (kind, reasons) => {
  const found = kind in services ? findService(kind) : {}
  if (reasons[kind] !== undefined) return reasons[kind]
  return found.missing ?? 'no test of its contract was asked for'
}

/** Node's own SQLite, or the one that stands in for it on Node 20. */
const sqliteVersion = async () => {
  if (process.versions.sqlite !== undefined) return process.versions.sqlite
  const { DatabaseSync } = await import('@photostructure/sqlite').catch(() => ({}))
  if (DatabaseSync === undefined) return undefined
  const database = new DatabaseSync(':memory:')
  try {
    return database.prepare('select sqlite_version() as version').get().version
  } finally {
    database.close()
  }
}
