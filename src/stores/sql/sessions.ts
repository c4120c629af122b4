import type { Session, SessionStore } from '../../features/sessions/store.js'
import type { Connection, SqlDialect } from './dialect.js'
import { removeOldest } from './remove-oldest.js'
import type { SessionRow } from './schema.js'
import { statement, statementFor } from './statement.js'

const table = 'latchkey_sessions'
export const sessionColumns = [
  'id',
  'user_id',
  'nonce',
  'generation',
  'created_at',
  'last_used_at',
  'expires_at',
  'revoked_at',
  'address',
  'user_agent',
  'method',
] as const satisfies readonly (keyof SessionRow)[]

type RotateValues = {
  id: string
  generation: number
  nextGeneration: number
  now: number
  expiresAt: number
}

type LiveValues = { userId: string; now: number }
type OtherValues = LiveValues & { newestId: string }

type Wording = Pick<SqlDialect, 'builder' | 'first' | 'nth'>

/** Newest first. */
const liveOf = (db: SqlDialect['builder'], { userId, now }: LiveValues) =>
  db
    .selectFrom(table)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('id', 'desc')

const statementsOf = ({ builder: db, first, nth }: Wording) => ({
  insert: statement<SessionRow, unknown>(sessionColumns, (row) => db.insertInto(table).values(row)),
  find: statement<{ id: string }, SessionRow>(['id'], ({ id }) =>
    db.selectFrom(table).select(sessionColumns).where('id', '=', id),
  ),
  // one row changed means this caller won: the compare and the swap are one statement
  rotate: statement<RotateValues, unknown>(
    ['id', 'generation', 'nextGeneration', 'now', 'expiresAt'],
    ({ id, generation, nextGeneration, now, expiresAt }) =>
      db
        .updateTable(table)
        .set({ generation: nextGeneration, last_used_at: now, expires_at: expiresAt })
        .where('id', '=', id)
        .where('generation', '=', generation)
        .where('revoked_at', 'is', null),
  ),
  revoke: statement<{ id: string; now: number }, unknown>(['id', 'now'], ({ id, now }) =>
    db
      .updateTable(table)
      .set({ revoked_at: now })
      .where('id', '=', id)
      .where('revoked_at', 'is', null),
  ),
  revokeAll: statement<{ userId: string; exceptId: string; now: number }, unknown>(
    ['userId', 'exceptId', 'now'],
    ({ userId, exceptId, now }) =>
      db
        .updateTable(table)
        .set({ revoked_at: now })
        .where('user_id', '=', userId)
        .where('id', '<>', exceptId)
        .where('revoked_at', 'is', null),
  ),
  live: statementFor((limit) =>
    statement<LiveValues, SessionRow>(['userId', 'now'], (values) =>
      first(liveOf(db, values).select(sessionColumns), limit),
    ),
  ),
  liveAfter: statementFor((limit) =>
    statement<LiveValues & { afterId: string }, SessionRow>(
      ['userId', 'now', 'afterId'],
      ({ afterId, ...values }) =>
        first(liveOf(db, values).select(sessionColumns).where('id', '<', afterId), limit),
    ),
  ),
  otherAt: statementFor((place) =>
    statement<OtherValues, Pick<SessionRow, 'id'>>(
      ['userId', 'now', 'newestId'],
      ({ newestId, ...values }) =>
        nth(liveOf(db, values).select('id').where('id', '<>', newestId), place),
    ),
  ),
  revokeOthersFrom: statement<OtherValues & { id: string }, unknown>(
    ['userId', 'now', 'newestId', 'id'],
    ({ userId, now, newestId, id }) =>
      db
        .updateTable(table)
        .set({ revoked_at: now })
        .where('user_id', '=', userId)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .where('id', '<=', id)
        .where('id', '<>', newestId),
  ),
  removeAll: statement<{ userId: string }, unknown>(['userId'], ({ userId }) =>
    db.deleteFrom(table).where('user_id', '=', userId),
  ),
})

export const sqlSessions = (dialect: Wording) => {
  const statements = statementsOf(dialect)

  return (connection: Connection): SessionStore => ({
    insert: (session) => connection.send(statements.insert(toRow(session))),
    insertIfAbsent: async (session) =>
      (await connection.executeUnlessTaken(statements.insert(toRow(session)))) !== undefined,
    find: async (id) => {
      const [row] = await connection.rows(statements.find({ id }))
      return row && toSession(row)
    },
    listLive: async ({ userId, now, afterId, limit }) => {
      const values = { userId, now: now.getTime() }
      const query =
        afterId === undefined
          ? statements.live(limit)(values)
          : statements.liveAfter(limit)({ afterId, ...values })
      return (await connection.rows(query)).map(toSession)
    },
    rotate: async ({ id, generation, next = generation + 1, now, expiresAt }) => {
      const changed = await connection.execute(
        statements.rotate({
          id,
          generation,
          nextGeneration: next,
          now: now.getTime(),
          expiresAt: expiresAt.getTime(),
        }),
      )
      return changed === 1
    },
    revoke: async (id, now) =>
      (await connection.execute(statements.revoke({ id, now: now.getTime() }))) === 1,
    revokeAll: (userId, now, exceptId = '') =>
      connection.execute(statements.revokeAll({ userId, exceptId, now: now.getTime() })),
    revokeBeyond: async ({ userId, newestId, keep, now }) => {
      const values = { userId, newestId, now: now.getTime() }
      const [first] = await connection.rows(statements.otherAt(keep)(values))
      if (first === undefined) return 0
      return connection.execute(statements.revokeOthersFrom({ id: first.id, ...values }))
    },
    removeAll: async (userId) => {
      await connection.execute(statements.removeAll({ userId }))
    },
    removeExpired: (before, limit) =>
      removeOldest(dialect, connection, { table, column: 'expires_at', before, limit }),
  })
}

const toRow = (session: Session): SessionRow => ({
  id: session.id,
  user_id: session.userId,
  nonce: session.nonce,
  generation: session.generation,
  created_at: session.createdAt.getTime(),
  last_used_at: session.lastUsedAt.getTime(),
  expires_at: session.expiresAt.getTime(),
  revoked_at: session.revokedAt?.getTime() ?? null,
  address: session.address,
  user_agent: session.userAgent,
  method: session.method,
})

export const toSession = (row: SessionRow): Session => ({
  id: row.id,
  userId: row.user_id,
  nonce: row.nonce,
  generation: row.generation,
  createdAt: new Date(row.created_at),
  lastUsedAt: new Date(row.last_used_at),
  expiresAt: new Date(row.expires_at),
  revokedAt: row.revoked_at === null ? null : new Date(row.revoked_at),
  address: row.address,
  userAgent: row.user_agent,
  method: row.method,
})
