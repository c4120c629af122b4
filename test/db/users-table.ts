import { inspect } from 'node:util'
import { createDb, DatabaseError, type Db } from '../../src/db/db.js'
import type { Database } from './databases.js'

/** A database with a table of users, emptied between tests. */
export const usersTable = ({ open, fresh, close, text }: Database) => {
  let db: Db | undefined
  const opened = (): Db => {
    if (db === undefined) throw new Error('The table is not open')
    return db
  }
  return {
    open: async (): Promise<Db> => {
      await open()
      db = createDb(await fresh({ keep: true }))
      await db.safeQuery(
        `create table users (id integer primary key, name ${text} not null unique)`,
      )
      return db
    },
    empty: async (): Promise<void> => {
      await opened().sql`delete from users`.none()
    },
    close: async (): Promise<void> => {
      await db?.close()
      await close()
    },
    add: (id: number, name: string): Promise<number> =>
      opened().sql`insert into users (id, name) values (${id}, ${name})`.none(),
    count: async (): Promise<number> => (await opened().sql`select id from users`.all()).length,
  }
}

/** What a statement that must fail failed with. */
export const failure = async (run: () => Promise<unknown>): Promise<DatabaseError> => {
  try {
    const result = await run()
    throw new Error(`It did not fail: ${inspect(result)}`)
  } catch (error) {
    if (error instanceof DatabaseError) return error
    throw error
  }
}
