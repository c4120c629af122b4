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

/** Rows that are fetched at a time. */
export const portion = 1000
