import { expect, test } from 'vitest'
import { problemsOf } from '../../../../test/sqlserver/grammar.js'
import { trusted } from '../../../lib/trusted.js'
import type { Query } from '../dialect.js'
import { sqlserverDialectOn, sqlserverUrl } from '../sqlserver/sqlserver.js'
import { readSqlUrl } from '../url.js'
import { portion } from './reading.js'
import { readServer } from './server-reading.js'

const address = readSqlUrl('sqlserver://sa@localhost/app', sqlserverUrl)

/** There is no SQL Server here: what it would be asked is read by its grammar. */
test.each([1, 2])(
  'SQL Server is asked in its own words, page by page, with %i key columns',
  async (keys) => {
    const texts: string[] = []
    const dialect = sqlserverDialectOn(address, () => Promise.reject(new Error('There is none')))
    const rows = async <Row>({ sql }: Query<Row>): Promise<Row[]> => {
      texts.push(sql)
      if (sql.includes('PRIMARY KEY')) return trusted(Array(keys).fill({ name: 'id' }))
      const pages = texts.filter((text) => text.includes('from "users"')).length
      return trusted(
        Array.from({ length: pages > 1 ? 3 : portion }, (_, id) => ({ latchkey_key: id })),
      )
    }
    const reading = readServer({ ...dialect, reader: { ...dialect.reader, rows } })
    let count = 0
    await reading.tables()
    for await (const page of reading.rows('users', ['id', 'email'])) count += page.length

    expect(count).toBe(portion + 3)
    expect(texts).toHaveLength(4)
    for (const text of texts)
      expect({ text, problems: problemsOf(text) }).toEqual({ text, problems: [] })
  },
)
