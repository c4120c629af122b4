import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { MongoClient } from 'mongodb'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'

/** A drawer of one database, opened with its own driver: enough to see what is kept and what is not. */
export type Client = {
  /** Puts something in, once the server has said so. */
  put(): Promise<void>
  /** How many have been put in. */
  count(): Promise<number>
  close(): Promise<void>
}

const tls = (caFile: string | undefined) =>
  caFile === undefined ? undefined : { ca: readFileSync(caFile, 'utf8') }

const openPostgres = async (url: string, caFile?: string): Promise<Client> => {
  const ssl = tls(caFile)
  const client = new pg.Client({ connectionString: url, ...(ssl && { ssl }) })
  client.on('error', () => {})
  await client.connect()
  await client.query('CREATE TABLE IF NOT EXISTS drawer (n integer)')
  return {
    put: async () => {
      await client.query('INSERT INTO drawer VALUES (1)')
    },
    count: async () => Number((await client.query('SELECT count(*) FROM drawer')).rows[0]?.count),
    close: () => client.end(),
  }
}

const openMysql = async (url: string, caFile?: string): Promise<Client> => {
  const ssl = tls(caFile)
  const connection = await createConnection({ uri: url, ...(ssl && { ssl }) })
  connection.on('error', () => {})
  await connection.query('CREATE TABLE IF NOT EXISTS drawer (n integer)')
  return {
    put: async () => {
      await connection.query('INSERT INTO drawer VALUES (1)')
    },
    count: async () => {
      const [rows] = await connection.query('SELECT n FROM drawer')
      return Array.isArray(rows) ? rows.length : 0
    },
    close: () => connection.end().catch(() => connection.destroy()),
  }
}

const openRedis = async (url: string, caFile?: string): Promise<Client> => {
  const given = tls(caFile)
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    ...(given && { tls: given }),
  })
  client.on('error', () => {})
  await client.connect()
  return {
    put: async () => {
      await client.rpush('drawer', '1')
    },
    count: () => client.llen('drawer'),
    close: async () => client.disconnect(),
  }
}

const openMongodb = async (url: string): Promise<Client> => {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 2000, retryWrites: false })
  await client.connect()
  const drawer = client.db().collection('drawer')
  return {
    put: async () => {
      await drawer.insertOne({ n: 1 })
    },
    count: () => drawer.countDocuments(),
    close: () => client.close(),
  }
}

/** One for each kind that can be started here. */
export const clients = {
  postgres: openPostgres,
  mysql: openMysql,
  redis: openRedis,
  mongodb: openMongodb,
}
