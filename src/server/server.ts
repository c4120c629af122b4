import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Auth, createAuth } from '../auth.js'
import { AuthError, ConfigurationError } from '../errors.js'
import { toNode } from '../http/node.js'
import { routesOf } from '../http/routes.js'
import { systemClock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { createWaitingLine, type WaitingLine } from '../lib/waiting-line.js'
import { watchLines } from '../lib/watch-lines.js'
import type { Annex, Store } from '../stores/store.js'
import { withPorts } from '../stores/with-ports.js'
import { baseUrlAt } from './assumptions.js'
import { bootWarnings, clockWarnings, sentenceOf, storeWarnings } from './boot-warnings.js'
import { boundConnections, boundRequests, connectionLimits } from './connections.js'
import { createDoor } from './door.js'
import { createDrain } from './drain.js'
import type { ServerSettings } from './env.js'
import { holdRequests } from './held-requests.js'
import { createLog } from './log.js'
import { withReturnToTryIt } from './login-providers.js'
import { openMetrics } from './metrics/metrics.js'
import type { Figures } from './metrics/prometheus.js'
import { withLegacyTokens } from './open-legacy.js'
import { openStore } from './open-store.js'
import { pageRoutes } from './pages/pages.js'
import { createProbeAnswers } from './probe.js'
import { isOnServer } from './root-secret-file.js'
import { nameVariables } from './settings.js'
import { cutSlowReaders } from './slow-readers.js'

export { ConfigurationError } from '../errors.js'
export type { ServerSettings } from './env.js'
export { openStore } from './open-store.js'
export { pageRoutes } from './pages/pages.js'
export { readSettings, type SettingsSource } from './settings.js'

/** latchkey as a server of its own, on node:http. */
export type RunningServer = {
  auth: Auth
  /** Where it listens. */
  port: number
  /** With METRICS_PORT: where /metrics is, and what it tells, fit to be sent to another process. */
  metrics?: { port: number | undefined; figures(): Promise<Figures> }
  /** Says that it is about to end, and goes on for SHUTDOWN_DELAY. */
  leave(): Promise<void>
  /** Sends its clients to the process that has taken its place on the same port; about a second. */
  retire(): Promise<void>
  /** Takes no new requests, lets those under way end (10 s at most, or as told), closes the store. */
  stop(options?: { withinMilliseconds?: number }): Promise<void>
}

/** The auth object of these settings, ready to be asked. @throws ConfigurationError */
export const openAuth = async (
  settings: ServerSettings,
  log: Log,
  shared: Annex = {},
): Promise<Auth> => {
  const store = withPorts(openStore(settings), shared)
  try {
    const auth = createAuth({ ...withLegacyTokens(settings), store, log })
    await auth.ready()
    return auth
  } catch (error) {
    const fault = isAway(error) ? await unreachable(error, store, settings) : error
    await store.close()
    throw fault instanceof ConfigurationError ? asWritten(fault, settings) : fault
  }
}

/** Under the names that somebody wrote. */
const asWritten = ({ mistakes }: ConfigurationError, { writtenAs = {} }: ServerSettings) =>
  new ConfigurationError(
    nameVariables(mistakes).map(({ option, detail }) => ({
      option: writtenAs[option] ?? option,
      detail,
    })),
  )

const isAway = (error: unknown): error is AuthError =>
  error instanceof AuthError && error.code === 'store_unavailable'

/** A server that does not answer at the start is a setting to look at; a file is not. */
const unreachable = async (
  error: AuthError,
  { places }: Store,
  settings: ServerSettings,
): Promise<Error> => {
  const { cause } = error
  const answers = await Promise.allSettled(places.map(({ ping }) => ping()))
  const isRedis = places.some(
    ({ name, isOptional }, index) =>
      name === 'redis' && !isOptional && answers[index]?.status === 'rejected',
  )
  if (!isRedis && !isOnServer(settings)) return error
  const code = cause instanceof Error && 'code' in cause && cause.code ? ` (${cause.code})` : ''
  const what = isRedis ? 'Redis' : 'database'
  const detail = `leads to no ${what} that answers${code}. Check the host and the port, and that it runs`
  return new ConfigurationError([{ option: isRedis ? 'redis' : 'store', detail }])
}

/**
 * Takes the port before it touches the store: a second start by mistake changes nothing, and with PORT=0 the addresses
 * in tokens name the port that was given.
 *
 * @throws ConfigurationError, or the error of `listen` such as EADDRINUSE
 */
export const startServer = async (
  settings: ServerSettings,
  /** What it shares with other processes on the same port. */
  shared: Annex = {},
): Promise<RunningServer> => {
  const log = await createLog(settings)
  const server = createServer(connectionLimits)
  const drain = createDrain(server)
  await listen(server, settings)
  boundConnections(server, { ...settings, log })
  cutSlowReaders(server)
  const port = portOf(server)
  const baseUrl = settings.auth.baseUrl ?? baseUrlAt(port, settings)
  const door = createDoor({ baseUrl, log })
  door.attach(server)
  const lines = linesOf(settings)
  watchLines(Object.values(lines), { log, clock: systemClock })
  const open = holdRequests(server, { line: lines.starting, refuse: door.refuseBusy })
  try {
    const metrics = await openMetrics(settings, { server, listens: true })
    const { docs } = settings
    const its = withReturnToTryIt({ ...settings.auth, baseUrl }, { docs, baseUrl })
    const auth = await openAuth({ ...settings, auth: its }, log, shared)
    const { name, http } = auth.options
    const routes = pageRoutes({
      name,
      baseUrl,
      addresses: http,
      routes: routesOf(auth),
      dialect: auth.dialect,
      responseFormat: http.responseFormat,
      docs,
    })
    const { secret = auth.store.localSecret?.(), previousSecrets } = auth.options
    const secrets = [...(secret === undefined ? [] : [secret]), ...previousSecrets]
    const { trustedProxies } = auth.options.http
    const answerProbes = createProbeAnswers({ secrets, trustedProxies, clock: systemClock })
    const handler = answerProbes(toNode(auth, { routes, isReady: drain.isReady }))
    const asked = await Promise.all([storeWarnings(auth.store), clockWarnings(auth.store)])
    const warnings = [...bootWarnings(settings), ...asked.flat()]
    const isTold = settings.worker === undefined || settings.worker.number === 1
    for (const found of isTold ? warnings : [])
      log.warn({ warning: found.warning }, sentenceOf(found))
    const admitted = door.admit(handler)
    const subject = {
      auth,
      routes: routesOf(auth, routes),
      lines: [...auth.lines, ...Object.values(lines)],
    }
    const together = { line: lines.pipelined, refuse: door.refuseBusy }
    open(boundRequests(metrics?.watch(admitted, subject) ?? admitted, { together }))
    const stop: RunningServer['stop'] = async ({ withinMilliseconds } = {}) => {
      await drain.end(withinMilliseconds)
      metrics?.close()
      await auth.close()
    }
    const leave = () => drain.leave(settings.shutdownDelay)
    const { retire } = drain
    return { auth, port, leave, retire, stop, ...(metrics && { metrics }) }
  } catch (error) {
    server.close()
    server.closeAllConnections()
    throw error
  }
}

/** Where requests wait besides: before the store is open, and behind others on their connection. */
const linesOf = ({
  maxConnections,
}: ServerSettings): Record<'starting' | 'pipelined', WaitingLine> => {
  const line = (name: string) =>
    createWaitingLine({ name, option: 'MAX_CONNECTIONS', most: maxConnections })
  return { starting: line('starting'), pipelined: line('pipelined') }
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
