import type { Count, RateCounters } from '../../features/limits/store.js'
import { createBoundedMap } from '../../lib/bounded-map.js'
import type { FromPrimary, FromWorker, KeyCount } from './messages.js'

/**
 * Counters that are kept by the primary. All hits of one event-loop turn go there in one message; where plenty is left, the
 * primary lends some numbers of a key, and they are counted off here without asking.
 */
type Asked = {
  key: string
  windowSeconds: number
  most: number
  callers: ((count: Count) => void)[]
}
type Loan = { key: string; next: number; left: number; endsAt: number }
type Counts = Extract<FromPrimary, { kind: 'counts' }>

/** Answers that never come are not waited for: whoever asked has counted alone by then. */
const mostBatches = 1000
const mostLoans = 10_000

export const createAskedCounters = (send: (message: FromWorker) => void) => {
  const sent = createBoundedMap<readonly Asked[]>(mostBatches)
  const loans = createBoundedMap<Loan>(mostLoans)
  let turn = new Map<string, Asked>()
  let batch = 0
  let mayBorrow = true

  const hit: RateCounters['hit'] = (key, windowSeconds, most = 0) =>
    countOff(loans.get(key), windowSeconds) ?? ask(key, windowSeconds, most)

  const countOff = (loan: Loan | undefined, windowSeconds: number): Count | undefined => {
    if (loan === undefined || loan.left === 0) return undefined
    const milliseconds = loan.endsAt - Date.now()
    if (milliseconds <= 0 || milliseconds > windowSeconds * 1000) return undefined
    const count = loan.next
    loan.next += 1
    loan.left -= 1
    return { count, resetSeconds: Math.ceil(milliseconds / 1000) }
  }

  const ask = (key: string, windowSeconds: number, most: number): Promise<Count> =>
    new Promise((resolve) => {
      if (turn.size === 0) setImmediate(flush)
      const known = turn.get(key)
      if (known === undefined) turn.set(key, { key, windowSeconds, most, callers: [resolve] })
      else known.callers.push(resolve)
    })

  const flush = (): void => {
    const asked = [...turn.values()]
    turn = new Map()
    batch += 1
    sent.set(String(batch), asked)
    const hits = asked.map(
      ({ key, windowSeconds, callers, most }) =>
        [key, windowSeconds, callers.length, most, mayBorrow] as const,
    )
    send({ kind: 'hits', batch, hits })
  }

  const answer = ({ batch: answered, counts }: Counts): void => {
    const asked = sent.get(String(answered)) ?? []
    sent.delete(String(answered))
    for (const [index, of] of asked.entries()) {
      const count = counts[index]
      if (count !== undefined) deal(of, count)
    }
  }

  const deal = ({ key, callers }: Asked, [last, endsAt, lent]: KeyCount): void => {
    const first = Math.max(1, last - callers.length + 1)
    const resetSeconds = Math.max(1, Math.ceil((endsAt - Date.now()) / 1000))
    for (const [place, resolve] of callers.entries())
      resolve({ count: first + place, resetSeconds })
    if (lent > 0) borrow({ key, next: last + 1, left: lent, endsAt })
  }

  const borrow = (loan: Loan): void => {
    const before = loans.get(loan.key)
    const left = before?.endsAt === loan.endsAt ? before.left : 0
    loans.set(loan.key, { ...loan, next: loan.next - left, left: loan.left + left })
  }

  const giveBack = (key: string): void => {
    const { left: unused = 0, endsAt = 0 } = loans.get(key) ?? {}
    loans.delete(key)
    send({ kind: 'returned', key, unused, endsAt })
  }

  return {
    counters: { hit },
    answer,
    giveBack,
    /** For who is about to leave: nothing that is lent gets lost with it. */
    giveAllBack: (): void => {
      mayBorrow = false
      const all: Loan[] = []
      loans.deleteWhere((loan) => all.push(loan) > 0)
      for (const { key, left, endsAt } of all) send({ kind: 'returned', key, unused: left, endsAt })
    },
  }
}
