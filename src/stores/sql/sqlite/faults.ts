/** What SQLite's errors mean: https://www.sqlite.org/rescode.html */
export const isUniqueViolation = (error: unknown): boolean =>
  [2067, 1555].includes(extendedCode(error) ?? 0)

/** Busy, locked, read-only, I/O, full, cannot open, locking protocol: the file cannot be used now. */
const storageFaults = new Set([5, 6, 8, 10, 13, 14, 15])

export const isStorageFault = (error: unknown): boolean => storageFaults.has(plainCode(error))

/** Another process is writing, or putting the file right after a crash. */
export const isBusy = (error: unknown): boolean => [5, 15].includes(plainCode(error))

/** The file was not writable when it was opened; only opening it again can change that. Never so for a moved file. */
export const isReadOnly = (error: unknown): boolean =>
  plainCode(error) === 8 && extendedCode(error) !== 1032

const plainCode = (error: unknown): number => (extendedCode(error) ?? 0) & 0xff

const extendedCode = (error: unknown): number | undefined => {
  if (!(error instanceof Error)) return undefined
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode
  return codesOf[error.message]
}

/** @photostructure/sqlite forgets the code of what fails while rows are read, and keeps the words of SQLite. */
const codesOf: Readonly<Record<string, number>> = {
  'database is locked': 5,
  'database table is locked': 6,
  'attempt to write a readonly database': 8,
  'disk I/O error': 10,
  'database or disk is full': 13,
  'unable to open database file': 14,
  'locking protocol': 15,
}
