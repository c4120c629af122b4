import { ConfigurationError } from '../../errors.js'
import { looksLikeUsers } from '../../features/accounts/import/mapping.js'
import { isMongoUrl } from '../../stores/mongo/driver.js'
import { openMongoReading } from '../../stores/mongo/reading.js'
import { openReading } from '../../stores/sql/reading/open-reading.js'
import { CliError } from '../cli/cli-error.js'
import type { Source, SourceTable } from './source.js'

/** A table or a collection of a database, which is only read. @throws CliError, ConfigurationError */
export const openDatabaseSource = async (
  url: string,
  wanted: string | undefined,
): Promise<Source> => {
  const reading = opened(() => (isMongoUrl(url) ? openMongoReading(url) : openReading(url)))
  try {
    const table = chooseTable(await reading.tables(), wanted)
    return {
      title: table.name,
      columns: table.columns,
      rows: async function* (columns) {
        let row = 0
        for await (const values of reading.rows(table.name, columns)) {
          yield values.map((each) => {
            row += 1
            return { row, values: each }
          })
        }
      },
      close: async () => reading.close(),
    }
  } catch (error) {
    await reading.close()
    throw error
  }
}

/** Our sentences on URLs speak of the store; here it is the other place that is wrong. */
const opened = <Reading>(open: () => Reading): Reading => {
  try {
    return open()
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw wrong(error.mistakes.map(({ detail }) => `--from ${detail}`).join('\n'))
  }
}

/** The one that was named, or the one that looks like a table of users. @throws CliError */
export const chooseTable = (
  tables: readonly SourceTable[],
  wanted: string | undefined,
): SourceTable => {
  const names = tables.map(({ name }) => name).join(', ') || 'none'
  if (wanted !== undefined) {
    const named = tables.find(({ name }) => name === wanted)
    if (named === undefined) throw wrong(`There is no table ${wanted}; there are: ${names}`)
    return named
  }
  const others = tables.filter(({ name }) => !name.startsWith('latchkey_'))
  const [likely, ...more] = others.filter(({ name, columns }) => looksLikeUsers(name, columns))
  if (likely === undefined)
    throw wrong(`No table looks like one of users; there are: ${names}. Add --table <name>`)
  if (more.length > 0) {
    const all = [likely, ...more].map(({ name }) => name)
    const words = all.map((name) => `--table ${name}`).join(' or ')
    throw wrong(`Several tables look like users: ${all.join(', ')}. Add ${words}`)
  }
  return likely
}

const wrong = (detail: string): CliError => new CliError('wrong', 'wrong_source', detail)
