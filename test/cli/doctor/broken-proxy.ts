import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request as send } from 'node:http'
import { createServer } from 'node:https'
import { dirname, join } from 'node:path'

/** A proxy that speaks TLS in front of a server, and may do it badly. */
export type ProxyFaults = {
  /** What becomes of the headers of a request; the proxy has not added its X-Forwarded-For when this is left out of it. */
  request?(headers: IncomingHttpHeaders, address: string): IncomingHttpHeaders
  /** What becomes of the headers of an answer. */
  answer?(headers: IncomingHttpHeaders): IncomingHttpHeaders
  /** Answers these by itself, with this. */
  swallows?: { method: string; status: number }
}

export type BrokenProxy = {
  port: number
  /** Where it leads from now on, and how badly. */
  lead(port: number, faults?: ProxyFaults): void
  close(): void
}

/** As a proxy should: the address of its caller at the end of the list. */
const addressed: Required<ProxyFaults>['request'] = (headers, address) => ({
  ...headers,
  'x-forwarded-for': [headers['x-forwarded-for'] ?? [], address].flat().join(', '),
})

/** @param caFile of makeCertificate, beside which the key of the proxy lies */
export const openBrokenProxy = async (caFile: string): Promise<BrokenProxy> => {
  const file = (name: string) => readFileSync(join(dirname(caFile), name))
  let target = 0
  let faults: ProxyFaults = {}
  const server = createServer(
    { key: file('server.key'), cert: file('server.crt') },
    (incoming, outgoing) => {
      const { method, url: path } = incoming
      const { request = addressed, answer = (headers) => headers, swallows } = faults
      if (swallows?.method === method) {
        outgoing.writeHead(swallows?.status ?? 404).end()
        return
      }
      const headers = request(incoming.headers, incoming.socket.remoteAddress ?? '')
      const passing = send(
        { host: '127.0.0.1', port: target, method, path, headers, agent: false },
        (reply) => {
          outgoing.writeHead(reply.statusCode ?? 502, answer(reply.headers))
          reply.pipe(outgoing)
        },
      )
      passing.once('error', () => outgoing.writeHead(502).end())
      incoming.pipe(passing)
    },
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    lead: (port, how = {}) => {
      target = port
      faults = how
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Headers without some of them. */
export const without =
  (...names: string[]) =>
  (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
