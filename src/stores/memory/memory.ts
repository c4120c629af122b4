import { randomBytes } from 'node:crypto'
import type { User } from '../../features/accounts/store.js'
import type {
  EventStore,
  RecordedEvent,
  Recorder,
  RecorderStore,
} from '../../features/events/store.js'
import type { Identity } from '../../features/oauth/store.js'
import type { Session } from '../../features/sessions/store.js'
import type { KeyStore, SigningKey } from '../../features/tokens/store.js'
import { withOwnTransactions } from '../own-transactions.js'
import type { Ports, Store } from '../store.js'
import { oneByOne } from '../with-ports.js'
import { type KeptAttempts, memoryAttempts } from './attempts.js'
import { memoryIdentities, memorySpent, type Spent } from './identities.js'
import { memorySessions } from './sessions.js'
import { createTable, type Table } from './table.js'
import { type LastNumber, memoryUsers } from './users.js'

/** A store that lives as long as the process: for tests and for trying things out. */
export const memoryStore = (): Store => {
  const tables = {
    users: createTable<User>(),
    sessions: createTable<Session>(),
    keys: createTable<SigningKey>(),
    events: createTable<RecordedEvent>(),
    attempts: createTable<KeptAttempts>(),
    recorders: createTable<Recorder>(),
    identities: createTable<Identity>(),
    spent: createTable<Spent>(),
  }
  const nextSequence = counter()
  const number: LastNumber = { last: 0 }
  const portsOn = (side: 'inside' | 'outside'): Ports => ({
    users: memoryUsers(tables.users[side], number),
    sessions: memorySessions(tables.sessions[side]),
    keys: memoryKeys(tables.keys[side]),
    events: memoryEvents(tables.events[side], nextSequence),
    attempts: memoryAttempts(tables.attempts[side]),
    recorders: memoryRecorders(tables.recorders[side]),
    identities: memoryIdentities(tables.identities[side]),
    spent: memorySpent(tables.spent[side]),
  })
  const inside = portsOn('inside')
  let last: Promise<unknown> = Promise.resolve()

  /** One after the other; nobody outside sees a change before it is whole, or ever when the work fails. */
  const transaction: Store['transaction'] = (work) => {
    const run = async () => {
      try {
        const result = await work(inside)
        for (const table of Object.values(tables)) table.commit()
        return result
      } catch (error) {
        for (const table of Object.values(tables)) table.rollback()
        throw error
      }
    }
    const result = last.then(run)
    last = result.catch(() => undefined)
    return result
  }

  const secret = randomBytes(32).toString('base64url')
  const ports = withOwnTransactions(portsOn('outside'), transaction)
  return {
    name: 'memory',
    ...ports,
    places: [{ name: 'memory', ping: async () => {} }],
    transaction,
    findSessionAndUser: oneByOne(ports),
    migrate: async () => [],
    pendingMigrations: async () => [],
    migrationScript: async () => '',
    concerns: async () => [],
    close: async () => {},
    localSecret: () => secret,
  }
}

const counter = (): (() => number) => {
  let count = 0
  return () => {
    count += 1
    return count
  }
}

const memoryKeys = (table: Table<SigningKey>): KeyStore => ({
  append: async (key) => {
    if (table.find(({ id, sequence }) => sequence === key.sequence || id === key.id)) return false
    table.put(key)
    return true
  },
  list: async () => table.filter(() => true).sort((a, b) => a.sequence - b.sequence),
  remove: async (id) => {
    table.remove(id)
  },
})

const memoryEvents = (table: Table<RecordedEvent>, nextSequence: () => number): EventStore => ({
  append: async (event) => table.put({ ...event, sequence: nextSequence() }),
  list: async ({ subjectId, afterSequence = 0, newestFirst = false, limit }) =>
    table
      .filter((event) => event.sequence > afterSequence)
      .filter((event) => subjectId === undefined || event.subjectId === subjectId)
      .sort((a, b) => (newestFirst ? b.sequence - a.sequence : a.sequence - b.sequence))
      .slice(0, limit),
  remove: async (sequences) => {
    const doomed = new Set(sequences)
    for (const { id } of table.filter(({ sequence }) => doomed.has(sequence))) table.remove(id)
  },
})

const memoryRecorders = (table: Table<Recorder>): RecorderStore => {
  const inOrder = (): Recorder[] => table.filter(() => true).sort((a, b) => a.number - b.number)
  return {
    append: async (recorder) => {
      if (table.find(({ id, number }) => number === recorder.number || id === recorder.id))
        return false
      table.put(recorder)
      return true
    },
    last: async () => inOrder().at(-1),
    list: async ({ afterNumber, limit }) =>
      inOrder()
        .filter(({ number }) => number > afterNumber)
        .slice(0, limit),
    writeCheckpoint: async (id, checkpointNumber, checkpoint) => {
      const recorder = table.get(id)
      if (recorder === undefined || recorder.checkpointNumber >= checkpointNumber) return false
      table.put({ ...recorder, checkpoint, checkpointNumber })
      return true
    },
    writeBases: async (id, basesNumber, bases) => {
      const recorder = table.get(id)
      if (recorder?.basesNumber !== basesNumber - 1) return false
      table.put({ ...recorder, bases, basesNumber })
      return true
    },
  }
}
