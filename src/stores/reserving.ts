import { AuthError } from '../errors.js'
import type { AttemptRow, AttemptStore, Try } from '../features/limits/store.js'

/** Counting a try under several keys, on verbs that each decide one row in one statement. */
export type AttemptRows = Pick<AttemptStore, 'giveBack'> & {
  /** Whether nobody else has a row of these keys until the transaction ends, once they were looked for: nothing is lost then. */
  isHeld?: boolean
  find(keys: readonly string[]): Promise<AttemptRow[]>
  /** False when there is a row with this key already. */
  insert(row: AttemptRow): Promise<boolean>
  /** False when the row is no more as it was. */
  swap(before: AttemptRow, after: AttemptRow): Promise<boolean>
}

/** Each round that is lost was won by somebody else, and few win before the row is blocked. */
const mostRounds = 200

type Counted = { row: AttemptRow } | { until: Date }

export const reserveOn = ({ isHeld = false, find, insert, swap, giveBack }: AttemptRows) => {
  const reserveOne = async (
    { key, subjectId, address, count }: Try,
    now: Date,
    first: AttemptRow | undefined,
  ): Promise<Counted> => {
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
    const each = (one: Try): Promise<Counted> =>
      reserveOne(
        one,
        now,
        found.find(({ key }) => key === one.key),
      )
    const counted = isHeld ? await Promise.all(tries.map(each)) : await untilBlocked(tries, each)
    const rows = counted.flatMap((one) => ('row' in one ? [one.row] : []))
    const untils = counted.flatMap((one) => ('until' in one ? [one.until] : []))
    if (untils.length === 0) return { outcome: 'reserved', rows }
    await giveBack(rows)
    return { outcome: 'blocked', until: latest(untils) }
  }
  return reserve
}

/**
 * Rows that others may change are taken one after the other, in the order of all who take several: who waits for one holds
 * none that comes behind it.
 */
const untilBlocked = async (
  tries: readonly Try[],
  each: (one: Try) => Promise<Counted>,
): Promise<Counted[]> => {
  const counted: Counted[] = []
  for (const one of tries) {
    const result = await each(one)
    counted.push(result)
    if ('until' in result) break
  }
  return counted
}

const blockOf = (row: AttemptRow | undefined, now: Date): Date | undefined =>
  row?.blockedUntil && row.blockedUntil > now ? row.blockedUntil : undefined

const latest = (instants: readonly Date[]): Date =>
  new Date(Math.max(...instants.map((instant) => instant.getTime())))
