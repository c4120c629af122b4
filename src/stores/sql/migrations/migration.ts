import type { Compilable, Kysely } from 'kysely'
import type { ColumnTypes } from '../column-types.js'
import type { Schema } from '../schema.js'

/** A step from one schema to the next. Steps run forward only and are never changed once released. */
export type Migration = {
  name: string
  up(builder: Kysely<Schema>, types: ColumnTypes): Compilable[]
}
