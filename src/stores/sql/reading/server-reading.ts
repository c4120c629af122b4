import type { RawBuilder } from 'kysely'
import type { SqlDialect } from '../dialect.js'
import { sql } from '../kysely.js'
import { portion, type Reading } from './reading.js'

/** A database server, asked page by page: behind the last key where a table has one column as its key. */
export const readServer = (dialect: SqlDialect): Reading => {
  const { name, builder, reader } = dialect
  const isSqlServer = name === 'sqlserver'
  const ask = <Row>(text: RawBuilder<unknown>): Promise<Row[]> => {
    const { sql, parameters } = text.compile(builder)
    // mysql2 puts the values of what has no name into its text
    const isPrepared = name === 'mysql' && parameters.length > 0
    return reader.rows<Row>({ sql, parameters, asIs: true, ...(isPrepared && { name: 'reading' }) })
  }
  const here =
    name === 'mysql' ? sql`database()` : isSqlServer ? sql`schema_name()` : sql`current_schema()`
  const page = (rows: RawBuilder<unknown>): RawBuilder<unknown> =>
    isSqlServer
      ? sql`select top(${sql.lit(portion)}) ${rows}`
      : sql`select ${rows} limit ${sql.lit(portion)}`

  const keyOf = async (table: string): Promise<string | undefined> => {
    const keys = await ask<{ name: string }>(
      name === 'postgres' ? postgresKey(table) : standardKey(table, here),
    )
    return keys.length === 1 ? keys[0]?.name : undefined
  }

  return {
    name,
    tables: async () => {
      const columns = await ask<{ table_of: string; column_of: string }>(sql`
        select c.table_name as table_of, c.column_name as column_of
        from information_schema.columns c where c.table_schema = ${here}
        order by c.table_name, c.ordinal_position`)
      const byTable = new Map<string, string[]>()
      for (const { table_of: table, column_of: column } of columns)
        byTable.set(table, [...(byTable.get(table) ?? []), column])
      return [...byTable].map(([name, columns]) => ({ name, columns }))
    },
    rows: async function* (table, columns) {
      const key = await keyOf(table)
      const names = sql.join(columns.map((column) => sql.ref(column)))
      if (key === undefined) yield* byOffset(table, names, columns)
      else yield* byKey(table, names, key)
    },
    close: () => dialect.close(),
  }

  async function* byKey(table: string, names: RawBuilder<unknown>, key: string) {
    let last: unknown
    for (;;) {
      const behind = last === undefined ? sql`1 = 1` : sql`${sql.ref(key)} > ${last}`
      const rows = await ask<Record<string, unknown> & { latchkey_key: unknown }>(
        page(
          sql`${names}, ${sql.ref(key)} as latchkey_key from ${sql.table(table)} where ${behind} order by ${sql.ref(key)}`,
        ),
      )
      yield rows
      if (rows.length < portion) return
      last = rows.at(-1)?.latchkey_key
    }
  }

  /** Without a key the order is that of the columns; what is written meanwhile may be missed or come twice. */
  async function* byOffset(table: string, names: RawBuilder<unknown>, columns: readonly string[]) {
    const order = sql.join(columns.map((column) => sql.ref(column)))
    for (let at = 0; ; at += portion) {
      const from = sql`select ${names} from ${sql.table(table)} order by ${order}`
      const rows = await ask<Record<string, unknown>>(
        isSqlServer
          ? sql`${from} offset ${sql.lit(at)} rows fetch next ${sql.lit(portion)} rows only`
          : sql`${from} limit ${sql.lit(portion)} offset ${sql.lit(at)}`,
      )
      yield rows
      if (rows.length < portion) return
    }
  }
}

/** Of the catalogue, which everybody may read; information_schema shows keys to owners only. */
const postgresKey = (table: string): RawBuilder<unknown> => sql`
  select a.attname as name from pg_catalog.pg_index i
  join pg_catalog.pg_class t on t.oid = i.indrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = any (i.indkey)
  where i.indisprimary and n.nspname = current_schema() and t.relname = ${table}`

const standardKey = (table: string, here: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select k.column_name as name from information_schema.table_constraints c
  join information_schema.key_column_usage k
    on k.constraint_name = c.constraint_name and k.table_schema = c.table_schema
    and k.table_name = c.table_name
  where c.constraint_type = 'PRIMARY KEY' and c.table_schema = ${here} and c.table_name = ${table}`
