import { createConnection } from 'mysql2/promise'
import pg from 'pg'

/** Runs statements as the owner of a server in one of its databases. */
export const asOwner = {
  mysql: async (adminUrl: string, url: string, sql: string): Promise<Record<string, unknown>[]> => {
    const connection = await createConnection({
      uri: within(adminUrl, url),
      multipleStatements: true,
    })
    try {
      const [rows] = await connection.query(sql)
      return JSON.parse(JSON.stringify(rows))
    } finally {
      await connection.end()
    }
  },
  postgres: async (
    adminUrl: string,
    url: string,
    sql: string,
  ): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: within(adminUrl, url) })
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  },
}

const within = (adminUrl: string, url: string): string => {
  const target = new URL(adminUrl)
  target.pathname = new URL(url).pathname
  return target.href
}
