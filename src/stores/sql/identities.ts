import type { Kysely } from 'kysely'
import type { Identity, IdentityStore } from '../../features/oauth/store.js'
import type { Connection, SqlDialect } from './dialect.js'
import type { IdentityRow, Schema } from './schema.js'
import { statement } from './statement.js'

const table = 'latchkey_identities'
const columns = [
  'id',
  'user_id',
  'provider',
  'subject',
  'email',
  'first_name',
  'last_name',
  'picture',
  'sealed_tokens',
  'created_at',
  'last_used_at',
] as const satisfies readonly (keyof IdentityRow)[]

type News = Omit<IdentityRow, 'user_id' | 'provider' | 'subject' | 'created_at'>

const statementsOf = (db: Kysely<Schema>) => ({
  insert: statement<IdentityRow, unknown>(columns, (row) => db.insertInto(table).values(row)),
  find: statement<{ provider: string; subject: string }, IdentityRow>(
    ['provider', 'subject'],
    ({ provider, subject }) =>
      db
        .selectFrom(table)
        .select(columns)
        .where('provider', '=', provider)
        .where('subject', '=', subject),
  ),
  list: statement<{ userId: string }, IdentityRow>(['userId'], ({ userId }) =>
    db
      .selectFrom(table)
      .select(columns)
      .where('user_id', '=', userId)
      .orderBy('created_at')
      .orderBy('id'),
  ),
  refresh: statement<News, unknown>(
    ['id', 'email', 'first_name', 'last_name', 'picture', 'sealed_tokens', 'last_used_at'],
    ({ id, ...news }) =>
      db
        .updateTable(table)
        .set({
          email: news.email,
          first_name: news.first_name,
          last_name: news.last_name,
          picture: news.picture,
          sealed_tokens: news.sealed_tokens,
          last_used_at: news.last_used_at,
        })
        .where('id', '=', id),
  ),
  use: statement<{ id: string; userId: string; now: number }, unknown>(
    ['id', 'userId', 'now'],
    ({ id, userId, now }) =>
      db
        .updateTable(table)
        .set({ last_used_at: now })
        .where('id', '=', id)
        .where('user_id', '=', userId),
  ),
  // changes nothing but holds all rows of the user, so that removals of one user come one after the other
  hold: statement<{ userId: string; same: string }, unknown>(['userId', 'same'], (values) =>
    db.updateTable(table).set({ user_id: values.same }).where('user_id', '=', values.userId),
  ),
  remove: statement<{ id: string }, unknown>(['id'], ({ id }) =>
    db.deleteFrom(table).where('id', '=', id),
  ),
  removeAll: statement<{ userId: string }, unknown>(['userId'], ({ userId }) =>
    db.deleteFrom(table).where('user_id', '=', userId),
  ),
})

export const sqlIdentities = ({ builder }: Pick<SqlDialect, 'builder'>) => {
  const statements = statementsOf(builder)

  return (connection: Connection): IdentityStore => {
    const list = async (userId: string): Promise<Identity[]> =>
      (await connection.rows(statements.list({ userId }))).map(toIdentity)

    return {
      insertIfAbsent: async (identity) =>
        (await connection.executeUnlessTaken(statements.insert(toRow(identity)))) !== undefined,
      find: async (provider, subject) => {
        const [row] = await connection.rows(statements.find({ provider, subject }))
        return row && toIdentity(row)
      },
      list,
      refresh: async (id, { lastUsedAt, ...news }) => {
        const query = statements.refresh({
          id,
          email: news.email,
          first_name: news.firstName,
          last_name: news.lastName,
          picture: news.picture,
          sealed_tokens: news.sealedTokens,
          last_used_at: lastUsedAt.getTime(),
        })
        return (await connection.execute(query)) === 1
      },
      use: async (id, userId, now) =>
        (await connection.execute(statements.use({ id, userId, now: now.getTime() }))) === 1,
      remove: async ({ userId, id, leavesOneOf }) => {
        await connection.execute(statements.hold({ userId, same: userId }))
        const all = await list(userId)
        if (!all.some((identity) => identity.id === id)) return 'missing'
        const others = all.filter((other) => other.id !== id)
        if (leavesOneOf && !others.some(({ provider }) => leavesOneOf.includes(provider)))
          return 'last'
        return (await connection.execute(statements.remove({ id }))) === 1 ? 'removed' : 'missing'
      },
      removeAll: (userId) => connection.execute(statements.removeAll({ userId })),
    }
  }
}

const toRow = (identity: Identity): IdentityRow => ({
  id: identity.id,
  user_id: identity.userId,
  provider: identity.provider,
  subject: identity.subject,
  email: identity.email,
  first_name: identity.firstName,
  last_name: identity.lastName,
  picture: identity.picture,
  sealed_tokens: identity.sealedTokens,
  created_at: identity.createdAt.getTime(),
  last_used_at: identity.lastUsedAt.getTime(),
})

const toIdentity = (row: IdentityRow): Identity => ({
  id: row.id,
  userId: row.user_id,
  provider: row.provider,
  subject: row.subject,
  email: row.email,
  firstName: row.first_name,
  lastName: row.last_name,
  picture: row.picture,
  sealedTokens: row.sealed_tokens,
  createdAt: new Date(row.created_at),
  lastUsedAt: new Date(row.last_used_at),
})
