import type { Db } from 'mongodb'
import { ConfigurationError } from '../../errors.js'
import { createAdmission, storeLine } from '../admission.js'
import type { Concern, Ports, Store } from '../store.js'
import { type Access, bounded, createConnection } from './access.js'
import { mongoAttempts } from './attempts.js'
import { example, forMigrations, isMongoUrl, openClient } from './driver.js'
import { mongoEvents } from './events.js'
import { explained } from './faults.js'
import { mongoIdentities, mongoSpent } from './identities.js'
import { mongoKeys } from './keys.js'
import type { Line } from './line.js'
import { migrate, migrationScript, pendingMigrations, serverTime } from './migrate.js'
import { missingIndexes } from './missing-indexes.js'
import { mongoRecorders } from './recorders.js'
import { findSessionAndUser, mongoSessions } from './sessions.js'
import { mongoTransactions } from './transactions.js'
import { mongoUsers } from './users.js'

export { mongoLegacyTokens } from './legacy-tokens.js'

/**
 * A store in MongoDB 4.4 or later. On a replica set or behind mongos a work is a transaction. A single server outside of
 * a replica set has none: there each verb is atomic in itself, and what a failing work had done before stays.
 *
 * @param url `mongodb://` or `mongodb+srv://`, with the name of the database as its path (default: latchkey). TLS is set
 *   by the options of the URL, as every MongoDB driver reads them. Connects at the first use.
 * @param options.queue so many may wait for a connection (default 1000); further callers get `overloaded`
 * @throws ConfigurationError when the URL cannot be used or the driver is not installed
 */
export const mongoStore = (url: string, { queue }: { queue?: number } = {}): Store => {
  if (!isMongoUrl(url)) {
    const detail = `must be a MongoDB URL such as ${example}`
    throw new ConfigurationError([{ option: 'store', detail }])
  }
  const connection = createConnection(() => openClient(url))
  const { direct, line } = connection
  const waiting = storeLine('mongodb', queue)
  const atOnce = line().client.options.maxPoolSize || Number.POSITIVE_INFINITY
  const admit = createAdmission({ atOnce, line: waiting })
  const door = bounded(direct, admit)
  const portsOn = (access: Access): Ports => ({
    users: mongoUsers(access),
    sessions: mongoSessions(access),
    keys: mongoKeys(access),
    events: mongoEvents(access),
    attempts: mongoAttempts(access),
    recorders: mongoRecorders(access),
    identities: mongoIdentities(access),
    spent: mongoSpent(access),
  })
  const atStart = async <Result>(work: (db: Db) => Promise<Result>): Promise<Result> => {
    try {
      const { connect, db } = line()
      await connect()
      return await work(db)
    } catch (error) {
      throw explained(error)
    }
  }

  const ports = portsOn(door)
  const inTransaction = mongoTransactions(connection, portsOn)
  const transaction: Store['transaction'] = (work) => admit(() => inTransaction(work))

  return {
    name: 'mongodb',
    ...ports,
    identities: {
      ...ports.identities,
      // several steps, unlike all other verbs
      remove: (removal) => transaction(({ identities }) => identities.remove(removal)),
    },
    places: [
      {
        name: 'mongodb',
        ping: async () => void (await direct.run(() => line().db.command({ ping: 1 }))),
        now: () => direct.run(() => serverTime(line().db)),
      },
    ],
    lines: [waiting],
    transaction,
    findSessionAndUser: findSessionAndUser(door),
    migrate: () =>
      atStart(async (db) => {
        if ((await pendingMigrations(db)).length === 0) return []
        const patient = openClient(url, forMigrations)
        return migrate(patient.db).finally(() => patient.client.close())
      }),
    pendingMigrations: () => atStart(pendingMigrations),
    migrationScript: () => atStart(migrationScript),
    concerns: async () => {
      const found = await direct.run(() => concernsOf(line()))
      const { db } = line()
      // before the first migration there is nothing to miss
      const isReady = (await pendingMigrations(db)).length === 0
      return isReady ? [...found, ...(await missingIndexes(db))] : found
    },
    close: connection.close,
  }
}

const concernsOf = async ({ db, hasTransactions }: Line): Promise<Concern[]> => {
  if (!hasTransactions()) return [noTransactions]
  const parameter = 'transactionLifetimeLimitSeconds'
  const answer = await db
    .admin()
    .command({ getParameter: 1, [parameter]: 1 })
    .catch(() => ({})) // only administrators may ask
  const seconds = Number(Object.entries(answer).find(([name]) => name === parameter)?.[1] ?? 0)
  return seconds > longestTransactionSeconds ? [longTransactions(seconds)] : []
}

/** Ours end within 5 s or have failed. */
const longestTransactionSeconds = 10

const noTransactions: Concern = {
  concern:
    'this MongoDB is a single server without transactions: a change and its event are written one after the other, and a crash in between leaves the change without its event',
  remedy:
    'Start mongod with --replSet rs0, run rs.initiate() once in mongosh, and restart latchkey. One server is enough',
}

const longTransactions = (seconds: number): Concern => ({
  concern: `MongoDB keeps the transaction of an instance that was killed open for ${seconds} s, and so long nobody else can change the same rows`,
  remedy:
    'Run in mongosh: db.adminCommand({ setParameter: 1, transactionLifetimeLimitSeconds: 10 }), and set it in the configuration of every mongod',
})
