import type { Kysely } from 'kysely'
import type { UserStore } from '../../features/accounts/store.js'
import type { Connection, SqlDialect } from './dialect.js'
import type { NumberRow, Schema } from './schema.js'
import { statement } from './statement.js'

const table = 'latchkey_numbers'
const id = 'users'

const statementsOf = (db: Kysely<Schema>) => ({
  // the row is locked until its transaction ends, so what is read after it is the number it became here
  count: statement<{ id: string }, unknown>(['id'], ({ id }) =>
    db
      .updateTable(table)
      .set(({ eb, lit }) => ({ last: eb('last', '+', lit(1)) }))
      .where('id', '=', id),
  ),
  last: statement<{ id: string }, NumberRow>(['id'], ({ id }) =>
    db.selectFrom(table).select(['id', 'last']).where('id', '=', id),
  ),
  insert: statement<NumberRow, unknown>(['id', 'last'], (row) => db.insertInto(table).values(row)),
  raise: statement<{ id: string; least: number }, unknown>(['id', 'least'], ({ id, least }) =>
    db.updateTable(table).set({ last: least }).where('id', '=', id).where('last', '<', least),
  ),
})

/** Numbers for accounts, from one row that everybody updates; the first who needs it makes it. */
export const sqlNumbers = ({ builder }: Pick<SqlDialect, 'builder'>) => {
  const statements = statementsOf(builder)

  return (connection: Connection): Required<Pick<UserStore, 'nextNumber' | 'raiseNumber'>> => {
    const begin = async (last: number): Promise<boolean> =>
      (await connection.executeUnlessTaken(statements.insert({ id, last }))) !== undefined

    return {
      nextNumber: async () => {
        if ((await connection.execute(statements.count({ id }))) === 0) {
          if (await begin(1)) return 1
          await connection.execute(statements.count({ id })) // somebody was quicker
        }
        const [row] = await connection.rows(statements.last({ id }))
        if (row === undefined) throw new Error('The row of the last number is gone')
        return row.last
      },
      raiseNumber: async (least) => {
        const raise = statements.raise({ id, least })
        if ((await connection.execute(raise)) === 1) return
        const [row] = await connection.rows(statements.last({ id }))
        if (row === undefined && !(await begin(least))) await connection.execute(raise)
      },
    }
  }
}
