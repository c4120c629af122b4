import type { ClientSession, Collection, Db, MongoClient } from 'mongodb'
import { collectionNames, type Documents } from './documents.js'

/** The server gives up a command before its caller does, so that nothing waits there for nobody. */
const commandMilliseconds = 3000

export type Collections = { [Name in keyof Documents]: Collection<Documents[Name]> }
export type CommandOptions = { session?: ClientSession; maxTimeMS: number }
export type Command<Result> = (collections: Collections, options: CommandOptions) => Promise<Result>

export type Line = ReturnType<typeof createLine>

/** One client of a server or of a set of them, connected at the first command. */
export const createLine = ({ client, db }: { client: MongoClient; db: Db }) => {
  let connecting: Promise<unknown> | undefined
  let hasTransactions = false

  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    const types = [...newDescription.servers.values()].map(({ type }) => String(type))
    if (types.includes('Standalone')) hasTransactions = false
    else if (types.some((type) => transactional.has(type))) hasTransactions = true
  })

  const connect = async (): Promise<void> => {
    connecting ??= client.connect().catch((error: unknown) => {
      connecting = undefined
      throw error
    })
    await connecting
  }

  const collectionsIn = (level: 'majority' | 'local'): Collections => {
    const options = { readConcern: { level } }
    return {
      users: db.collection(collectionNames.users, options),
      sessions: db.collection(collectionNames.sessions, options),
      keys: db.collection(collectionNames.keys, options),
      events: db.collection(collectionNames.events, options),
      recorders: db.collection(collectionNames.recorders, options),
      counters: db.collection(collectionNames.counters, options),
      attempts: db.collection(collectionNames.attempts, options),
      identities: db.collection(collectionNames.identities, options),
      spent: db.collection(collectionNames.spent, options),
    }
  }
  // a single server has nobody to agree with
  const [agreed, local] = [collectionsIn('majority'), collectionsIn('local')]

  const run = async <Result>(
    command: Command<Result>,
    session?: ClientSession,
  ): Promise<Result> => {
    await connect()
    const options = { maxTimeMS: commandMilliseconds, ...(session && { session }) }
    return command(hasTransactions ? agreed : local, options)
  }

  return {
    client,
    db,
    connect,
    run,
    /** Known once connected, and kept up to date by the driver. */
    hasTransactions: () => hasTransactions,
    close: () => client.close(),
  }
}

const transactional = new Set(['RSPrimary', 'RSSecondary', 'Mongos', 'LoadBalancer'])
