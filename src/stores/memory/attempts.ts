import type { AttemptRow, AttemptStore } from '../../features/limits/store.js'
import { reserveOn } from '../reserving.js'
import type { Table } from './table.js'

export type KeptAttempts = AttemptRow & { id: string }

export const memoryAttempts = (table: Table<KeptAttempts>): AttemptStore => {
  const put = (row: AttemptRow): void => table.put({ ...row, id: row.key })
  const removeAll = (rows: readonly KeptAttempts[]): number => {
    for (const { id } of rows) table.remove(id)
    return rows.length
  }
  const giveBack: AttemptStore['giveBack'] = async (rows, forgotten = []) => {
    for (const key of forgotten) table.remove(key)
    for (const { key, blockedUntil } of rows) {
      const kept = table.get(key)
      if (kept === undefined || kept.failures === 0) continue
      const isOurs =
        blockedUntil !== null && kept.blockedUntil?.getTime() === blockedUntil.getTime()
      put({
        ...kept,
        failures: kept.failures - 1,
        blockedUntil: isOurs ? null : kept.blockedUntil,
      })
    }
  }

  return {
    // transactions come one after the other here, so a row stays as it was read
    reserve: reserveOn({
      find: async (keys) => keys.flatMap((key) => withoutId(table.get(key)) ?? []),
      insert: async (row) => {
        put(row)
        return true
      },
      swap: async (_, row) => {
        put(row)
        return true
      },
      giveBack,
    }),
    giveBack,
    fail: async (key, now, until) => {
      const kept = table.get(key)
      if (kept === undefined) return
      const isLonger = until !== null && (kept.blockedUntil ?? now) < until
      put({ ...kept, lastAt: now, blockedUntil: isLonger ? until : kept.blockedUntil })
    },
    clear: async (keys) => removeAll(keys.flatMap((key) => table.get(key) ?? [])),
    clearAll: async (of) =>
      removeAll(
        table.filter((row) =>
          'subjectId' in of ? row.subjectId === of.subjectId : row.address === of.address,
        ),
      ),
    listBlocked: async ({ now, afterKey = '', limit }) =>
      table
        .filter(
          ({ key, blockedUntil }) => key > afterKey && blockedUntil !== null && blockedUntil > now,
        )
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .slice(0, limit)
        .flatMap((row) => withoutId(row) ?? []),
    removeForgotten: async (before, limit) =>
      removeAll(
        table
          .filter(({ lastAt }) => lastAt <= before)
          .sort((a, b) => a.lastAt.getTime() - b.lastAt.getTime())
          .slice(0, limit),
      ),
  }
}

const withoutId = (kept: KeptAttempts | undefined): AttemptRow | undefined => {
  if (kept === undefined) return undefined
  const { id: _, ...row } = kept
  return row
}
