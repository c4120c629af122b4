import { openDialect } from '../open.js'
import { sqliteFile } from '../sqlite/files.js'
import { readServer } from './server-reading.js'
import { readSqlite } from './sqlite-reading.js'

/** Tables of somebody else, to be read and never written. */
export type Reading = {
  /** For people: 'postgres'. */
  name: string
  tables(): Promise<{ name: string; columns: string[] }[]>
  /** All rows of a table, in portions. */
  rows(
    table: string,
    columns: readonly string[],
  ): AsyncIterable<readonly Readonly<Record<string, unknown>>[]>
  close(): Promise<void>
}

/** @throws ConfigurationError */
export const openReading = (url: string): Reading => {
  const file = sqliteFile(url.replace(/^sqlite\+[a-z0-9]+:/, 'sqlite:'))
  return file === undefined ? readServer(openDialect(url)) : readSqlite(file)
}

/** Rows that are fetched at a time. */
export const portion = 1000
