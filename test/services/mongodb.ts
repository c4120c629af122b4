import { MongoClient } from 'mongodb'
import { startDocumentDb } from './documentdb.js'
import { startMongoGateway } from './mongodb/gateway.js'
import { type Kind, type Login, type Started, type StartOptions, withDatabase } from './service.js'

/**
 * DocumentDB behind a gateway that speaks as MongoDB does, as a replica set of one. Settings: `topology` may be
 * 'standalone', `transactionLifetimeSeconds` is 60 as with a real server. Access is not controlled, and there is no TLS.
 */
const start = async ({ durable, tls, settings }: StartOptions): Promise<Started> => {
  if (tls) throw new Error('The gateway in front of DocumentDB has no TLS')
  const database = await startDocumentDb({ durable })
  const gateway = await startMongoGateway({
    postgres: database,
    topology: settings.topology === 'standalone' ? 'standalone' : 'replica set',
    transactionLifetimeSeconds: Number(settings.transactionLifetimeSeconds ?? 60),
  })
  const url = gateway.url('latchkey')
  return {
    url,
    adminUrl: url,
    program: {
      ...database,
      start: async () => {
        await database.start()
        await gateway.start()
      },
      stop: async (how) => {
        await gateway.stop()
        await database.stop(how)
      },
      kill: async () => {
        await gateway.stop()
        await database.kill()
      },
    },
    remove: async () => {
      await gateway.close()
      await database.stop()
    },
  }
}

const withClient = async <Result>(
  url: string,
  run: (client: MongoClient) => Promise<Result>,
): Promise<Result> => {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 10_000 })
  try {
    return await run(client)
  } finally {
    await client.close()
  }
}

const version = ({ url }: Login): Promise<string> =>
  withClient(url, async (client) => {
    const { version, engine } = await client.db().admin().command({ buildInfo: 1 })
    return engine === undefined ? `MongoDB ${version}` : `DocumentDB ${engine}`
  })

export const mongodb: Kind = {
  start,
  version,
  create: async ({ url }, name) => withDatabase(withAuthSource(url), name),
  drop: (_, url) =>
    withClient(url, async (client) => {
      await client.db().dropDatabase()
    }),
}

/** A user lives in the database the given URL names; another path would look for it elsewhere. */
const withAuthSource = (url: string): string => {
  const [, path = ''] = /^[^/]+\/\/[^/?]*\/([^?]*)/.exec(url) ?? []
  if (!/\/\/[^/]*@/.test(url) || /[?&]authSource=/i.test(url)) return url
  return `${url}${url.includes('?') ? '&' : '?'}authSource=${path || 'admin'}`
}
