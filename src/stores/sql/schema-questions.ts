/** How a server is asked what its tables are really like. Every question names its columns as the types below do. */
export type SchemaQuestions = {
  /** Rows of IndexedColumn, in the order of the columns of each index; only indexes that work. */
  indexes: string
  /** Rows of TextColumn; absent where no collation can be wrong. */
  texts?: string
  /** Whether a collation compares byte by byte: A and a, a and ä, 'a' and 'a ' are different. */
  isBytewise?(collation: string | null): boolean
  /** The statement that gives a column such a collation. */
  makeBytewise?(column: TextColumn): string
  /** One row whose `may` is not 0 when this user may make tables. */
  mayMakeTables?: string
}

export type IndexedColumn = {
  table_name: string
  index_name: string
  is_unique: number | boolean
  column_name: string
}

export type TextColumn = {
  table_name: string
  column_name: string
  collation: string | null
  most: number | null
  nullable: string
}
