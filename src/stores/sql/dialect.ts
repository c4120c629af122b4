import type { Kysely } from 'kysely'
import type { Schema } from './schema.js'

/** One statement, ready for the driver, and the rows it promises. */
export type Query<Row = unknown> = {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** Exists for the compiler only. */
  readonly row?: Row
}

/** A conversation with the database: statements run on it in order. */
export type Connection = {
  rows<Row>(query: Query<Row>): Promise<Row[]>
  /** How many rows the statement changed. */
  execute(query: Query): Promise<number>
}

/** What differs between databases. */
export type SqlDialect = {
  name: string
  /** Builds statements in the database's own words; never runs them. */
  builder: Kysely<Schema>
  /** For reading outside transactions. */
  reader: Connection
  /** @param patienceMilliseconds how long the work may wait for others that write, unless the default will do */
  transaction<Result>(
    work: (connection: Connection) => Promise<Result>,
    patienceMilliseconds?: number,
  ): Promise<Result>
  isUniqueViolation(error: unknown): boolean
  isMissingTable(error: unknown): boolean
  close(): Promise<void>
  localSecret?(): string
}
