import { type ColumnTypes, commonTypes } from '../column-types.js'
import { sql } from '../kysely.js'
import { refusal } from './sentences.js'

/** Collations that compare bytes, blanks at the end among them. */
export const typesFor = (named: string): ColumnTypes => {
  const isMariaDb = /mariadb/i.test(named)
  const version = named.replace(/^5\.5\.5-(?=\d)/, '') // what MariaDB says to clients that expect a MySQL
  const [oldest, collation] = isMariaDb
    ? (['10.11.0', 'utf8mb4_nopad_bin'] as const)
    : (['8.0.17', 'utf8mb4_0900_bin'] as const)
  if (isOlder(version, oldest)) {
    throw refusal(
      `is on a ${isMariaDb ? 'MariaDB' : 'MySQL'} older than ${oldest.replace(/\.0$/, '')}. Upgrade the server`,
    )
  }
  const bytewise = sql.raw(`character set utf8mb4 collate ${collation}`)
  return {
    ...commonTypes,
    text: (most) => sql`varchar(${sql.lit(most)}) ${bytewise}`,
    longText: sql`mediumtext ${bytewise}`,
    counter: { type: 'bigint', modify: (column) => column.primaryKey().autoIncrement() },
    dropIndex: (db, table, name) => db.schema.dropIndex(name).on(table),
  }
}

const isOlder = (version: string, oldest: string): boolean => {
  const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number)
  const [mine, least] = [numbers(version), numbers(oldest)]
  const at = least.findIndex((number, index) => number !== mine[index])
  return at !== -1 && (mine[at] ?? 0) < (least[at] ?? 0)
}
