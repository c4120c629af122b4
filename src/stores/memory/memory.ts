import { randomBytes } from 'node:crypto'
import type { User } from '../../features/accounts/store.js'
import type { EventStore, RecordedEvent } from '../../features/events/store.js'
import type { Session } from '../../features/sessions/store.js'
import type { KeyStore, SigningKey } from '../../features/tokens/store.js'
import { withOwnTransactions } from '../own-transactions.js'
import type { Ports, Store } from '../store.js'
import { memorySessions } from './sessions.js'
import { createJournal, createTable, type Table } from './table.js'
import { memoryUsers } from './users.js'

/** A store that lives as long as the process: for tests and for trying things out. */
export const memoryStore = (): Store => {
  const journal = createJournal()
  const ports: Ports = {
    users: memoryUsers(createTable<User>(journal)),
    sessions: memorySessions(createTable<Session>(journal)),
    keys: memoryKeys(createTable<SigningKey>(journal)),
    events: memoryEvents(createTable<RecordedEvent>(journal)),
  }
  let last: Promise<unknown> = Promise.resolve()

  /** One after the other; a failed one undoes its changes before the next begins. */
  const transaction: Store['transaction'] = (work) => {
    const run = async () => {
      try {
        return await work(ports)
      } catch (error) {
        journal.rollback()
        throw error
      } finally {
        journal.forget()
      }
    }
    const result = last.then(run, run)
    last = result.catch(() => undefined)
    return result
  }

  const secret = randomBytes(32).toString('base64url')
  return {
    name: 'memory',
    ...withOwnTransactions(ports, transaction),
    transaction,
    migrate: async () => [],
    pendingMigrations: async () => [],
    ping: async () => {},
    close: async () => {},
    localSecret: () => secret,
  }
}

const memoryKeys = (table: Table<SigningKey>): KeyStore => ({
  append: async (key) => {
    if (table.find(({ sequence }) => sequence === key.sequence)) return false
    table.put(key)
    return true
  },
  list: async () => table.all().sort((a, b) => a.sequence - b.sequence),
  remove: async (id) => {
    table.remove(id)
  },
})

const memoryEvents = (table: Table<RecordedEvent>): EventStore => {
  let sequence = 0
  return {
    append: async (event) => {
      sequence += 1
      table.put({ ...event, sequence })
    },
    list: async ({ subjectId, afterSequence = 0, limit }) =>
      table
        .all()
        .filter((event) => event.sequence > afterSequence)
        .filter((event) => subjectId === undefined || event.subjectId === subjectId)
        .slice(0, limit),
  }
}
