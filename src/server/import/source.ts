/** Where accounts come from: rows one after the other, never all at once. */
export type SourceRow =
  | { row: number; values: Readonly<Record<string, unknown>> }
  /** A row that cannot be read at all. */
  | { row: number; broken: string }

export type Source = {
  /** For people: 'CSV', 'PostgreSQL, table users'. */
  title: string
  columns: readonly string[]
  /** From the first one on, in portions. Only these columns are needed. May be asked for again. */
  rows(columns: readonly string[]): AsyncIterable<readonly SourceRow[]>
  close(): Promise<void>
}

/** What a table or a collection is called, and what stands in it. */
export type SourceTable = { name: string; columns: readonly string[] }

/** Longer than any row of users; what is longer has lost its end. */
export const longestRow = 1_048_576
