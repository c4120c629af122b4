import type { Db, MongoClient, MongoClientOptions } from 'mongodb'
import { ConfigurationError } from '../../errors.js'
import { loadDriver } from '../driver.js'

type Module = typeof import('mongodb')

/** Waiting for a free connection, an answer: each ends before the verb does. */
const patienceMilliseconds = 4000

/** Less, because who has waited for the server still waits for its answer, and many wait together. */
const selectionMilliseconds = 2000

/**
 * What the store promises rests on these, so a URL cannot change them: an answer means that most members have the write
 * on disk, and reads see what was answered.
 */
const settings: MongoClientOptions = {
  appName: 'latchkey',
  readPreference: 'primary',
  writeConcern: { w: 'majority', journal: true },
  serverSelectionTimeoutMS: selectionMilliseconds,
  connectTimeoutMS: patienceMilliseconds,
  waitQueueTimeoutMS: patienceMilliseconds,
  socketTimeoutMS: patienceMilliseconds,
  // a server that is back is noticed within 2 s
  heartbeatFrequencyMS: 2000,
  serverMonitoringMode: 'poll',
  ignoreUndefined: false,
  promoteLongs: true,
}

/** Building an index may take as long as it takes. */
export const forMigrations: MongoClientOptions = { socketTimeoutMS: 0, maxPoolSize: 2 }

/** @throws ConfigurationError when the driver is missing or does not take the URL */
export const openClient = (
  url: string,
  more: MongoClientOptions = {},
): { client: MongoClient; db: Db } => {
  const { MongoClient } = loadDriver<Module>('mongodb')
  try {
    const bound = /[?&]maxPoolSize=/i.test(url) ? {} : { maxPoolSize: 20 }
    const client = new MongoClient(url, { ...settings, ...bound, ...more })
    return { client, db: client.db(databaseOf(url)) }
  } catch (error) {
    throw new ConfigurationError([{ option: 'store', detail: whatIsWrong(error) }])
  }
}

export const example = 'mongodb://user:password@host:27017/database'

export const isMongoUrl = (url: string): boolean => /^mongodb(\+srv)?:\/\//.test(url)

const databaseOf = (url: string): string => {
  const [, path = ''] = /^[^/]+\/\/[^/?]*\/([^?]*)/.exec(url) ?? []
  const name = decodeURIComponent(path) || 'latchkey'
  if (/[\0/\\. "$*<>:|?]/.test(name)) throw new Error('The server takes no such name')
  return name
}

/** The driver's own sentences may repeat the user's name or the URL; names of options are all that is taken from them. */
const whatIsWrong = (error: unknown): string => {
  const message = error instanceof Error ? error.message : ''
  const [, options] = /^options? ([\w, ]+) (?:is|are) not supported$/.exec(message) ?? []
  return options === undefined
    ? `is not a MongoDB URL. Write ${example}, with signs such as @ : / % in user and password percent-encoded`
    : `has options that MongoDB does not know: ${options}. Remove them, or correct their spelling`
}
