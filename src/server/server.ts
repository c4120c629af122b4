import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Auth, createAuth } from '../auth.js'
import { toNode } from '../http/node.js'
import { routesOf } from '../http/routes.js'
import type { Log } from '../lib/log.js'
import { memoryStore } from '../stores/memory/memory.js'
import { sqlStore } from '../stores/sql/sql.js'
import type { Store } from '../stores/store.js'
import { createDoor } from './door.js'
import { createDrain } from './drain.js'
import type { ServerSettings } from './env.js'
import { createLog } from './log.js'
import { pageRoutes } from './pages/pages.js'

export { ConfigurationError } from '../errors.js'
export type { ServerSettings } from './env.js'
export { pageRoutes } from './pages/pages.js'
export { readSettings, type SettingsSource } from './settings.js'

/** latchkey as a server of its own, on node:http. */
export type RunningServer = {
  auth: Auth
  /** Where it listens. */
  port: number
  /** Takes no new requests, lets those under way end (10 s at most, or as told), closes the store. */
  stop(options?: { withinMilliseconds?: number }): Promise<void>
}

export const openStore = (databaseUrl: string): Store =>
  databaseUrl === 'memory' ? memoryStore() : sqlStore(databaseUrl)

/** The auth object of these settings, ready to be asked. @throws ConfigurationError */
export const openAuth = async (settings: ServerSettings, log: Log): Promise<Auth> => {
  const store = openStore(settings.databaseUrl)
  try {
    const auth = createAuth({ ...settings.auth, store, log })
    await auth.ready()
    return auth
  } catch (error) {
    await store.close()
    throw error
  }
}

/** @throws ConfigurationError, or the error of `listen` such as EADDRINUSE */
export const startServer = async (settings: ServerSettings): Promise<RunningServer> => {
  const log = await createLog(settings)
  const auth = await openAuth(settings, log)
  const { name, baseUrl } = auth.options
  const routes = pageRoutes({ name, baseUrl, routes: routesOf(auth), docs: settings.docs })
  const door = createDoor({ baseUrl, log })
  const server = createServer(limits, door.admit(toNode(auth, { routes })))
  server.maxConnections = 2048
  door.attach(server)
  const drain = createDrain(server)
  try {
    await listen(server, settings)
  } catch (error) {
    await auth.close()
    throw error
  }
  const stop: RunningServer['stop'] = async ({ withinMilliseconds } = {}) => {
    await drain(withinMilliseconds)
    await auth.close()
  }
  return { auth, port: portOf(server), stop }
}

/** A slow or endless request is cut; Node looks for them every second (its own default is half a minute). */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
  requireHostHeader: false, // the door looks for it, and answers like all others
}

const listen = (server: Server, { host, port }: ServerSettings): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })

const portOf = (server: Server): number => {
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
