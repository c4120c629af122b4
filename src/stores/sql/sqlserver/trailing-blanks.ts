/**
 * SQL Server takes 'ada' and 'ada ' for the same text, even under a binary collation: where it compares, it
 * fills up the shorter one with blanks. So no text is kept that ends with a blank: a mark is put behind it, and taken
 * away when it is read. What ends with the mark itself gets another one; all else is kept as it is.
 */
const mark = '\u001f'

export const toKept = (value: unknown): unknown =>
  typeof value === 'string' && (value.endsWith(' ') || value.endsWith(mark))
    ? `${value}${mark}`
    : value

const fromKept = (value: unknown): unknown =>
  typeof value === 'string' && value.endsWith(mark) ? value.slice(0, -mark.length) : value

export const fromKeptRow = <Row>(row: Row): Row => {
  if (typeof row !== 'object' || row === null) return row
  for (const [column, value] of Object.entries(row)) {
    const read = fromKept(value)
    if (read !== value) Object.assign(row, { [column]: read })
  }
  return row
}
