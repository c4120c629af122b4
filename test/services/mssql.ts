import { Connection, Request } from 'tedious'
import { databaseOf, type Kind, type Login, withDatabase } from './service.js'

/** Runs one statement as the user of MSSQL_URL and answers with the first value of its first row. */
const run = async ({ adminUrl }: Login, sql: string): Promise<unknown> => {
  const connection = await connect(new URL(adminUrl))
  try {
    return await new Promise((resolve, reject) => {
      let first: unknown
      const request = new Request(sql, (error) => (error ? reject(error) : resolve(first)))
      request.on('row', (columns: { value: unknown }[]) => {
        first ??= columns[0]?.value
      })
      connection.execSqlBatch(request)
    })
  } finally {
    connection.close()
  }
}

const connect = (url: URL): Promise<Connection> => {
  const connection = new Connection({
    server: url.hostname,
    authentication: {
      type: 'default',
      options: {
        userName: decodeURIComponent(url.username),
        password: decodeURIComponent(url.password),
      },
    },
    options: {
      port: Number(url.port || 1433),
      database: databaseOf(url.href) || 'master',
      trustServerCertificate: true,
      connectTimeout: 10_000,
    },
  })
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve(connection)))
  })
}

/** SQL Server is used where MSSQL_URL names one; there is none to start. */
export const mssql: Kind = {
  start: () => Promise.reject(new Error('SQL Server cannot be started here')),
  version: async (login) =>
    String(await run(login, "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(40))")),
  create: async (login, name) => {
    await run(login, `CREATE DATABASE ${name}`)
    // as every database at Azure is, and as latchkey wants it
    await run(login, `ALTER DATABASE ${name} SET READ_COMMITTED_SNAPSHOT ON`)
    return withDatabase(login.url, name)
  },
  drop: async (login, url) => {
    const name = databaseOf(url)
    await run(
      login,
      `IF DB_ID('${name}') IS NOT NULL BEGIN
         ALTER DATABASE ${name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE ${name} END`,
    )
  },
}
