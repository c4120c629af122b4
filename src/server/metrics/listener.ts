import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { ConfigurationError } from '../../errors.js'
import { together } from '../../lib/together.js'
import { connectionLimits } from '../connections.js'
import type { ServerSettings } from '../env.js'
import type { MetricsText } from './prometheus.js'

/** GET /metrics on a port of its own (S-46): whoever reaches the service does not reach this. */
export type MetricsListener = { port: number; close(): void }

type Place = Pick<ServerSettings, 'metricsHost' | 'metricsPort'>

/** Those who look are few; they must not be many by mistake. */
const mostConnections = 32

/** @throws ConfigurationError where the port or the address cannot be had */
export const listenForMetrics = async (
  { metricsHost, metricsPort }: Place,
  read: () => Promise<MetricsText>,
): Promise<MetricsListener> => {
  const server = createServer(connectionLimits, answering(together(read)))
  server.maxConnections = mostConnections
  server.listen(metricsPort, metricsHost)
  await once(server, 'listening').catch((error: unknown) => {
    throw explained(error)
  })
  server.on('error', () => {}) // a connection that could not be taken: who looks will look again
  server.unref() // it is no reason for a process to live on
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const answering =
  (read: () => Promise<MetricsText>): RequestListener =>
  (request, response) => {
    const say = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
      response.writeHead(status, {
        'content-type': type,
        'content-length': Buffer.byteLength(text),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
      response.end(request.method === 'HEAD' ? undefined : text)
    }
    if (request.url !== '/metrics') return say(404, 'Only /metrics is here.\n')
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'GET it.\n')
    read().then(
      ({ text, type }) => say(200, text, type),
      () => say(500, 'The figures could not be read.\n'),
    )
  }

const explained = (error: unknown): unknown => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const mistake = mistakes.get(code)
  return mistake === undefined ? error : new ConfigurationError([mistake])
}

const mistakes = new Map<unknown, { option: string; detail: string }>([
  [
    'EADDRINUSE',
    {
      option: 'METRICS_PORT',
      detail:
        'is a port on which another program listens, perhaps another latchkey. Choose another',
    },
  ],
  [
    'EACCES',
    {
      option: 'METRICS_PORT',
      detail: 'needs more rights than this user has. Choose a port from 1024 on',
    },
  ],
  ...['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].map(
    (code) =>
      [
        code,
        {
          option: 'METRICS_HOST',
          detail:
            'is no address of this machine. Set one it has: 127.0.0.1 for this machine only, 0.0.0.0 for all',
        },
      ] as const,
  ),
])
