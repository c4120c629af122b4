import { openDialect } from '../open.js'
import { sqliteFile } from '../sqlite/files.js'
import type { Reading } from './reading.js'
import { readServer } from './server-reading.js'
import { readSqlite } from './sqlite-reading.js'

/** @throws ConfigurationError */
export const openReading = (url: string): Reading => {
  const file = sqliteFile(url.replace(/^sqlite\+[a-z0-9]+:/, 'sqlite:'))
  return file === undefined ? readServer(openDialect(url)) : readSqlite(file)
}
