import { createHash } from 'node:crypto'
import { ConfigurationError } from '../../errors.js'
import type { WaitingLine } from '../../lib/waiting-line.js'
import { within } from '../../lib/within.js'
import { createAdmission } from '../admission.js'
import { loadDriver } from '../driver.js'
import { faultOf, isReadOnly, isUnknownScript } from './faults.js'
import { readRedisUrl, unfit } from './redis-url.js'

/**
 * What is asked of a client: one verb. Those of ioredis fit as they are; of node-redis,
 * `{ call: (...words) => client.sendCommand(words) }`.
 */
export type RedisClient = {
  /** One command, word by word, answered as Redis answers: texts, numbers, null, and lists of them. */
  call(command: string, ...words: string[]): Promise<unknown>
}

/** A Redis server. Every verb throws `store_unavailable` within 3 s when it cannot be reached or cannot write. */
export type Connection = {
  call(command: string, ...words: string[]): Promise<unknown>
  run(script: Script, keys: readonly string[], words: readonly string[]): Promise<unknown>
  close(): Promise<void>
}

/** Lua that runs as a whole or not at all, and its name on the server. */
export type Script = { lua: string; sha: string }

export const script = (lua: string): Script => ({
  lua,
  sha: createHash('sha1').update(lua).digest('hex'),
})

/** The same for requests, of which no more wait for answers than may. */
export const bounded = ({ call, run, close }: Connection, line: WaitingLine): Connection => {
  const admit = createAdmission({ atOnce: 0, line })
  return {
    call: (...words) => admit(() => call(...words)),
    run: (...given) => admit(() => run(...given)),
    close,
  }
}

const patienceMilliseconds = 3_000

/** @throws ConfigurationError when the URL cannot be used or the driver is missing */
export const openConnection = (urlOrClient: string | RedisClient): Connection => {
  const [client, close] =
    typeof urlOrClient === 'string' ? ownClient(urlOrClient) : ([urlOrClient, () => {}] as const)

  const call: Connection['call'] = async (command, ...words) => {
    try {
      // a client that was given may wait for ever; whoever asks us may not
      return await within(patienceMilliseconds, client.call(command, ...words))
    } catch (error) {
      throw isUnknownScript(error) ? error : faultOf(error)
    }
  }
  return {
    call,
    run: async ({ lua, sha }, keys, words) => {
      const rest = [String(keys.length), ...keys, ...words]
      try {
        return await call('EVALSHA', sha, ...rest)
      } catch (error) {
        if (!isUnknownScript(error)) throw error
        return call('EVAL', lua, ...rest) // a server that was started anew has forgotten it
      }
    },
    close: async () => close(),
  }
}

/**
 * Nothing waits in a queue while Redis is away: whoever asks is told at once, and no command is sent after its caller has
 * gone. A server that hangs is left after 2 s. It is looked for again every second at most.
 */
const behaviour = {
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: 2_000,
  commandTimeout: 2_000,
  socketTimeout: 2_000,
  disconnectTimeout: 100,
  maxLoadingRetryTime: 500,
  // a primary that became a replica will stay one: its name may lead to the new primary by now
  reconnectOnError: ({ message }: Error) => isReadOnly(message),
  retryStrategy: (attempt: number) => Math.min(attempt * 100, 1_000),
  connectionName: 'latchkey',
}

/** A client that only we use, and what ends it. */
const ownClient = (url: string): readonly [client: RedisClient, close: () => void] => {
  const { Redis } = driver()
  const client = new Redis({ ...behaviour, ...readRedisUrl(url) })
  let lastFault: unknown
  client.on('error', (error) => {
    lastFault = error // without somebody who listens it would be printed
  })
  client.on('ready', () => {
    lastFault = undefined
  })
  let opening: Promise<unknown> | undefined

  const call: RedisClient['call'] = async (command, ...words) => {
    opening ??= client.connect().catch(() => {})
    await opening
    try {
      return await client.call(command, ...words)
    } catch (error) {
      throw client.status === 'ready' ? error : (lastFault ?? error) // why it is away says more
    }
  }
  const close = (): void => {
    opening ??= Promise.resolve() // and it is not opened again
    client.disconnect()
  }
  return [{ call }, close]
}

const driver = (): typeof import('ioredis') => {
  try {
    return loadDriver('ioredis')
  } catch (error) {
    throw error instanceof ConfigurationError ? unfit(error.mistakes[0]?.detail ?? '') : error
  }
}
