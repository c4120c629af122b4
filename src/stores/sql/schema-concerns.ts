import type { Concern } from '../store.js'
import type { SqlDialect } from './dialect.js'
import { type ExpectedIndex, expectedIndexes } from './expected-schema.js'
import { appliedMigrations } from './migrate.js'
import type { IndexedColumn, TextColumn } from './schema-questions.js'

/**
 * What somebody has changed in the tables since the migrations made them: an index that is gone, a collation that takes
 * two names for one. Whoever may not ask is told nothing.
 */
export const schemaConcerns = async (dialect: SqlDialect): Promise<Concern[]> => {
  const applied = await appliedMigrations(dialect).catch(() => 0)
  if (applied === 0) return []
  const found = await Promise.all([
    missingIndexes(dialect, applied).catch(() => []),
    wrongCollations(dialect).catch(() => []),
  ])
  return found.flat()
}

const missingIndexes = async (dialect: SqlDialect, applied: number): Promise<Concern[]> => {
  const { schema, reader, builder } = dialect
  if (schema === undefined) return []
  const rows = await reader.rows<IndexedColumn>({ sql: schema.indexes, parameters: [] })
  const indexes = new Map<string, IndexedColumn[]>()
  for (const row of rows) {
    const name = `${row.table_name} ${row.index_name}`
    indexes.set(name, [...(indexes.get(name) ?? []), row])
  }
  return expectedIndexes(builder, await dialect.columnTypes(), applied)
    .filter((expected) => ![...indexes.values()].some((index) => serves(index, expected)))
    .map(({ table, columns, isUnique, statement }) => ({
      concern: isUnique
        ? `the unique index on ${table} (${columns.join(', ')}) is missing: two rows may be one thing there, and every look-up reads the whole table`
        : `the index on ${table} (${columns.join(', ')}) is missing: every look-up reads the whole table`,
      remedy: `Run in the database: ${statement}`,
      isGrave: isUnique,
    }))
}

const serves = (index: readonly IndexedColumn[], expected: ExpectedIndex): boolean =>
  index[0]?.table_name === expected.table &&
  expected.columns.every((column, position) => index[position]?.column_name === column) &&
  (!expected.isUnique || (Boolean(index[0].is_unique) && index.length === expected.columns.length))

const wrongCollations = async ({ schema, reader }: SqlDialect): Promise<Concern[]> => {
  const { texts, isBytewise = () => true, makeBytewise = () => '' } = schema ?? {}
  if (texts === undefined) return []
  const rows = await reader.rows<TextColumn>({ sql: texts, parameters: [] })
  return rows
    .filter(({ collation }) => !isBytewise(collation))
    .map((column) => ({
      concern: `${column.table_name}.${column.column_name} is compared by ${column.collation ?? 'the rules of a language'}, and not byte by byte: two names may count as one`,
      remedy: `Run in the database: ${makeBytewise(column)}`,
      isGrave: true,
    }))
}

/** True where nobody can be asked. */
export const mayMakeTables = async ({ schema, reader }: SqlDialect): Promise<boolean> => {
  if (schema?.mayMakeTables === undefined) return true
  const [row] = await reader.rows<{ may: number | null }>({
    sql: schema.mayMakeTables,
    parameters: [],
  })
  return Number(row?.may ?? 0) !== 0
}
