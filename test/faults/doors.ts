import { Redis } from 'ioredis'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import { openHandle } from '../../src/stores/sql/sqlite/handle.js'

/** A way into a database that knows nothing of our stores. */
export type Row = Readonly<Record<string, unknown>>

export type Door = {
  /** Runs one statement. */
  rows(sql: string): Promise<Row[]>
  close(): Promise<void>
}

const openSqlite = async (file: string): Promise<Door> => {
  const { prepare, drop } = openHandle(file, { readOnly: false })
  return { rows: async (sql) => prepare(sql).all() as Row[], close: async () => drop() }
}

const openPostgres = async (url: string): Promise<Door> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {}) // the statement that meets it tells
  await client.connect()
  return {
    rows: async (sql) => (await client.query(sql)).rows,
    close: () => client.end().catch(() => {}),
  }
}

const openMysql = async (url: string): Promise<Door> => {
  const connection = await createConnection({ uri: url, connectTimeout: 10_000 })
  connection.on('error', () => {})
  return {
    rows: async (sql) => {
      const [rows] = await connection.query(sql)
      return Array.isArray(rows) ? (rows as Row[]) : []
    },
    close: () => connection.end().catch(() => connection.destroy()),
  }
}

export const doors = { sqlite: openSqlite, postgres: openPostgres, mysql: openMysql } as const

/** Ids of all that lies below a name in Redis. */
export const idsInRedis = async (url: string, prefix: string): Promise<string[]> => {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.keys(`${prefix}*`)).map((key) => key.slice(prefix.length))
  } finally {
    client.disconnect()
  }
}
