import type { Insertable, Selectable } from 'kysely'
import type { AuthEvent, EventStore, RecordedEvent } from '../../features/events/store.js'
import { trusted } from '../../lib/trusted.js'
import type { Connection, SqlDialect } from './dialect.js'
import type { EventRow } from './schema.js'
import { statement } from './statement.js'

const table = 'latchkey_events'
const columns = [
  'id',
  'type',
  'at',
  'outcome',
  'actor_id',
  'subject_id',
  'session_id',
  'address',
  'user_agent',
  'request_id',
  'details',
] as const

export const sqlEvents = ({ builder: db, first }: Pick<SqlDialect, 'builder' | 'first'>) => {
  const insert = statement<Insertable<EventRow>, unknown>(columns, (row) =>
    db.insertInto(table).values(row),
  )

  return (connection: Connection): EventStore => ({
    append: async (event) => {
      await connection.send(insert(toRow(event)))
    },
    list: async ({ subjectId, afterSequence = 0, limit }) => {
      const all = db
        .selectFrom(table)
        .selectAll()
        .where('sequence', '>', afterSequence)
        .orderBy('sequence')
      const matching = subjectId === undefined ? all : all.where('subject_id', '=', subjectId)
      const query = first(matching, limit)
      return (await connection.rows<Selectable<EventRow>>(query.compile())).map(toEvent)
    },
  })
}

const toRow = (event: AuthEvent): Insertable<EventRow> => ({
  id: event.id,
  type: event.type,
  at: event.at.getTime(),
  outcome: event.outcome,
  actor_id: event.actorId,
  subject_id: event.subjectId,
  session_id: event.sessionId,
  address: event.address,
  user_agent: event.userAgent,
  request_id: event.requestId,
  details: JSON.stringify(event.details),
})

const toEvent = (row: Selectable<EventRow>): RecordedEvent => ({
  sequence: row.sequence,
  id: row.id,
  type: trusted<AuthEvent['type']>(row.type),
  at: new Date(row.at),
  outcome: row.outcome === 'failure' ? 'failure' : 'success',
  actorId: row.actor_id,
  subjectId: row.subject_id,
  sessionId: row.session_id,
  address: row.address,
  userAgent: row.user_agent,
  requestId: row.request_id,
  details: JSON.parse(row.details),
})
