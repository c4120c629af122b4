import { afterAll, describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { createAttemptKeys } from '../../src/features/limits/attempt-keys.js'
import { sqlStore } from '../../src/stores/sql/sql.js'
import type { Store } from '../../src/stores/store.js'
import { isReachable, openService } from '../services/services.js'

/** Many who sign in at once take the same rows: of the account, of the address, or of both. */
const crowd = 16
const secret = 'ZGlmZmVyZW50LWJ5dGVzLWZvci10aGUtdGVzdC0wMDE'
const address = '192.0.2.1'
const password = 'a long and winding road'

const closing: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

/** How many failures an address has by now, without a trace of the question. */
const failuresFrom = async ({ attempts }: Store): Promise<number> => {
  let failures = 0
  const key = createAttemptKeys(secret).ofAddress(address)
  const now = new Date()
  const reservation = await attempts.reserve(
    [
      {
        ...{ key, subjectId: null, address },
        count: (before) => {
          failures = before?.failures ?? 0
          return { failures: failures + 1, lastAt: now, blockedUntil: null }
        },
      },
    ],
    now,
  )
  if (reservation.outcome === 'reserved') await attempts.giveBack(reservation.rows)
  return failures
}

const servers = ['postgres', 'mysql'] as const
const stores: [name: string, isHere: boolean, open: () => Promise<Store>][] = [
  ...servers.map((kind): [string, boolean, () => Promise<Store>] => [
    kind,
    isReachable(kind),
    async () => {
      const service = await openService(kind)
      closing.push(() => service.stop())
      const url = await service.fresh({ keep: true })
      return sqlStore(`${url}?timeout=20`)
    },
  ]),
]

describe.each(stores)('on %s', (_, isHere, open) => {
  test.skipIf(!isHere)('a crowd of one account, and one of one address, all come in', async () => {
    const auth = createAuth({
      store: await open(),
      secret,
      locks: { afterFailures: 1000 },
      passwords: { queue: crowd },
    })
    closing.push(() => auth.close())
    await auth.ready()
    const emails = Array.from({ length: 8 }, (_, index) => `ada${index}@example.com`)
    for (const email of emails) await auth.users.create({ email, password }, { actor: 'test' })
    const [ada = ''] = emails
    const ways = Array.from({ length: crowd }, (_, index) => ({
      email: emails[index % emails.length] ?? ada,
      address: `198.51.100.${index}`,
    }))
    const logIn = (email: string, from: string) =>
      auth.login({ email, password }, { address: from })

    for (const [what, all] of [
      ['one account', () => ways.map((way) => logIn(ada, way.address))],
      ['one address', () => ways.map((way) => logIn(way.email, address))],
      ['one of both', () => ways.map(() => logIn(ada, address))],
    ] as const) {
      const outcomes = await Promise.allSettled(all())
      const failed = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      expect(failed, what).toEqual([])
    }
    expect(await failuresFrom(auth.store)).toBe(0)
  })
})
