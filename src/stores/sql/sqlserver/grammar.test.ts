import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { problemsOf } from '../../../../test/sqlserver/grammar.js'
import { standIn } from '../../../../test/sqlserver/stand-in.js'
import { storeContract } from '../../../testing/store-contract.js'
import type { Store } from '../../store.js'
import { storeOn } from '../store-on.js'
import { readSqlUrl } from '../url.js'
import { sqlserverSchema } from './schema-questions.js'
import { sqlserverDialectOn, sqlserverUrl } from './sqlserver.js'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-sqlserver-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const address = readSqlUrl('sqlserver://sa@localhost/latchkey', sqlserverUrl)

/** All that the dialect said while it went through the contract, and the verbs that made it speak. */
const texts = new Set<string>()
const called = new Set<string>()
const known = new Set<string>()

let count = 0
const openPlace = (instances: number): Store[] => {
  count += 1
  const engine = standIn(join(folder, `${count}.db`))
  return Array.from({ length: instances }, () => {
    const store = storeOn(sqlserverDialectOn(address, engine.open))
    return heard({
      ...store,
      close: async () => {
        for (const text of engine.texts) texts.add(text)
        await store.close()
      },
    })
  })
}

/** Notes which verbs there are, and which are called. */
const heard = (store: Store): Store => ({
  ...listening('', store),
  users: listening('users.', store.users),
  sessions: listening('sessions.', store.sessions),
  keys: listening('keys.', store.keys),
  events: listening('events.', store.events),
  attempts: listening('attempts.', store.attempts),
  recorders: listening('recorders.', store.recorders),
  identities: listening('identities.', store.identities),
  spent: listening('spent.', store.spent),
})

const listening = <Verbs extends object>(path: string, verbs: Verbs): Verbs => {
  const entries = Object.entries(verbs).map(([name, verb]: [string, unknown]) => {
    if (typeof verb !== 'function') return [name, verb]
    known.add(path + name)
    return [
      name,
      (...words: unknown[]) => {
        called.add(path + name)
        return verb(...words)
      },
    ]
  })
  return Object.fromEntries(entries)
}

storeContract('sqlserver on a stand-in', () => openPlace(1), { describe, test })
storeContract('sqlserver on a stand-in, two instances', () => openPlace(2), { describe, test })

/** One text of each form: those that differ in figures only, as the time of a migration, read alike. */
const formsOf = (all: Iterable<string>): Iterable<string> =>
  new Map([...all].map((text) => [text.replace(/(?<![A-Za-z_])\d+/g, '0'), text])).values()

/** The stand-in knows no catalogue and no clock; what it was asked is read all the same. */
const notThere = () => undefined

describe('the grammar of SQL Server', () => {
  test('allows every statement of every verb, and no verb was left out', async () => {
    const [store] = openPlace(1)
    if (store === undefined) throw new Error('There is no store')
    texts.add(await store.migrationScript())
    await store.pendingMigrations()
    for (const { ping, now } of store.places) {
      await ping()
      await now?.().catch(notThere)
    }
    await store.concerns()
    await store.mayMigrate?.().catch(notThere)
    for (const question of Object.values(sqlserverSchema))
      if (typeof question === 'string') texts.add(question)
    await store.close()

    expect([...known].filter((verb) => !called.has(verb))).toEqual([])
    expect(texts.size).toBeGreaterThan(50)
    for (const text of formsOf(texts))
      expect({ text, problems: problemsOf(text) }).toEqual({ text, problems: [] })
  }, 60_000)

  test.each([
    'insert into "t" ("a") values (@1) returning "a"',
    'insert into "t" ("a") values (@1) returning "a"; select @@rowcount as changed',
    'insert into "t" ("a") values (@1) on conflict do nothing',
    'insert into "t" ("a") values (@1) on conflict do nothing; select @@rowcount as changed',
    'select * from "t" limit 3',
    'select * from "t" limit 3; select 1',
    'select * from "t" limit @1',
    'select "a"::int from "t"',
    'select * from "t" where "a" = ?',
    'select * from `t`',
    'select * from "t" for update',
    'create index if not exists "i" on "t" ("a")',
    'drop index concurrently "i"',
    'savepoint work',
  ])('refuses %s', (sql) => {
    expect(problemsOf(sql)).not.toEqual([])
  })
})
