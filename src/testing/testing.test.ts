import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../stores/memory/memory.js'
import type { Store } from '../stores/store.js'
import { withPorts } from '../stores/with-ports.js'
import { createTestAuth, createTestClock, storeContract, type TestRunner } from './testing.js'

describe('the test clock', () => {
  test('stands still until it is moved, and nobody moves it by the back door', () => {
    const clock = createTestClock(new Date('2026-05-06T07:08:09.010Z'))
    clock().setTime(0)
    expect(clock()).toEqual(new Date('2026-05-06T07:08:09.010Z'))
    clock.advance('1d')
    clock.advance('10s')

    expect(clock()).toEqual(new Date('2026-05-07T07:08:19.010Z'))
  })

  test.each(['', '1', '-1s', 'soon'])('is not moved by %j', (duration) => {
    expect(() => createTestClock().advance(duration)).toThrow('Not a duration')
  })
})

describe('the test auth', () => {
  test('has one account, an empty memory and its own clock', async () => {
    const [one, two] = [await createTestAuth(), await createTestAuth()]
    await one.auth.users.setActive(one.ada.email, false, {})

    expect((await two.auth.users.find(two.ada.email)).isActive).toBe(true)
    expect(two.events).toEqual([])
    expect(one.events).toMatchObject([{ type: 'account.disabled' }])
  })
})

type Case = { title: string; run: () => Promise<void> }

/** A runner that only notes what it is given. */
const collect = () => {
  const cases: Case[] = []
  const titles: string[] = []
  const runner: TestRunner = {
    describe: (title, define) => {
      titles.push(title)
      define()
    },
    test: (title, run) => cases.push({ title, run }),
  }
  return { cases, titles, runner }
}

/** The sentences of the contract that a store breaks. */
const broken = async (open: () => Store, parts?: TestRunner['parts']): Promise<string[]> => {
  const { cases, runner } = collect()
  storeContract('a liar', open, parts === undefined ? runner : { ...runner, parts })
  const failed: string[] = []
  for (const { title, run } of cases) await run().catch(() => failed.push(title))
  return failed
}

/** Stores that lie, and a sentence of the contract that must catch each. */
const liars: Record<string, [() => Store, string]> = {
  'rolls nothing back': [
    () => {
      const store = memoryStore()
      return { ...store, transaction: (work) => work(store) }
    },
    'a work that throws leaves everything as it was, whatever it had done',
  ],
  'rotates whatever it finds': [
    () =>
      withPorts(memoryStore(), ({ sessions }) => ({
        sessions: {
          ...sessions,
          rotate: async (rotation) => {
            for (;;) {
              const session = await sessions.find(rotation.id)
              if (session === undefined || session.revokedAt !== null) return false
              const { generation } = session
              if (await sessions.rotate({ ...rotation, generation })) return true
            }
          },
        },
      })),
    'R-02: of many who rotate one generation at once, one does',
  ],
  'folds the case of names': [
    () =>
      withPorts(memoryStore(), ({ users }) => ({
        users: { ...users, findByUsername: (name) => users.findByUsername(name.toLowerCase()) },
      })),
    'A-083 A-211 A-213: names and addresses are compared byte by byte',
  ],
  'forgets milliseconds': [
    () =>
      withPorts(memoryStore(), ({ sessions }) => ({
        sessions: {
          ...sessions,
          insert: (session) =>
            sessions.insert({ ...session, createdAt: new Date('2026-03-04T05:06:07Z') }),
        },
      })),
    'a session reads back as it was written',
  ],
  'ends the session that was excepted': [
    () =>
      withPorts(memoryStore(), ({ sessions }) => ({
        sessions: { ...sessions, revokeAll: (id, now) => sessions.revokeAll(id, now) },
      })),
    'all sessions of a user end but the excepted one, and are counted',
  ],
}

describe('the store contract', () => {
  test.each(Object.entries(liars))('catches a store that %s', async (_, [open, sentence]) => {
    expect(await broken(open)).toContain(sentence)
  })

  test('is kept by the memory store, whoever runs it', async () => {
    expect(await broken(memoryStore)).toEqual([])
  })

  test('can be asked of single ports', () => {
    const { cases, titles, runner } = collect()
    storeContract('ours', memoryStore, { ...runner, parts: ['keys', 'users'] })

    expect(titles).toEqual(['ours: users', 'ours: keys'])
    expect(cases.length).toBeGreaterThan(10)
  })

  test('closes what it opened, also when a case fails', async () => {
    let open = 0
    const store = (): Store => {
      open += 1
      const inner = memoryStore()
      const close = async (): Promise<void> => {
        open -= 1
      }
      return {
        ...inner,
        close,
        keys: { ...inner.keys, list: async () => [] },
      }
    }
    await broken(store, ['keys'])

    expect(open).toBe(0)
  })

  test('needs no test runner to be installed', () => {
    for (const file of [
      'store-contract.ts',
      'transactions.contract.ts',
      'place.ts',
      'samples.ts',
    ]) {
      expect(readFileSync(new URL(file, import.meta.url), 'utf8')).not.toMatch(
        /^import .*'vitest'/m,
      )
    }
  })
})
