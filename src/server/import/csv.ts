import { longestRow } from './source.js'

/** A record of a CSV file, or one that has no end where its quote should have closed. */
export type CsvRecord = readonly string[] | undefined

/**
 * Reads CSV as RFC 4180 has it, piece by piece: quoted cells may hold separators, line ends and doubled quotes. Each call
 * answers with the records that are complete by then; the last call is told that nothing more comes.
 */
export const createCsvReader = (separator: string) => {
  let text = ''

  return (piece: string, isLast: boolean): CsvRecord[] => {
    text += piece
    const records: CsvRecord[] = []
    let at = 0
    while (at < text.length) {
      const found = recordAt(text, at, separator, isLast)
      if (found === undefined && !isLast && text.length - at <= longestRow) break
      const next = found?.next ?? afterLine(text, at) // goes on behind the line in which a quote was left open
      if (found === undefined || !isBlank(found.cells)) records.push(found?.cells)
      at = next
    }
    text = text.slice(at)
    return records
  }
}

type Found = { cells: string[]; next: number }

/** Undefined when its end is not there. */
const recordAt = (
  text: string,
  start: number,
  separator: string,
  isLast: boolean,
): Found | undefined => {
  const lineEnd = text.indexOf('\n', start)
  const end = lineEnd === -1 ? text.length : lineEnd
  const line = text.slice(start, end)
  if (!line.includes('"')) {
    if (lineEnd === -1 && !isLast) return undefined
    return { cells: line.replace(/\r$/, '').split(separator), next: end + 1 }
  }
  return quotedRecordAt(text, start, separator, isLast)
}

const quotedRecordAt = (
  text: string,
  start: number,
  separator: string,
  isLast: boolean,
): Found | undefined => {
  const cells: string[] = []
  let at = start
  for (;;) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at, separator)
    if (cell === undefined) return undefined
    const sign = text[cell.next]
    if (sign === undefined && !isLast) return undefined
    cells.push(cell.value)
    if (sign === separator) {
      at = cell.next + 1
      continue
    }
    if (sign === undefined || sign === '\n') return { cells, next: cell.next + 1 }
    if (sign === '\r' && text[cell.next + 1] === '\n') return { cells, next: cell.next + 2 }
    if (sign === '\r' && cell.next + 1 === text.length)
      return isLast ? { cells, next: cell.next + 1 } : undefined
    return { cells: ['\uFFFD'], next: afterLine(text, start) } // a row of one cell fits no table
  }
}

const quotedCell = (text: string, start: number): { value: string; next: number } | undefined => {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
  if (end === -1 || end - start > longestRow) return undefined
  return { value: text.slice(start + 1, end).replaceAll('""', '"'), next: end + 1 }
}

const plainCell = (text: string, start: number, separator: string) => {
  let end = start
  while (end < text.length && text[end] !== separator && text[end] !== '\n') end += 1
  const next = text[end - 1] === '\r' && end > start && text[end] !== separator ? end - 1 : end
  return { value: text.slice(start, next), next }
}

const afterLine = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end + 1
}

const isBlank = (cells: readonly string[]): boolean => cells.length === 1 && cells[0] === ''

/** The sign between the cells of the first line. */
export const separatorOf = (firstLine: string): string => {
  const plain = firstLine.replace(/"(?:[^"]|"")*"/g, '')
  const counted = [',', ';', '\t', '|'].map((sign) => ({ sign, count: plain.split(sign).length }))
  return counted.reduce((best, each) => (each.count > best.count ? each : best)).sign
}
