import type { ColumnDefinitionBuilder, Compilable, CreateTableBuilder, Kysely } from 'kysely'
import type { Schema } from './schema.js'

type Type = Parameters<CreateTableBuilder<string>['addColumn']>[1]
type Modify = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder
type Table = keyof Schema & string

/** What migrations say differently from server to server. */
export type ColumnTypes = {
  /** Text of at most so many characters, compared byte by byte. */
  text(most: number): Type
  longText: Type
  integer: Type
  /** Milliseconds since 1970. */
  instant: Type
  /** A primary key that counts by itself. */
  counter: { type: Type; modify: Modify }
  /** A column in which no value but null may stand twice. */
  unique: {
    modify: Modify
    /** What has to be done besides, once the table is there. */
    after(db: Kysely<Schema>, table: Table, column: string): Compilable[]
  }
  dropIndex(db: Kysely<Schema>, table: Table, name: string): Compilable
}

/** As most servers have them. */
export const commonTypes = {
  text: (most) => `varchar(${most})`,
  longText: 'text',
  integer: 'integer',
  instant: 'bigint',
  counter: { type: 'integer', modify: (column) => column.primaryKey().autoIncrement() },
  unique: { modify: (column) => column.unique(), after: () => [] },
  dropIndex: (db, _table, name) => db.schema.dropIndex(name),
} satisfies ColumnTypes
