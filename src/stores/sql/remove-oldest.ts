import type { Connection, SqlDialect } from './dialect.js'

/** Rows of a table by the instant in a column: those at or before it, the oldest first, and no more than a limit. */
type Oldest = {
  table: 'latchkey_sessions' | 'latchkey_attempts' | 'latchkey_spent'
  column: 'expires_at' | 'last_at'
  before: Date
  limit: number
}

/** Found first and removed by id, because not every database can limit a removal; returns how many there were. */
export const removeOldest = async (
  { builder, first }: Pick<SqlDialect, 'builder' | 'first'>,
  connection: Connection,
  { table, column, before, limit }: Oldest,
): Promise<number> => {
  const instant = builder.dynamic.ref<never>(column)
  const found = builder
    .selectFrom(table)
    .select('id')
    .where(instant, '<=', before.getTime())
    .orderBy(instant)
  const rows = await connection.rows<{ id: string }>(first(found, limit).compile())
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => id)
  const removal = builder.deleteFrom(table).where('id', 'in', ids)
  return connection.execute(removal.where(instant, '<=', before.getTime()).compile())
}
