import type { Db } from 'mongodb'
import type { Concern } from '../store.js'
import { collectionNames } from './documents.js'
import { migrations } from './migrations/migrations.js'

/** Indexes that migrations have made and somebody has removed. Whoever may not ask is told nothing. */
export const missingIndexes = async (db: Db): Promise<Concern[]> => {
  const steps = migrations.flatMap(({ steps }) => steps).filter((step) => 'indexes' in step)
  const found = await Promise.all(
    steps.map(async ({ collection, indexes }) => {
      const name = collectionNames[collection]
      const present = await db.collection(name).indexes()
      return indexes
        .filter((index) => !present.some((other) => shapeOf(other) === shapeOf(index)))
        .map(({ key, unique, ...options }): Concern => {
          const all = JSON.stringify({ ...(unique && { unique }), ...options })
          return {
            concern: unique
              ? `the unique index on ${name} (${Object.keys(key).join(', ')}) is missing: two documents may be one thing there, and every look-up reads them all`
              : `the index on ${name} (${Object.keys(key).join(', ')}) is missing: every look-up reads all documents`,
            remedy: `Run in mongosh: db.${name}.createIndex(${JSON.stringify(key)}, ${all})`,
            isGrave: unique === true,
          }
        })
    }),
  ).catch(() => [])
  return found.flat()
}

type Shape = { key: object; unique?: boolean }

/** What it finds, and whether of each only one. */
const shapeOf = ({ key, unique = false }: Shape): string =>
  JSON.stringify([Object.entries(key), unique])
