import type { Document } from 'mongodb'
import { openClient } from './driver.js'

/** Documents that are looked at to learn their fields, and those that are fetched at a time. */
const sample = 100
const portion = 1000

/** Collections of somebody else, to be read and never written. @throws ConfigurationError */
export const openMongoReading = (url: string) => {
  const { client, db } = openClient(url)

  return {
    tables: async (): Promise<{ name: string; columns: string[] }[]> => {
      const found = await db.listCollections({}, { nameOnly: true }).toArray()
      const names = found.map(({ name }) => name).filter((name) => !name.startsWith('system.'))
      return Promise.all(
        names.sort().map(async (name) => {
          const documents = await db.collection(name).find({}).limit(sample).toArray()
          return { name, columns: [...new Set(documents.flatMap((each) => Object.keys(each)))] }
        }),
      )
    },
    rows: async function* (name: string, columns: readonly string[]) {
      const projection = Object.fromEntries(columns.map((column) => [column, 1]))
      const _id = columns.includes('_id') ? 1 : 0
      const cursor = db
        .collection(name)
        .find({}, { projection: { ...projection, _id }, batchSize: portion })
      let rows: Record<string, unknown>[] = []
      for await (const document of cursor) {
        rows.push(plain(document))
        if (rows.length < portion) continue
        yield rows
        rows = []
      }
      yield rows
    },
    close: () => client.close(),
  }
}

/** Ids as hex digits, UUIDs as usual, and what is no type of JavaScript as its text. */
const plain = (document: Document): Record<string, unknown> =>
  Object.fromEntries(Object.entries(document).map(([name, value]) => [name, plainValue(value)]))

const plainValue = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || !('_bsontype' in value)) return value
  if ('toHexString' in value && typeof value.toHexString === 'function') {
    const hex: unknown = value.toHexString()
    return hex
  }
  if ('sub_type' in value && value.sub_type === 4 && 'toUUID' in value)
    return uuidOf(value.toUUID, value)
  return String(value)
}

const uuidOf = (toUuid: unknown, binary: object): string =>
  typeof toUuid === 'function' ? String(Reflect.apply(toUuid, binary, [])) : String(binary)
