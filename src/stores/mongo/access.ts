import type { ClientSession, Collection, Db, MongoClient } from 'mongodb'
import { AuthError } from '../../errors.js'
import { collectionNames, type Documents } from './documents.js'
import { unavailable } from './faults.js'

/** A verb is told yes, no or store_unavailable within this. */
const patienceMilliseconds = 4500

/** The server gives up a command before its caller does, so that nothing waits there for nobody. */
const commandMilliseconds = 3000

export type Collections = { [Name in keyof Documents]: Collection<Documents[Name]> }
export type CommandOptions = { session?: ClientSession; maxTimeMS: number }
export type Command<Result> = (collections: Collections, options: CommandOptions) => Promise<Result>

/** How the ports reach the database: directly, or inside a transaction. */
export type Access = {
  /** Inside a transaction no command may fail and the rest go on: a server ends the whole of it. */
  isInTransaction: boolean
  run<Result>(command: Command<Result>): Promise<Result>
  /** Runs a command that stays whatever becomes of the transaction. */
  runOutside<Result>(command: Command<Result>): Promise<Result>
}

export type Connection = ReturnType<typeof createConnection>

/** The connection to a server or to a set of them, made at the first command. */
export const createConnection = ({ client, db }: { client: MongoClient; db: Db }) => {
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

  const runDirectly: Access['run'] = (command) =>
    within(run(command), deadline()).catch((error: unknown) => {
      throw unavailable(error)
    })
  const direct: Access = {
    isInTransaction: false,
    run: runDirectly,
    runOutside: runDirectly,
  }

  return {
    client,
    db,
    direct,
    connect,
    run,
    /** Known once connected, and kept up to date by the driver. */
    hasTransactions: () => hasTransactions,
    close: () => client.close(),
  }
}

const transactional = new Set(['RSPrimary', 'RSSecondary', 'Mongos', 'LoadBalancer'])

export const deadline = (): number => performance.now() + patienceMilliseconds

/** What the promise brings, or store_unavailable when the time has come. */
export const within = async <Result>(promise: Promise<Result>, until: number): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AuthError('store_unavailable', { cause: new Error('No answer in time') })),
      Math.max(0, until - performance.now()),
    )
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
