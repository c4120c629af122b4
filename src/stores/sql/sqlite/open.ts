import { ConfigurationError } from '../../../errors.js'
import type { SqlDialect } from '../dialect.js'
import { sqliteFile } from './files.js'
import { sqliteDialect } from './sqlite.js'

/** @throws ConfigurationError */
export const openSqliteFile = (url: string): SqlDialect => {
  const file = sqliteFile(url)
  if (file === undefined) {
    throw new ConfigurationError([
      { option: 'store', detail: 'must name a file, as in sqlite:./data/latchkey.db' },
    ])
  }
  try {
    return sqliteDialect(file)
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    const reason = error instanceof Error ? error.message : 'unknown reason'
    throw new ConfigurationError([
      {
        option: 'store',
        detail: `the SQLite file cannot be opened (${reason}). Check that its folder exists, that this user may write there, and that the disk has space.`,
      },
    ])
  }
}
