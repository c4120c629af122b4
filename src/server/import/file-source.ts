import { createReadStream, existsSync, statSync } from 'node:fs'
import { CliError } from '../cli/cli-error.js'
import { createCsvReader, separatorOf } from './csv.js'
import { createListReader } from './json-array.js'
import { longestRow, type Source, type SourceRow } from './source.js'

/** A file of users, read as a stream: CSV with a line of titles, one JSON object a line, or a JSON list of objects. */
type Format = 'CSV' | 'NDJSON' | 'JSON'

const formats: Readonly<Record<string, Format>> = {
  csv: 'CSV',
  tsv: 'CSV',
  txt: 'CSV',
  ndjson: 'NDJSON',
  jsonl: 'NDJSON',
  json: 'JSON',
}

/** @throws CliError */
export const openFileSource = async (file: string): Promise<Source> => {
  if (!existsSync(file) || !statSync(file).isFile())
    throw wrong(`There is no file ${file}. Name a file, or the URL of a database`)
  const format = formats[/\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase() ?? '']
  if (format === undefined)
    throw wrong(`What ${file} holds is told by its name: let it end in .csv, .ndjson or .json`)
  const read = format === 'CSV' ? csvRows : format === 'NDJSON' ? lineRows : listRows
  return {
    title: format,
    columns: await columnsOf(read(file)),
    rows: () => read(file),
    close: async () => {},
  }
}

/** Enough rows to know what may stand in them. */
const sample = 200

const columnsOf = async (portions: AsyncIterable<readonly SourceRow[]>): Promise<string[]> => {
  const columns = new Set<string>()
  let count = 0
  for await (const rows of portions) {
    for (const row of rows)
      if ('values' in row) for (const name of Object.keys(row.values)) columns.add(name)
    count += rows.length
    if (count >= sample) break
  }
  if (columns.size === 0) throw wrong('The file holds no row that can be read')
  return [...columns]
}

async function* piecesOf(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8') // leaves a byte order mark out
  let isFirst = true
  for await (const bytes of createReadStream(file, { highWaterMark: 262_144 })) {
    if (isFirst && (bytes[0] === 0xff || bytes[0] === 0xfe || bytes.includes(0)))
      throw wrong(`${file} is not UTF-8. Save it again in that encoding`)
    isFirst = false
    yield decoder.decode(bytes, { stream: true })
  }
  yield decoder.decode()
}

async function* csvRows(file: string): AsyncGenerator<SourceRow[]> {
  let read: ReturnType<typeof createCsvReader> | undefined
  let titles: readonly string[] | undefined
  let begun = ''
  let row = 0
  const rowsOf = (piece: string, isLast: boolean): SourceRow[] => {
    begun += piece
    if (read === undefined && !isLast && !begun.includes('\n') && begun.length < longestRow)
      return []
    read ??= createCsvReader(separatorOf(begun.split('\n', 1)[0] ?? ''))
    const records = read(begun, isLast)
    begun = ''
    if (titles === undefined && records.length > 0) titles = titlesIn(records.shift(), file)
    return records.map((cells) => {
      row += 1
      return rowFrom(row, titles ?? [], cells)
    })
  }
  for await (const piece of piecesOf(file)) yield rowsOf(piece, false)
  yield rowsOf('', true)
}

const titlesIn = (cells: readonly string[] | undefined, file: string): string[] => {
  const titles = (cells ?? []).map((cell) => cell.trim())
  const repeated = titles.find((title, index) => titles.indexOf(title) !== index)
  if (titles.length < 2 || titles.includes('') || repeated !== undefined)
    throw wrong(`The first line of ${file} must name each column once`)
  return titles
}

const rowFrom = (
  row: number,
  titles: readonly string[],
  cells: readonly string[] | undefined,
): SourceRow => {
  if (cells === undefined) return { row, broken: 'a quote has no end' }
  if (cells.length !== titles.length) return { row, broken: 'wrong number of cells' }
  if (cells.some(isMangled)) return { row, broken: 'not UTF-8' }
  return { row, values: Object.fromEntries(titles.map((title, index) => [title, cells[index]])) }
}

/** The sign that decoders put where bytes mean nothing. */
const isMangled = (text: string): boolean => text.includes('\uFFFD')

async function* lineRows(file: string): AsyncGenerator<SourceRow[]> {
  let rest = ''
  let row = 0
  const rowsOf = (lines: readonly string[]): SourceRow[] =>
    lines
      .filter((line) => line.trim() !== '')
      .map((line) => {
        row += 1
        return objectRow(row, line)
      })
  for await (const piece of piecesOf(file)) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestRow) throw wrong(`${file} has a line of more than 1 MB`)
    yield rowsOf(lines)
  }
  yield rowsOf([rest])
}

async function* listRows(file: string): AsyncGenerator<SourceRow[]> {
  const list = createListReader()
  let row = 0
  for await (const piece of piecesOf(file)) {
    const texts = list.read(piece)
    yield texts.map((text) => {
      row += 1
      return objectRow(row, text)
    })
  }
  if (!list.isWhole()) yield [{ row: row + 1, broken: 'the list has no end' }]
}

const objectRow = (row: number, text: string): SourceRow => {
  if (isMangled(text)) return { row, broken: 'not UTF-8' }
  try {
    const values: unknown = JSON.parse(text)
    if (typeof values === 'object' && values !== null && !Array.isArray(values))
      return { row, values: { ...values } }
  } catch {
    // told below
  }
  return { row, broken: 'not a JSON object' }
}

const wrong = (detail: string): CliError => new CliError('wrong', 'wrong_source', detail)
