import type { Compilable, Kysely, OperationNode } from 'kysely'
import type { ColumnTypes } from './column-types.js'
import { migrations } from './migrations/migrations.js'
import type { Schema } from './schema.js'

/** An index that migrations have made, and the statement that makes it again. */
export type ExpectedIndex = {
  table: string
  columns: readonly string[]
  isUnique: boolean
  statement: string
}

/** What the first migrations, so many of them, leave behind: read off their own statements. */
export const expectedIndexes = (
  builder: Kysely<Schema>,
  types: ColumnTypes,
  applied: number,
): ExpectedIndex[] => {
  const indexes = new Map<string, ExpectedIndex>()
  for (const step of migrations.slice(0, applied).flatMap(({ up }) => up(builder, types)))
    note(step, builder, indexes)
  return [...indexes.values()]
}

const note = (
  step: Compilable,
  builder: Kysely<Schema>,
  indexes: Map<string, ExpectedIndex>,
): void => {
  const { sql, query } = step.compile()
  if (query.kind === 'CreateIndexNode') {
    const [table = '', columns = []] = [
      query.table?.table.identifier.name,
      query.columns?.map(nameOf),
    ]
    const isUnique = query.unique === true
    indexes.set(query.name.name, { table, columns, isUnique, statement: sql })
  }
  if (query.kind === 'DropIndexNode') indexes.delete(query.name.identifier.name)
  if (query.kind === 'CreateTableNode') {
    const table = query.table.table.identifier.name
    for (const { column, unique } of query.columns) {
      const name = column.column.name
      if (unique !== true) continue
      const remade = builder.schema.createIndex(`${table}_${name}`).unique().on(table).column(name)
      const statement = remade.compile().sql
      indexes.set(`${table}_${name}`, { table, columns: [name], isUnique: true, statement })
    }
  }
}

/** A column, alone or with its order. */
const nameOf = (node: OperationNode): string => {
  if ('column' in node && typeof node.column === 'object' && node.column !== null) {
    return nameOf({ kind: 'ColumnNode', ...node.column })
  }
  return 'name' in node ? String(node.name) : ''
}
