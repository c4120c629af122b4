import type { SessionAndUser } from '../store.js'
import type { SqlDialect } from './dialect.js'
import type { SessionRow, UserRow } from './schema.js'
import { sessionColumns, toSession } from './sessions.js'
import { statement } from './statement.js'
import { toUser, userColumns } from './users.js'

type Prefixed = { [Column in keyof UserRow as `account_${Column}`]: UserRow[Column] }
type JoinedRow = SessionRow & (Prefixed | { account_id: null })

/** Both in one round trip: what every refresh and every look at an access token begins with. */
export const findSessionAndUser = ({ builder, reader }: Pick<SqlDialect, 'builder' | 'reader'>) => {
  const find = statement<{ id: string }, JoinedRow>(['id'], ({ id }) =>
    builder
      .selectFrom('latchkey_sessions as session')
      .leftJoin('latchkey_users as account', 'account.id', 'session.user_id')
      .select(sessionColumns.map((column) => `session.${column}` as const))
      .select(userColumns.map((column) => `account.${column} as account_${column}` as const))
      .where('session.id', '=', id)
      .$castTo<JoinedRow>(),
  )
  return async (id: string): Promise<SessionAndUser | undefined> => {
    const [row] = await reader.rows(find({ id }))
    if (row === undefined) return undefined
    return {
      session: toSession(row),
      user: row.account_id === null ? undefined : toUser(accountOf(row)),
    }
  }
}

const accountOf = (row: Prefixed): UserRow => ({
  id: row.account_id,
  email: row.account_email,
  canonical_email: row.account_canonical_email,
  username: row.account_username,
  canonical_username: row.account_canonical_username,
  first_name: row.account_first_name,
  last_name: row.account_last_name,
  email_verified: row.account_email_verified,
  is_active: row.account_is_active,
  roles: row.account_roles,
  password_hash: row.account_password_hash,
  created_at: row.account_created_at,
  updated_at: row.account_updated_at,
  last_login_at: row.account_last_login_at,
})
