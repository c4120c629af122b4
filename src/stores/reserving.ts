import { AuthError } from '../errors.js'
import type { AttemptRow, AttemptStore, Try } from '../features/limits/store.js'

/** Counting a try under several keys, on verbs that each decide one row in one statement. */
export type AttemptRows = Pick<AttemptStore, 'giveBack'> & {
  find(keys: readonly string[]): Promise<AttemptRow[]>
  /** False when there is a row with this key already. */
  insert(row: AttemptRow): Promise<boolean>
  /** False when the row is no more as it was. */
  swap(before: AttemptRow, after: AttemptRow): Promise<boolean>
}

/** Each round that is lost was won by somebody else, and few win before the row is blocked. */
const mostRounds = 200

export const reserveOn = ({ find, insert, swap, giveBack }: AttemptRows) => {
  const reserveOne = async (
    { key, subjectId, address, count }: Try,
    now: Date,
    first: AttemptRow | undefined,
  ): Promise<{ row: AttemptRow } | { until: Date }> => {
    let before = first
    for (let round = 0; round < mostRounds; round += 1) {
      const until = blockOf(before, now)
      if (until !== undefined) return { until }
      const row = { key, subjectId, address, ...count(before) }
      if (before === undefined ? await insert(row) : await swap(before, row)) return { row }
      const [found] = await find([key])
      before = found
    }
    throw new AuthError('store_unavailable')
  }

  const reserve: AttemptStore['reserve'] = async (tries, now) => {
    const found = await find(tries.map(({ key }) => key))
    const blocks = found.flatMap((row) => blockOf(row, now) ?? [])
    if (blocks.length > 0) return { outcome: 'blocked', until: latest(blocks) }
    const rows: AttemptRow[] = []
    for (const one of tries) {
      const before = found.find(({ key }) => key === one.key)
      const result = await reserveOne(one, now, before)
      if ('until' in result) {
        await giveBack(rows)
        return { outcome: 'blocked', until: result.until }
      }
      rows.push(result.row)
    }
    return { outcome: 'reserved', rows }
  }
  return reserve
}

const blockOf = (row: AttemptRow | undefined, now: Date): Date | undefined =>
  row?.blockedUntil && row.blockedUntil > now ? row.blockedUntil : undefined

const latest = (instants: readonly Date[]): Date =>
  new Date(Math.max(...instants.map((instant) => instant.getTime())))
