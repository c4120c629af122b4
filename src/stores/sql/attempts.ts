import type { Kysely } from 'kysely'
import type { AttemptRow, AttemptStore } from '../../features/limits/store.js'
import { type AttemptRows, reserveOn } from '../reserving.js'
import type { Connection, Query, SqlDialect } from './dialect.js'
import { removeOldest } from './remove-oldest.js'
import type { AttemptsRow, Schema } from './schema.js'
import { statement } from './statement.js'

const table = 'latchkey_attempts'
const columns = [
  'id',
  'subject_id',
  'address',
  'failures',
  'last_at',
  'blocked_until',
] as const satisfies readonly (keyof AttemptsRow)[]

type Before = Record<'wasFailures' | 'wasLastAt' | 'wasBlockedUntil', number>

/** Not null, so that one plain comparison is enough to see that a row is as it was. */
const neverBlocked = 0

/** A row that was made to be held and counts nothing yet. */
const unused = {
  subject_id: null,
  address: null,
  failures: 0,
  last_at: 0,
  blocked_until: neverBlocked,
}

const statementsOf = (db: Kysely<Schema>) => ({
  insert: statement<AttemptsRow, unknown>(columns, (row) => db.insertInto(table).values(row)),
  // one row changed means that nobody came in between: the compare and the swap are one statement
  swap: statement<AttemptsRow & Before, unknown>(
    [...columns, 'wasFailures', 'wasLastAt', 'wasBlockedUntil'],
    ({ id, wasFailures, wasLastAt, wasBlockedUntil, ...row }) =>
      db
        .updateTable(table)
        .set({
          subject_id: row.subject_id,
          address: row.address,
          failures: row.failures,
          last_at: row.last_at,
          blocked_until: row.blocked_until,
        })
        .where('id', '=', id)
        .where('failures', '=', wasFailures)
        .where('last_at', '=', wasLastAt)
        .where('blocked_until', '=', wasBlockedUntil),
  ),
  find: statement<Record<'one' | 'two' | 'three', string>, AttemptsRow>(
    ['one', 'two', 'three'],
    ({ one, two, three }) =>
      db.selectFrom(table).select(columns).where('id', 'in', [one, two, three]),
  ),
  // makes the row if there is none, and holds it: who comes next for it waits, and for none that stands behind it
  hold: statement<{ id: string }, AttemptsRow>(['id'], ({ id }) =>
    db
      .insertInto(table)
      .values({ id, ...unused })
      .onConflict((taken) =>
        taken.column('id').doUpdateSet(({ ref }) => ({ failures: ref(`${table}.failures`) })),
      )
      .returning(columns),
  ),
  giveBack: statement<{ id: string; block: number }, unknown>(['id', 'block'], ({ id, block }) =>
    db
      .updateTable(table)
      .set(({ eb, ref, lit }) => ({
        failures: eb('failures', '-', lit(1)),
        blocked_until: eb
          .case()
          .when('blocked_until', '=', block)
          .then(lit(neverBlocked))
          .else(ref('blocked_until'))
          .end(),
      }))
      .where('id', '=', id)
      .where('failures', '>', 0),
  ),
  fail: statement<{ id: string; now: number; until: number }, unknown>(
    ['id', 'now', 'until'],
    ({ id, now, until }) =>
      db
        .updateTable(table)
        .set(({ eb, ref }) => ({
          last_at: now,
          blocked_until: eb
            .case()
            .when('blocked_until', '<', until)
            .then(until)
            .else(ref('blocked_until'))
            .end(),
        }))
        .where('id', '=', id),
  ),
  clear: statement<{ id: string }, unknown>(['id'], ({ id }) =>
    db.deleteFrom(table).where('id', '=', id),
  ),
})

export const sqlAttempts = (dialect: Pick<SqlDialect, 'builder' | 'first' | 'holdsRows'>) => {
  const { builder, first, holdsRows = false } = dialect
  const statements = statementsOf(builder)

  return (connection: Connection): AttemptStore => {
    const giveBack: AttemptStore['giveBack'] = async (rows, forgotten = []) => {
      for (const id of forgotten) await connection.send(statements.clear({ id }))
      for (const { key, blockedUntil } of rows)
        await connection.send(statements.giveBack({ id: key, block: blockOf(blockedUntil, -1) }))
    }
    const find = async (keys: readonly string[]): Promise<AttemptsRow[]> => {
      const found: AttemptsRow[] = []
      for (let at = 0; at < keys.length; at += 3) {
        const [one = '', two = one, three = one] = keys.slice(at, at + 3)
        found.push(...(await connection.rows(statements.find({ one, two, three }))))
      }
      return found
    }
    const swapOf = (before: Omit<AttemptsRow, 'id'>, after: AttemptRow): Query =>
      statements.swap({
        wasFailures: before.failures,
        wasLastAt: before.last_at,
        wasBlockedUntil: before.blocked_until,
        ...toRow(after),
      })
    /** One after the other, as everybody takes them, and sent at once. */
    const held: AttemptRows = {
      isHeld: true,
      find: async (keys) => {
        const rows = await Promise.all(keys.map((id) => connection.rows(statements.hold({ id }))))
        return rows.flat().flatMap((row) => (row.last_at === unused.last_at ? [] : toAttempt(row)))
      },
      insert: (row) => connection.send(swapOf(unused, row)).then(() => true),
      swap: (before, after) => connection.send(swapOf(toRow(before), after)).then(() => true),
      giveBack,
    }
    const free: AttemptRows = {
      find: async (keys) => (await find(keys)).map(toAttempt),
      insert: async (row) =>
        (await connection.executeUnlessTaken(statements.insert(toRow(row)))) !== undefined,
      swap: async (before, after) => (await connection.execute(swapOf(toRow(before), after))) === 1,
      giveBack,
    }
    return {
      reserve: reserveOn(holdsRows ? held : free),
      giveBack,
      fail: (key, now, until) =>
        connection.send(statements.fail({ id: key, now: now.getTime(), until: blockOf(until) })),
      clear: async (keys) => {
        let count = 0
        for (const id of keys) count += await connection.execute(statements.clear({ id }))
        return count
      },
      clearAll: (of) => {
        const all = builder.deleteFrom(table)
        const matching =
          'subjectId' in of
            ? all.where('subject_id', '=', of.subjectId)
            : all.where('address', '=', of.address)
        return connection.execute(matching.compile())
      },
      listBlocked: async ({ now, afterKey = '', limit }) => {
        const blocked = builder
          .selectFrom(table)
          .select(columns)
          .where('blocked_until', '>', now.getTime())
          .where('id', '>', afterKey)
          .orderBy('id')
        return (await connection.rows<AttemptsRow>(first(blocked, limit).compile())).map(toAttempt)
      },
      removeForgotten: (before, limit) =>
        removeOldest(dialect, connection, { table, column: 'last_at', before, limit }),
    }
  }
}

const blockOf = (until: Date | null, otherwise = neverBlocked): number =>
  until?.getTime() ?? otherwise

const toRow = (row: AttemptRow): AttemptsRow => ({
  id: row.key,
  subject_id: row.subjectId,
  address: row.address,
  failures: row.failures,
  last_at: row.lastAt.getTime(),
  blocked_until: blockOf(row.blockedUntil),
})

const toAttempt = (row: AttemptsRow): AttemptRow => ({
  key: row.id,
  subjectId: row.subject_id,
  address: row.address,
  failures: row.failures,
  lastAt: new Date(row.last_at),
  blockedUntil: row.blocked_until === neverBlocked ? null : new Date(row.blocked_until),
})
