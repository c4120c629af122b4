import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { AuthError } from '../../errors.js'
import { trusted } from '../../lib/trusted.js'
import { createBatch } from './batch.js'
import type { Connection, Query, SqlDialect } from './dialect.js'
import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from './kysely.js'
import { localSecret } from './local-secret.js'
import type { Schema } from './schema.js'
import { openSqlite, type SqliteDatabase } from './sqlite-driver.js'

/** SQLite in this process: one handle writes in batches, one reads what is committed. */
export const sqliteDialect = (file: string): SqlDialect => {
  const [writer, reader] = openBoth(file)
  const connection = connectionOf(writer)
  const batch = createBatch(writerOf(writer))

  return {
    name: 'sqlite',
    builder: new Kysely<Schema>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    }),
    reader: connectionOf(reader),
    transaction: (work) =>
      batch
        .enqueue(() => work(connection))
        .catch((error: unknown) => {
          throw isStorageFault(error) ? new AuthError('store_unavailable', { cause: error }) : error
        }),
    isUniqueViolation: (error) => extendedCode(error) === 2067 || extendedCode(error) === 1555,
    isMissingTable: (error) => error instanceof Error && /no such table/.test(error.message),
    close: async () => {
      await batch.idle()
      reader.close()
      writer.close()
    },
    localSecret: () => localSecret(file),
  }
}

const openBoth = (file: string): [SqliteDatabase, SqliteDatabase] => {
  mkdirSync(dirname(file), { recursive: true })
  const writer = openSqlite(file)
  // FULL: what was answered survives a power cut; WAL: readers never wait for the writer
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'busy_timeout = 5000']) {
    writer.exec(`PRAGMA ${pragma}`)
  }
  const reader = openSqlite(file)
  for (const pragma of ['busy_timeout = 5000', 'query_only = ON']) reader.exec(`PRAGMA ${pragma}`)
  return [writer, reader]
}

const prepared = (database: SqliteDatabase) => {
  const statements = new Map<string, ReturnType<SqliteDatabase['prepare']>>()
  return (sql: string) => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const made = database.prepare(sql)
    statements.set(sql, made)
    return made
  }
}

const connectionOf = (database: SqliteDatabase): Connection => {
  const prepare = prepared(database)
  return {
    rows: async <Row>({ sql, parameters }: Query<Row>) =>
      unavailableOr(() => trusted<Row[]>(prepare(sql).all(...parameters))),
    execute: async ({ sql, parameters }) =>
      unavailableOr(() => Number(prepare(sql).run(...parameters).changes)),
  }
}

const unavailableOr = <Result>(run: () => Result): Result => {
  try {
    return run()
  } catch (error) {
    if (isStorageFault(error)) throw new AuthError('store_unavailable', { cause: error })
    throw error
  }
}

const writerOf = (database: SqliteDatabase) => {
  const prepare = prepared(database)
  const run = (sql: string) => () => {
    prepare(sql).run()
  }
  const back = run('ROLLBACK TO work')
  const release = run('RELEASE work')
  return {
    begin: run('BEGIN IMMEDIATE'),
    commit: run('COMMIT'),
    rollback: run('ROLLBACK'),
    savepoint: run('SAVEPOINT work'),
    release,
    rollbackToSavepoint: () => {
      back()
      release()
    },
    isFatal: (error: unknown) =>
      isStorageFault(error) || (error instanceof AuthError && error.code === 'store_unavailable'),
  }
}

/** Result codes of SQLite that mean the file cannot be used now: busy, locked, read-only, I/O, full, cannot open. */
const storageFaults = new Set([5, 6, 8, 10, 13, 14])

const isStorageFault = (error: unknown): boolean => {
  const code = extendedCode(error)
  return code !== undefined && storageFaults.has(code & 0xff)
}

const extendedCode = (error: unknown): number | undefined => {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode : undefined
}
