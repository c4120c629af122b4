/** Rows by id. What is read or written is a copy: nobody outside can change a kept row. */
export type Table<Row extends { id: string }> = {
  get(id: string): Row | undefined
  find(matches: (row: Row) => boolean): Row | undefined
  filter(matches: (row: Row) => boolean): Row[]
  put(row: Row): void
  remove(id: string): boolean
}

/** A table seen from outside, where only what is committed exists, and from inside the one running transaction. */
export type TransactionalTable<Row extends { id: string }> = {
  outside: Table<Row>
  inside: Table<Row>
  commit(): void
  rollback(): void
}

export const createTable = <Row extends { id: string }>(): TransactionalTable<Row> => {
  const kept = new Map<string, Row>()
  /** What the transaction has changed so far; undefined stands for a removed row. */
  const changes = new Map<string, Row | undefined>()

  const insideGet = (id: string): Row | undefined =>
    changes.has(id) ? changes.get(id) : kept.get(id)

  function* insideRows(): Iterable<Row> {
    for (const [id, row] of kept) if (!changes.has(id)) yield row
    for (const row of changes.values()) if (row !== undefined) yield row
  }

  const inside: Table<Row> = {
    ...reading(insideGet, insideRows),
    put: (row) => {
      changes.set(row.id, structuredClone(row))
    },
    remove: (id) => {
      const present = insideGet(id) !== undefined
      changes.set(id, undefined)
      return present
    },
  }

  return {
    inside,
    outside: {
      ...reading(
        (id) => kept.get(id),
        () => kept.values(),
      ),
      put: outsideOfTransaction,
      remove: outsideOfTransaction,
    },
    commit: () => {
      for (const [id, row] of changes) {
        if (row === undefined) kept.delete(id)
        else kept.set(id, row)
      }
      changes.clear()
    },
    rollback: () => changes.clear(),
  }
}

const reading = <Row extends { id: string }>(
  get: (id: string) => Row | undefined,
  rows: () => Iterable<Row>,
): Pick<Table<Row>, 'get' | 'find' | 'filter'> => ({
  get: (id) => structuredClone(get(id)),
  find: (matches) => {
    for (const row of rows()) if (matches(row)) return structuredClone(row)
    return undefined
  },
  filter: (matches) => structuredClone([...rows()].filter(matches)),
})

const outsideOfTransaction = (): never => {
  throw new Error('A change was made outside of a transaction')
}
