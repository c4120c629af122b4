import type { SpentStore } from '../../features/oauth/store.js'
import type { Connection, SqlDialect } from './dialect.js'
import { removeOldest } from './remove-oldest.js'
import type { SpentRow } from './schema.js'
import { statement } from './statement.js'

const table = 'latchkey_spent'

export const sqlSpent = (dialect: Pick<SqlDialect, 'builder' | 'first'>) => {
  const insert = statement<SpentRow, unknown>(['id', 'expires_at'], (row) =>
    dialect.builder.insertInto(table).values(row),
  )
  return (connection: Connection): SpentStore => ({
    spend: async (id, expiresAt) => {
      const query = insert({ id, expires_at: expiresAt.getTime() })
      return (await connection.executeUnlessTaken(query)) !== undefined
    },
    removeExpired: (before, limit) =>
      removeOldest(dialect, connection, { table, column: 'expires_at', before, limit }),
  })
}
