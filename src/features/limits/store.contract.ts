import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Store } from '../../stores/store.js'
import { type Contract, type Place, race } from '../../testing/place.js'
import { instant, lastInstant, later, sampleTry } from '../../testing/samples.js'
import type { AttemptRow, Reservation, Tally, Try } from './store.js'

const all = (store: Store, now = instant): Promise<AttemptRow[]> =>
  store.attempts.listBlocked({ now, limit: 100 })

const rowsOf = (reservation: Reservation): AttemptRow[] => {
  if (reservation.outcome === 'blocked') throw new Error('Blocked')
  return reservation.rows
}

/** What a further try would be given as the tally of before. */
const tallyOf = async (store: Store, key: string): Promise<Tally | undefined> => {
  let seen: Tally | undefined
  const looking: Try = {
    ...sampleTry(key),
    count: (before) => {
      seen = before
      return before ?? { failures: 0, lastAt: instant, blockedUntil: null }
    },
  }
  await store.attempts.reserve([looking], lastInstant)
  if (seen === undefined) return undefined
  const { failures, lastAt, blockedUntil } = seen
  return { failures, lastAt, blockedUntil }
}

const failuresOf = async (store: Store, key: string): Promise<number> =>
  (await tallyOf(store, key))?.failures ?? 0

const throughOf = (reservations: readonly Reservation[]): number =>
  reservations.filter(({ outcome }) => outcome === 'reserved').length

const raceFor = (place: Place, tries: (index: number) => Try[]): Promise<Reservation[]> =>
  race(place, async ({ attempts }, gate, index) => {
    await gate()
    return attempts.reserve(tries(index), instant)
  })

