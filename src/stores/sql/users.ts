import type { Compilable, Kysely } from 'kysely'
import type { ProfileChange, User, UserStore } from '../../features/accounts/store.js'
import { sqlAdditions } from './add-users.js'
import type { Connection, SqlDialect } from './dialect.js'
import { sqlNumbers } from './numbers.js'
import type { Schema, UserRow } from './schema.js'
import { statement } from './statement.js'

const table = 'latchkey_users'

/** By name: a later version may add columns while this one runs, and prepared statements do not outlive a `*` that grows. */
export const userColumns = [
  'id',
  'email',
  'canonical_email',
  'username',
  'canonical_username',
  'first_name',
  'last_name',
  'email_verified',
  'is_active',
  'roles',
  'password_hash',
  'created_at',
  'updated_at',
  'last_login_at',
] as const satisfies readonly (keyof UserRow)[]

/** The statements, compiled once for a dialect. */
const statementsOf = (db: Kysely<Schema>) => {
  const selectBy = (column: 'id' | 'canonical_email' | 'canonical_username') =>
    statement<{ value: string }, UserRow>(['value'], ({ value }) =>
      db.selectFrom(table).select(userColumns).where(column, '=', value),
    )
  return {
    insert: statement<UserRow, unknown>(userColumns, (row) => db.insertInto(table).values(row)),
    byId: selectBy('id'),
    byEmail: selectBy('canonical_email'),
    byUsername: selectBy('canonical_username'),
    recordLogin: statement<{ id: string; hash: string; now: number }, unknown>(
      ['id', 'hash', 'now'],
      ({ id, hash, now }) =>
        db
          .updateTable(table)
          .set({ last_login_at: now })
          .where('id', '=', id)
          .where('is_active', '=', 1)
          .where('password_hash', '=', hash),
    ),
    recordLoginWithoutPassword: statement<{ id: string; now: number }, unknown>(
      ['id', 'now'],
      ({ id, now }) =>
        db
          .updateTable(table)
          .set({ last_login_at: now })
          .where('id', '=', id)
          .where('is_active', '=', 1)
          .where('password_hash', 'is', null),
    ),
  }
}

export const sqlUsers = (dialect: Pick<SqlDialect, 'builder' | 'first' | 'beforeMany'>) => {
  const { builder: db, first } = dialect
  const statements = statementsOf(db)
  const numbers = sqlNumbers({ builder: db })
  const additions = sqlAdditions({ ...dialect, columns: userColumns, toRow })

  return (connection: Connection): UserStore => {
    const one = async (query: ReturnType<typeof statements.byId>): Promise<User | undefined> => {
      const [row] = await connection.rows(query)
      return row && toUser(row)
    }
    const find = (id: string) => one(statements.byId({ value: id }))
    const findByEmail = (email: string) => one(statements.byEmail({ value: email }))
    const findByUsername = (name: string) => one(statements.byUsername({ value: name }))
    const update = (id: string, set: Partial<UserRow>) =>
      db.updateTable(table).set(set).where('id', '=', id)
    const changesOne = async (query: Compilable): Promise<boolean> =>
      (await connection.execute(query.compile())) === 1

    return {
      ...numbers(connection),
      ...additions(connection),
      find,
      findByEmail,
      findByUsername,
      createIfAbsent: async (user) => {
        const inserted = await connection.executeUnlessTaken(statements.insert(toRow(user)))
        if (inserted !== undefined) return 'created'
        if (user.canonicalEmail && (await findByEmail(user.canonicalEmail))) return 'email_taken'
        if (user.canonicalUsername && (await findByUsername(user.canonicalUsername)))
          return 'username_taken'
        throw new Error('The id of a new account is taken')
      },
      updateProfile: async (id, change, now) => {
        const set = { ...toProfileRow(change), updated_at: now.getTime() }
        const updated = await connection.executeUnlessTaken(update(id, set).compile())
        if (updated === undefined) return 'username_taken'
        return updated === 1 ? 'updated' : 'missing'
      },
      replacePasswordHash: (id, from, to, now) => {
        const replace = update(id, { password_hash: to, updated_at: now.getTime() })
        return changesOne(
          from === null
            ? replace.where('password_hash', 'is', null)
            : replace.where('password_hash', '=', from),
        )
      },
      setActive: (id, isActive, now) =>
        changesOne(update(id, { is_active: Number(isActive), updated_at: now.getTime() })),
      verifyEmail: (id, { canonicalEmail, dropsPassword, now }) =>
        changesOne(
          update(id, {
            email_verified: 1,
            updated_at: now.getTime(),
            ...(dropsPassword && { password_hash: null }),
          })
            .where('canonical_email', '=', canonicalEmail)
            .where('email_verified', '=', 0),
        ),
      recordLogin: async (id, hash, now) => {
        const values = { id, now: now.getTime() }
        const query =
          hash === null
            ? statements.recordLoginWithoutPassword(values)
            : statements.recordLogin({ ...values, hash })
        return (await connection.execute(query)) === 1
      },
      remove: (id) => changesOne(db.deleteFrom(table).where('id', '=', id)),
      list: async ({ afterId = '', limit }) => {
        const all = db.selectFrom(table).select(userColumns).where('id', '>', afterId).orderBy('id')
        return (await connection.rows<UserRow>(first(all, limit).compile())).map(toUser)
      },
    }
  }
}

const toRow = (user: User): UserRow => ({
  id: user.id,
  email: user.email,
  canonical_email: user.canonicalEmail,
  username: user.username,
  canonical_username: user.canonicalUsername,
  first_name: user.firstName,
  last_name: user.lastName,
  email_verified: Number(user.emailVerified),
  is_active: Number(user.isActive),
  roles: JSON.stringify(user.roles),
  password_hash: user.passwordHash,
  created_at: user.createdAt.getTime(),
  updated_at: user.updatedAt.getTime(),
  last_login_at: user.lastLoginAt?.getTime() ?? null,
})

export const toUser = (row: UserRow): User => ({
  id: row.id,
  email: row.email,
  canonicalEmail: row.canonical_email,
  username: row.username,
  canonicalUsername: row.canonical_username,
  firstName: row.first_name,
  lastName: row.last_name,
  emailVerified: row.email_verified === 1,
  isActive: row.is_active === 1,
  roles: row.roles === '[]' ? [] : JSON.parse(row.roles),
  passwordHash: row.password_hash,
  createdAt: new Date(row.created_at),
  updatedAt: new Date(row.updated_at),
  lastLoginAt: row.last_login_at === null ? null : new Date(row.last_login_at),
})

const toProfileRow = (change: ProfileChange): Partial<UserRow> => {
  const row: Partial<UserRow> = {}
  if (change.username !== undefined) row.username = change.username
  if (change.canonicalUsername !== undefined) row.canonical_username = change.canonicalUsername
  if (change.firstName !== undefined) row.first_name = change.firstName
  if (change.lastName !== undefined) row.last_name = change.lastName
  return row
}
