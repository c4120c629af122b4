import type { Recorder, RecorderStore } from '../../features/events/store.js'
import type { Connection, SqlDialect } from './dialect.js'
import { instantOf } from './instant-of.js'
import type { RecorderRow } from './schema.js'

const table = 'latchkey_recorders'

export const sqlRecorders = ({ builder: db, first }: Pick<SqlDialect, 'builder' | 'first'>) => {
  const all = db.selectFrom(table).selectAll()

  return (connection: Connection): RecorderStore => ({
    append: async (recorder) => {
      const query = db.insertInto(table).values(toRow(recorder))
      return (await connection.executeUnlessTaken(query.compile())) !== undefined
    },
    last: async () => {
      const query = first(all.orderBy('number', 'desc'), 1)
      const [row] = await connection.rows<RecorderRow>(query.compile())
      return row && toRecorder(row)
    },
    list: async ({ afterNumber, limit }) => {
      const query = first(all.where('number', '>', afterNumber).orderBy('number'), limit)
      return (await connection.rows<RecorderRow>(query.compile())).map(toRecorder)
    },
    writeCheckpoint: async (id, checkpointNumber, checkpoint) => {
      const query = db
        .updateTable(table)
        .set({ checkpoint, checkpoint_number: checkpointNumber })
        .where('id', '=', id)
        .where('checkpoint_number', '<', checkpointNumber)
      return (await connection.execute(query.compile())) === 1
    },
    writeBases: async (id, basesNumber, bases) => {
      const query = db
        .updateTable(table)
        .set({ bases, bases_number: basesNumber })
        .where('id', '=', id)
        .where('bases_number', '=', basesNumber - 1)
      return (await connection.execute(query.compile())) === 1
    },
  })
}

const toRow = (recorder: Recorder): RecorderRow => ({
  id: recorder.id,
  number: recorder.number,
  started_at: recorder.startedAt.getTime(),
  is_trail_empty: recorder.isTrailEmpty ? 1 : 0,
  mac: recorder.mac,
  checkpoint: recorder.checkpoint,
  checkpoint_number: recorder.checkpointNumber,
  bases: recorder.bases,
  bases_number: recorder.basesNumber,
})

const toRecorder = (row: RecorderRow): Recorder => ({
  id: row.id,
  number: row.number,
  startedAt: instantOf(row.started_at),
  isTrailEmpty: row.is_trail_empty === 1,
  mac: row.mac,
  checkpoint: row.checkpoint,
  checkpointNumber: row.checkpoint_number,
  bases: row.bases,
  basesNumber: row.bases_number,
})