/** What every store of attempts must prove. */
export const attemptContract: Contract = {
  'a try is counted under all of its keys, and read back as it was written': async ({ store }) => {
    const longest = {
      subjectId: 's'.repeat(64),
      address: '2001:db8:ffff:ffff:ffff:ffff:255.255.255.255::/64',
    }
    const tries = [sampleTry('k'.repeat(64), 1, longest), sampleTry('another', 1)]
    const rows = rowsOf(await store.attempts.reserve(tries, instant))

    const tally = { failures: 1, lastAt: instant, blockedUntil: lastInstant }
    const expected = [
      { key: 'k'.repeat(64), ...longest, ...tally },
      { key: 'another', subjectId: null, address: null, ...tally },
    ]
    deepEqual(rows, expected)
    deepEqual(await all(store), expected.toReversed())
  },

  'each try is given the tally that the one before has left': async ({ store }) => {
    for (const failures of [1, 2, 3]) {
      const [row] = rowsOf(await store.attempts.reserve([sampleTry('ada', 9)], instant))
      equal(row?.failures, failures)
    }

    deepEqual(await tallyOf(store, 'ada'), { failures: 3, lastAt: instant, blockedUntil: null })
    equal(await tallyOf(store, 'Ada'), undefined)
    equal(await tallyOf(store, 'ada '), undefined)
  },

  'a blocked key lets nobody through before its time, and everybody then': async ({ store }) => {
    const until = (before: Date): Try => ({
      ...sampleTry('ada'),
      count: () => ({ failures: 1, lastAt: instant, blockedUntil: before }),
    })
    await store.attempts.reserve([until(later)], instant)
    const justBefore = new Date(later.getTime() - 1)

    deepEqual(await store.attempts.reserve([until(later)], justBefore), {
      outcome: 'blocked',
      until: later,
    })
    equal(rowsOf(await store.attempts.reserve([until(lastInstant)], later)).length, 1)
  },

  'all keys or none: one that is blocked spends nothing of the others': async ({ store }) => {
    await store.attempts.reserve([sampleTry('blocked', 1)], instant)
    for (const keys of [
      ['blocked', 'one', 'two'],
      ['one', 'blocked', 'two'],
      ['one', 'two', 'blocked'],
    ]) {
      const tries = keys.map((key) => sampleTry(key))
      equal((await store.attempts.reserve(tries, instant)).outcome, 'blocked')
    }

    equal(await failuresOf(store, 'one'), 0)
    equal(await failuresOf(store, 'two'), 0)
    equal(await failuresOf(store, 'blocked'), 1)
  },

  'of several blocks the longest is told': async ({ store }) => {
    for (const [key, blockedUntil] of [
      ['one', later],
      ['two', lastInstant],
    ] as const) {
      const count = () => ({ failures: 1, lastAt: instant, blockedUntil })
      await store.attempts.reserve([{ ...sampleTry(key), count }], instant)
    }
    const reservation = await store.attempts.reserve([sampleTry('one'), sampleTry('two')], instant)

    deepEqual(reservation, { outcome: 'blocked', until: lastInstant })
  },

  'of 20 callers at once on a new key no more get through than may': async (place) => {
    const reservations = await raceFor(place, () => [sampleTry('ada', 7)])

    equal(throughOf(reservations), 7)
    equal(await failuresOf(place.store, 'ada'), 7)
  },

  'of 20 callers at once on a known key no more get through than may': async (place) => {
    await place.store.attempts.reserve([sampleTry('ada', 12)], instant)
    const reservations = await raceFor(place, () => [sampleTry('ada', 12)])

    equal(throughOf(reservations), 11)
    const failures = reservations.flatMap((one) => (one.outcome === 'reserved' ? one.rows : []))
    equal(new Set(failures.map((row) => row.failures)).size, 11) // nobody was given the same tally
  },

  'of 20 callers at once on keys of their own and one in common, all or none is counted': async (
    place,
  ) => {
    const reservations = await raceFor(place, (index) => [
      sampleTry(`own-${index}`, 9),
      sampleTry(`half-${index % 2}`, 9),
      sampleTry('common', 6),
    ])

    equal(throughOf(reservations), 6)
    equal(await failuresOf(place.store, 'common'), 6)
    const halves = [
      await failuresOf(place.store, 'half-0'),
      await failuresOf(place.store, 'half-1'),
    ]
    equal((halves[0] ?? 0) + (halves[1] ?? 0), 6)
    for (const [index, { outcome }] of reservations.entries())
      equal(await failuresOf(place.store, `own-${index}`), outcome === 'reserved' ? 1 : 0)
  },

  'a try that is given back never was, and its own block ends': async ({ store }) => {
    await store.attempts.reserve([sampleTry('ada', 2), sampleTry('bob', 9)], instant)
    const rows = rowsOf(
      await store.attempts.reserve([sampleTry('ada', 2), sampleTry('bob', 9)], instant),
    )
    equal((await all(store)).length, 1)
    await store.attempts.giveBack(rows)

    deepEqual(await all(store), [])
    equal(await failuresOf(store, 'ada'), 1)
    equal(await failuresOf(store, 'bob'), 1)
  },

  'with a try that is given back other keys can be forgotten': async ({ store }) => {
    for (const key of ['ada', 'bob', 'cid', 'ada'])
      await store.attempts.reserve([sampleTry(key)], instant)
    await store.attempts.giveBack([{ key: 'ada', blockedUntil: null }], ['bob', 'nobody'])

    equal(await failuresOf(store, 'ada'), 1)
    equal(await tallyOf(store, 'bob'), undefined)
    equal(await failuresOf(store, 'cid'), 1)
  },

  'a try that is given back leaves the block of another': async ({ store }) => {
    const [early] = rowsOf(await store.attempts.reserve([sampleTry('ada', 2)], instant))
    await store.attempts.reserve([sampleTry('ada', 2)], instant)
    if (early !== undefined) await store.attempts.giveBack([early])

    deepEqual(
      (await all(store)).map(({ failures, blockedUntil }) => [failures, blockedUntil]),
      [[1, lastInstant]],
    )
  },

  'more tries than were counted cannot be given back': async ({ store }) => {
    const rows = rowsOf(await store.attempts.reserve([sampleTry('ada')], instant))
    for (let count = 0; count < 3; count += 1) await store.attempts.giveBack(rows)
    await store.attempts.giveBack([{ key: 'nobody', blockedUntil: null }])

    equal(await failuresOf(store, 'ada'), 0)
    equal(await tallyOf(store, 'nobody'), undefined)
  },

  '20 that give back at once are all counted': async (place) => {
    await raceFor(place, () => [sampleTry('ada', 99)])
    await race(place, async ({ attempts }, gate, index) => {
      await gate()
      if (index < 15) await attempts.giveBack([{ key: 'ada', blockedUntil: null }])
    })

    equal(await failuresOf(place.store, 'ada'), 5)
  },

  'a failure moves the time of the last one, and blocks for longer, never for less': async ({
    store,
  }) => {
    await store.attempts.reserve([sampleTry('ada', 9), sampleTry('bob', 1)], instant)
    const soon = new Date(instant.getTime() + 10)
    await store.attempts.fail('ada', soon, null)
    deepEqual(await all(store, later), [await blocked(store, 'bob')])

    await store.attempts.fail('ada', later, lastInstant)
    await store.attempts.fail('ada', later, later)
    await store.attempts.fail('bob', later, later)
    await store.attempts.fail('nobody', later, later)
    deepEqual(
      (await all(store, later)).map(({ key, failures, lastAt, blockedUntil }) => [
        ...[key, failures, lastAt, blockedUntil],
      ]),
      ['ada', 'bob'].map((key) => [key, 1, later, lastInstant]),
    )
  },

  'what is cleared is forgotten, and only that': async ({ store }) => {
    for (const key of ['one', 'two', 'three'])
      await store.attempts.reserve([sampleTry(key, 1)], instant)

    equal(await store.attempts.clear(['one', 'three', 'nobody']), 2)
    equal(await store.attempts.clear([]), 0)
    deepEqual(
      (await all(store)).map(({ key }) => key),
      ['two'],
    )
    equal(await tallyOf(store, 'one'), undefined)
  },

  'an account or an address is cleared whole': async ({ store }) => {
    const tries = [
      sampleTry('1', 1, { subjectId: 'ada', address: 'here' }),
      sampleTry('2', 9, { subjectId: 'ada' }),
      sampleTry('3', 1, { address: 'here' }),
      sampleTry('4', 1, { subjectId: 'Ada', address: 'there' }),
      sampleTry('5', 1),
    ]
    for (const one of tries) await store.attempts.reserve([one], instant)

    equal(await store.attempts.clearAll({ subjectId: 'ada' }), 2)
    equal(await store.attempts.clearAll({ address: 'here' }), 1)
    equal(await store.attempts.clearAll({ address: 'nowhere' }), 0)
    deepEqual(
      (await all(store)).map(({ key }) => key),
      ['4', '5'],
    )
  },

  'blocked keys are listed page by page, each once': async ({ store }) => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    for (const key of keys)
      await store.attempts.reserve([sampleTry(key, key === 'd' ? 9 : 1)], instant)
    const found: string[] = []
    for (;;) {
      const page = await store.attempts.listBlocked({
        now: instant,
        afterKey: found.at(-1),
        limit: 4,
      })
      ok(page.length <= 4)
      if (page.length === 0) break
      found.push(...page.map(({ key }) => key))
    }

    deepEqual(found, ['a', 'b', 'c', 'e', 'f', 'g'])
    deepEqual(await all(store, lastInstant), [])
  },

  'rows whose last try is long ago are removed, a few at a time': async ({ store }) => {
    for (let index = 0; index < 7; index += 1) {
      const lastAt = index < 5 ? new Date(instant.getTime() + index) : later
      const count = () => ({ failures: 1, lastAt, blockedUntil: lastInstant })
      await store.attempts.reserve([{ ...sampleTry(`key-${index}`), count }], instant)
    }
    const before = new Date(instant.getTime() + 4)

    equal(await store.attempts.removeForgotten(before, 3), 3)
    deepEqual(
      (await all(store)).map(({ key }) => key),
      ['key-3', 'key-4', 'key-5', 'key-6'],
    )
    equal(await store.attempts.removeForgotten(before, 3), 2)
    equal(await store.attempts.removeForgotten(before, 3), 0)
    equal((await all(store)).length, 2)
  },
}

const blocked = async (store: Store, key: string): Promise<AttemptRow | undefined> =>
  (await all(store)).find((row) => row.key === key)
