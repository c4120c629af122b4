import type { WaitingLine } from '../../lib/waiting-line.js'
import { createAdmission } from '../admission.js'
import type { Connection, SqlDialect } from './dialect.js'

/**
 * The dialect as requests use it: no more of them wait for a connection, or for the one who writes, than the line takes.
 * Migrations and looks at the place itself do not stand in it; there are few of them, and a flood must not keep them out.
 */
export const bounded = (dialect: SqlDialect, line: WaitingLine): SqlDialect => {
  const admit = createAdmission({ atOnce: dialect.atOnce, line })
  const { rows, execute, send, executeUnlessTaken } = dialect.reader
  const reader: Connection = {
    rows: (query) => admit(() => rows(query)),
    execute: (query) => admit(() => execute(query)),
    send: (query) => admit(() => send(query)),
    executeUnlessTaken: (query) => admit(() => executeUnlessTaken(query)),
  }
  return {
    ...dialect,
    // in this process reading is done at once
    ...(!dialect.isInProcess && { reader }),
    transaction: (work, patience) => admit(() => dialect.transaction(work, patience)),
  }
}
