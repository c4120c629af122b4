import type { Kysely } from 'kysely'
import type { Concern } from '../store.js'
import type { ColumnTypes } from './column-types.js'
import type { Schema } from './schema.js'
import type { SchemaQuestions } from './schema-questions.js'

/** One statement, ready for the driver, and the rows it promises. */
export type Query<Row = unknown> = {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** The same for the same text: a driver may prepare it once a connection. */
  readonly name?: string
  /** Values go and come as they are, and not as latchkey's own tables keep them. */
  readonly asIs?: boolean
  /** Exists for the compiler only. */
  readonly row?: Row
}

/** A conversation with the database: statements run on it in order. */
export type Connection = {
  rows<Row>(query: Query<Row>): Promise<Row[]>
  /** How many rows the statement changed. */
  execute(query: Query): Promise<number>
  /** Runs a statement whose outcome nobody asks for. It may still be on its way; if it fails, its transaction does. */
  send(query: Query): Promise<void>
  /** The same as `execute`, or undefined when a unique value it wrote was taken; a transaction then goes on as if nothing had been asked. */
  executeUnlessTaken(query: Query): Promise<number | undefined>
}

/** A database that can be talked to: what differs between drivers. */
export type SqlDriver = {
  /** For people: 'postgres'. */
  name: string
  /** For reading outside transactions. */
  reader: Connection
  /**
   * Runs the work; when another one was in its way (a deadlock), runs it again.
   *
   * @param patienceMilliseconds how long the work may wait for others that write, unless the default will do
   */
  transaction<Result>(
    work: (connection: Connection) => Promise<Result>,
    patienceMilliseconds?: number,
  ): Promise<Result>
  /** @throws AuthError `store_unavailable` */
  ping(): Promise<void>
  /** What the clock of its server says; absent where there is none. */
  now?(): Promise<Date>
  close(): Promise<void>
}

/** What differs between databases. */
export type SqlDialect = SqlDriver & {
  /** So much is done at once; what is asked besides waits its turn. */
  atOnce: number
  /** Builds statements in the database's own words; never runs them. */
  builder: Kysely<Schema>
  /** At most so many rows of a query: LIMIT, or TOP. */
  first<Select extends Bounded<Select>>(query: Select, limit: number): Select
  /** The row at this place of a query that is in order, the first at 1. */
  nth<Select extends Bounded<Select>>(query: Select, place: number): Select
  /** The types of this server, which may have to be asked which it is. @throws ConfigurationError when it is not fit */
  columnTypes(): Promise<ColumnTypes>
  /** For reading what migrations have run, where the tables of one at work must be waited for; else `reader` will do. */
  migrationReader?: Connection
  /** Runs the migrations while all others who would wait; statements may take long. Undoes them on failure where it can. */
  migration<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result>
  /** What must stand around statements that people run by hand. */
  script?(statements: string): string
  isMissingTable(error: unknown): boolean
  /** What the operator has to do about an error of the driver, if it is theirs to mend. Holds no secret. */
  explain(error: unknown): string | undefined
  /** What keeps this from being a good place. */
  concerns(): Promise<Concern[]>
  /** How to ask what the tables are really like. */
  schema?: SchemaQuestions
  /** Rows can be held while they are read, and statements sent before the answers to those before them have come. */
  holdsRows?: true
  /** There is no way to go: two look-ups cost less than a join of two large tables (40 µs on SQLite, against 16). */
  isInProcess?: true
  /** Said once before many rows are written together. */
  beforeMany?: string
  localSecret?(): string
}

type Bounded<Select> = Record<'limit' | 'top' | 'offset' | 'fetch', (count: number) => Select>
