/** Rows by id, with a memory of how to undo what was done since the last mark. */
export type Table<Row extends { id: string }> = {
  get(id: string): Row | undefined
  all(): Row[]
  find(matches: (row: Row) => boolean): Row | undefined
  put(row: Row): void
  remove(id: string): boolean
}

export type Journal = { note(undo: () => void): void; rollback(): void; forget(): void }

export const createJournal = (): Journal => {
  let undos: (() => void)[] = []
  return {
    note: (undo) => undos.push(undo),
    rollback: () => {
      for (const undo of undos.reverse()) undo()
      undos = []
    },
    forget: () => {
      undos = []
    },
  }
}

/** Rows go in and come out as copies: nobody outside can change a kept one. */
export const createTable = <Row extends { id: string }>(journal: Journal): Table<Row> => {
  const rows = new Map<string, Row>()

  const restore = (id: string, row: Row | undefined): void => {
    if (row === undefined) rows.delete(id)
    else rows.set(id, row)
  }
  const noteBefore = (id: string): void => {
    const before = rows.get(id)
    journal.note(() => restore(id, before))
  }

  return {
    get: (id) => copy(rows.get(id)),
    all: () => [...rows.values()].map((row) => ({ ...row })),
    find: (matches) => {
      for (const row of rows.values()) if (matches(row)) return { ...row }
      return undefined
    },
    put: (row) => {
      noteBefore(row.id)
      rows.set(row.id, { ...row })
    },
    remove: (id) => {
      noteBefore(id)
      return rows.delete(id)
    },
  }
}

const copy = <Row extends object>(row: Row | undefined): Row | undefined =>
  row ? { ...row } : undefined
