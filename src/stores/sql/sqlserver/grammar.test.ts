import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { problemsOf } from '../../../../test/sqlserver/grammar.js'
import { standIn } from '../../../../test/sqlserver/stand-in.js'
import { storeContract } from '../../../testing/store-contract.js'
import type { Store } from '../../store.js'
import { storeOn } from '../sql.js'
import { readSqlUrl } from '../url.js'
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
})

const listening = <Verbs extends object>(path: string, verbs: Verbs): Verbs => {
  for (const [name, verb] of Object.entries(verbs)) {
    if (typeof verb === 'function') known.add(path + name)
  }
  return new Proxy(verbs, {
    get: (target, name, receiver) => {
      called.add(path + String(name))
      return Reflect.get(target, name, receiver)
    },
  })
}

storeContract('sqlserver on a stand-in', () => openPlace(1), { describe, test })
storeContract('sqlserver on a stand-in, two instances', () => openPlace(2), { describe, test })

describe('the grammar of SQL Server', () => {
  test('allows every statement of every verb, and none was left out', async () => {
    const [store] = openPlace(1)
    await store?.migrationScript().then((script) => texts.add(script))
    for (const { ping } of store?.places ?? []) await ping()
    await store?.concerns()
    await store?.close()
  })
})
