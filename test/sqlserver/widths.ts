import type { SqliteDatabase } from '../../src/stores/sql/sqlite/driver.js'

/** Calls `refuse` when a text is wider than its column, counted as SQL Server counts: in UTF-16 units. */
export const checkWidths = (
  database: SqliteDatabase,
  sql: string,
  parameters: readonly unknown[],
  refuse: (column: string) => void,
): void => {
  const { table, columns } = targetsOf(sql)
  if (table === undefined) return
  const widths = widthsOf(database, table)
  for (const [index, column] of columns.entries()) {
    const value = parameters[index]
    const width = widths.get(column)
    if (typeof value === 'string' && width !== undefined && value.length > width) refuse(column)
  }
}

/** Columns that the first parameters are written to, in their order. */
const targetsOf = (sql: string): { table: string | undefined; columns: string[] } => {
  const [, inserted, names] = /^insert into "(\w+)" \(([^)]*)\) values/.exec(sql) ?? []
  if (names !== undefined) return { table: inserted, columns: wordsIn(names) }
  const [, updated, set = ''] = /^update "(\w+)" set (.*?) where/.exec(sql) ?? []
  return { table: updated, columns: wordsIn(set) }
}

const wordsIn = (text: string): string[] =>
  [...text.matchAll(/"(\w+)"/g)].map(([, word]) => word ?? '')

const widthsOf = (database: SqliteDatabase, table: string): Map<string, number> => {
  const columns = database.prepare(`pragma table_info("${table}")`).all() as {
    name: string
    type: string
  }[]
  return new Map(
    columns.flatMap(({ name, type }) => {
      const [, width] = /^nvarchar\((\d+)\)$/i.exec(type) ?? []
      return width === undefined ? [] : [[name, Number(width)] as const]
    }),
  )
}
