import { existsSync } from 'node:fs'
import { ConfigurationError } from '../../../errors.js'
import { trusted } from '../../../lib/trusted.js'
import { openSqliteReadOnly } from '../sqlite/driver.js'
import { portion, type Reading } from './reading.js'

/** An SQLite file that is opened read-only: not even its journal is changed. @throws ConfigurationError */
export const readSqlite = (file: string): Reading => {
  if (!existsSync(file)) {
    const detail = `names the SQLite file ${file}, which is not there`
    throw new ConfigurationError([{ option: 'from', detail }])
  }
  const database = openSqliteReadOnly(file)
  const all = <Row>(text: string): Row[] => trusted<Row[]>(database.prepare(text).all())

  return {
    name: 'sqlite',
    tables: async () => {
      const columns = all<{ name: string; column: string }>(
        `select t.name as name, c.name as "column" from sqlite_schema t
          join pragma_table_xinfo(t.name) c where t.type in ('table', 'view') order by t.name, c.cid`,
      )
      const byTable = new Map<string, string[]>()
      for (const { name, column } of columns)
        byTable.set(name, [...(byTable.get(name) ?? []), column])
      return [...byTable].map(([name, columns]) => ({ name, columns }))
    },
    rows: async function* (table, columns) {
      const text = `select ${columns.map(quoted).join(', ')} from ${quoted(table)}`
      let rows: Record<string, unknown>[] = []
      for (const row of database.prepare(text).iterate()) {
        rows.push({ ...trusted<Record<string, unknown>>(row) }) // SQLite's have no prototype
        if (rows.length < portion) continue
        yield rows
        rows = []
      }
      yield rows
    },
    close: async () => database.close(),
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
