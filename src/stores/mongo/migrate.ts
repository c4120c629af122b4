import { randomUUID } from 'node:crypto'
import type { Collection, Db } from 'mongodb'
import { AuthError, ConfigurationError } from '../../errors.js'
import { addSeconds } from '../../lib/clock.js'
import { collectionNames } from './documents.js'
import { isDuplicate } from './faults.js'
import { migrationCollection, migrations, type Step, toScript } from './migrations/migrations.js'

/**
 * Migrations: run in order, each once, by one instance at a time. The lock is a document that its owner keeps renewing
 * by the server's clock, so that one who was killed stands in nobody's way for long.
 */
const lockId = 'lock'
const leaseSeconds = 30
const renewalMilliseconds = 10_000
const patienceMilliseconds = 90_000

type MigrationDocument =
  | { _id: number; name: string; appliedAt: Date }
  | { _id: typeof lockId; owner: string; until: Date }

export const migrate = async (db: Db): Promise<string[]> => {
  const owner = randomUUID()
  const patience = performance.now() + patienceMilliseconds
  while ((await pendingMigrations(db)).length > 0) {
    if (await claimMigrationLock(db, owner)) return await runPending(db, owner)
    if (performance.now() > patience) {
      throw new AuthError('store_unavailable', { cause: new Error('Another instance migrates') })
    }
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 100))
  }
  return []
}

export const pendingMigrations = async (db: Db): Promise<string[]> =>
  pendingOf(await appliedIn(db)).map(([, { name }]) => name)

export const migrationScript = async (db: Db): Promise<string> =>
  pendingOf(await appliedIn(db))
    .map(([position]) => toScript(position))
    .join('')

/** How many have run. @throws ConfigurationError when the schema is newer than this code */
const appliedIn = async (db: Db): Promise<number> => {
  const applied = await lockable(db)
    .find({ _id: { $gt: 0 } })
    .sort({ _id: 1 })
    .toArray()
  const newest = applied.at(-1)
  if (newest !== undefined && 'name' in newest && applied.length > migrations.length) {
    throw new ConfigurationError([
      {
        option: 'store',
        detail: `was set up by a newer latchkey (its schema is at ${newest.name}, this version knows ${migrations.length}). Run that version or a later one.`,
      },
    ])
  }
  return applied.length
}

const pendingOf = (applied: number) => [...migrations.entries()].slice(applied)

const runPending = async (db: Db, owner: string): Promise<string[]> => {
  const renewal = setInterval(() => {
    claimMigrationLock(db, owner).catch(() => undefined) // the next step finds out
  }, renewalMilliseconds)
  const done: string[] = []
  try {
    for (const [position, { name, steps }] of pendingOf(await appliedIn(db))) {
      for (const step of steps) {
        if (!(await claimMigrationLock(db, owner))) {
          throw new AuthError('store_unavailable', { cause: new Error('The lock was lost') })
        }
        await runStep(db, step)
      }
      const record = { name, appliedAt: await serverTime(db) }
      await lockable(db).updateOne({ _id: position + 1 }, { $set: record }, { upsert: true })
      done.push(name)
    }
  } finally {
    clearInterval(renewal)
    await lockable(db)
      .deleteOne({ _id: lockId, owner })
      .catch(() => undefined) // it runs out
  }
  return done
}

const runStep = async (db: Db, step: Step): Promise<void> => {
  if ('indexes' in step) {
    await db.collection(collectionNames[step.collection]).createIndexes(step.indexes)
    return
  }
  const counters = db.collection<{ _id: string; last: number }>(collectionNames.counters)
  const start = { $setOnInsert: { last: 0 } }
  await counters.updateOne({ _id: step.counter }, start, { upsert: true })
}

/** True for the one owner whose lease has begun or goes on. */
export const claimMigrationLock = async (db: Db, owner: string): Promise<boolean> => {
  const now = await serverTime(db)
  try {
    await lockable(db).updateOne(
      { _id: lockId, $or: [{ owner }, { until: { $lte: now } }] },
      { $set: { owner, until: addSeconds(now, leaseSeconds) } },
      { upsert: true },
    )
    return true
  } catch (error) {
    if (isDuplicate(error)) return false // the lock is there, and is neither ours nor out
    throw error
  }
}

export const serverTime = async (db: Db): Promise<Date> => {
  const { localTime } = await db.command({ hello: 1 })
  return localTime instanceof Date ? localTime : new Date()
}

const lockable = (db: Db): Collection<MigrationDocument> =>
  db.collection<MigrationDocument>(migrationCollection)
