import { type Db, MongoClient } from 'mongodb'
import { mongoStore } from '../../src/stores/mongo/mongo.js'
import { redisPorts } from '../../src/stores/redis/redis.js'
import { sqlStore } from '../../src/stores/sql/sql.js'
import { sqliteFile } from '../../src/stores/sql/sqlite/files.js'
import { withPorts } from '../../src/stores/with-ports.js'
import { doors, idsInRedis, type Row } from './doors.js'
import type { Outside } from './look.js'

/** Where things are kept, and how that is looked into from outside. */
export type Place = {
  base: keyof typeof doors | 'mongodb'
  /** Where the sessions are, if they are not with everything else. */
  sessions?: 'redis'
  /** In the server's own words; it is then ours alone. */
  settings?: Readonly<Record<string, string>>
}

export const places = {
  sqlite: { base: 'sqlite' },
  postgres: { base: 'postgres' },
  mysql: { base: 'mysql' },
  // as the guide of stores tells operators to set it: the rows of a server that was killed are free after that
  mongodb: { base: 'mongodb', settings: { transactionLifetimeSeconds: '10' } },
  'mongodb standalone': { base: 'mongodb', settings: { topology: 'standalone' } },
  'sqlite and redis': { base: 'sqlite', sessions: 'redis' },
  'postgres and redis': { base: 'postgres', sessions: 'redis' },
} as const satisfies Record<string, Place>

/** A statement on an SQL database, past our own stores. */
export const ask = async (base: keyof typeof doors, url: string, sql: string): Promise<Row[]> => {
  const door = await doors[base](base === 'sqlite' ? (sqliteFile(url) ?? '') : url)
  try {
    return await door.rows(sql)
  } finally {
    await door.close()
  }
}

export const outsideOf = (place: Place, url: string, redisUrl?: string): Outside => {
  const outside = place.base === 'mongodb' ? inMongo(url) : inSql(place.base, url)
  if (redisUrl === undefined) return outside
  return {
    ...outside,
    open: () => withPorts(outside.open(), redisPorts(redisUrl)),
    sessionIds: () => idsInRedis(redisUrl, 'latchkey:session:'),
  }
}

const inSql = (base: keyof typeof doors, url: string): Outside => {
  const column = async <Value>(name: string, table: string): Promise<Value[]> => {
    const rows = await ask(base, url, `select ${name} from ${table} order by ${name}`)
    return rows.map((row) => row[name] as Value)
  }
  return {
    open: () => sqlStore(url),
    migrations: () => column<number>('number', 'latchkey_migrations'),
    sessionIds: () => column<string>('id', 'latchkey_sessions'),
    addMigration: async (number, name) => {
      await ask(base, url, `insert into latchkey_migrations values (${number}, '${name}', 0)`)
    },
    hasUsers: () =>
      column('id', 'latchkey_users').then(
        () => true,
        () => false,
      ),
  }
}

const inMongo = (url: string): Outside => {
  const inside = async <Result>(run: (db: Db) => Promise<Result>): Promise<Result> => {
    const client = new MongoClient(url)
    try {
      return await run(client.db())
    } finally {
      await client.close()
    }
  }
  const ids = <Id>(collection: string): Promise<Id[]> =>
    inside(async (db) => {
      const found = await db.collection<{ _id: unknown }>(collection).find().toArray()
      return found.map(({ _id }) => _id as Id)
    })
  return {
    open: () => mongoStore(url),
    migrations: async () =>
      (await ids<number | string>('latchkey_migrations')).filter((id) => typeof id === 'number'),
    sessionIds: () => ids<string>('latchkey_sessions'),
    addMigration: (number, name) =>
      inside(async (db) => {
        const migrations = db.collection<{ _id: number; name: string }>('latchkey_migrations')
        await migrations.insertOne({ _id: number, name })
      }),
    hasUsers: () =>
      inside(
        async (db) => (await db.listCollections({ name: 'latchkey_users' }).toArray()).length > 0,
      ),
  }
}
