import type { Insertable, Selectable } from 'kysely'
import type {
  AuthEvent,
  ChainedEvent,
  EventStore,
  RecordedEvent,
} from '../../features/events/store.js'
import { trusted } from '../../lib/trusted.js'
import type { Connection, SqlDialect } from './dialect.js'
import { instantOf } from './instant-of.js'
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
  'chain',
  'number',
  'mac',
] as const

export const sqlEvents = ({ builder: db, first }: Pick<SqlDialect, 'builder' | 'first'>) => {
  const insert = statement<Insertable<EventRow>, unknown>(columns, (row) =>
    db.insertInto(table).values(row),
  )

  return (connection: Connection): EventStore => ({
    append: async (event) => {
      await connection.send(insert(toRow(event)))
    },
    list: async ({ subjectId, afterSequence = 0, newestFirst = false, limit }) => {
      const all = db
        .selectFrom(table)
        .selectAll()
        .where('sequence', '>', afterSequence)
        .orderBy('sequence', newestFirst ? 'desc' : 'asc')
      const matching = subjectId === undefined ? all : all.where('subject_id', '=', subjectId)
      const query = first(matching, limit)
      return (await connection.rows<Selectable<EventRow>>(query.compile())).map(toEvent)
    },
    remove: async (sequences) => {
      if (sequences.length === 0) return
      const query = db.deleteFrom(table).where('sequence', 'in', [...sequences])
      await connection.execute(query.compile())
    },
  })
}

const toRow = (event: ChainedEvent): Insertable<EventRow> => ({
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
  chain: event.chain,
  number: event.number,
  mac: event.mac,
})

const toEvent = (row: Selectable<EventRow>): RecordedEvent => ({
  sequence: row.sequence,
  id: row.id,
  type: trusted<AuthEvent['type']>(row.type),
  at: instantOf(row.at),
  outcome: trusted<AuthEvent['outcome']>(row.outcome),
  actorId: row.actor_id,
  subjectId: row.subject_id,
  sessionId: row.session_id,
  address: row.address,
  userAgent: row.user_agent,
  requestId: row.request_id,
  details: detailsIn(row.details),
  chain: row.chain,
  number: row.number,
  mac: row.mac,
})

/** What was written there. A text that we did not write is shown as it is: nobody may read two things out of one. */
const detailsIn = (text: string): AuthEvent['details'] => {
  try {
    const details: AuthEvent['details'] = JSON.parse(text)
    if (JSON.stringify(details) === text) return details
  } catch {
    // no JSON
  }
  return { unreadable: String(text) }
}
