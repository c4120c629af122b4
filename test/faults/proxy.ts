import { type ClientRequest, createServer, type Server, request as send } from 'node:http'
import { createCaller, pause } from './calls.js'

/** A balancer as people put before two instances: it asks who is ready and sends each request to the next of those. */
export type Proxy = { port: number; close(): void }

export type Backend = { port: number }

const everyMilliseconds = 50

export const openProxy = async (backends: readonly Backend[]): Promise<Proxy> => {
  const ready = new Set<Backend>()
  let turn = 0
  const next = (): Backend | undefined => {
    turn += 1
    return [...ready][turn % Math.max(1, ready.size)]
  }
  const server: Server = createServer((incoming, outgoing) => {
    const backend = next()
    if (backend === undefined) {
      outgoing.writeHead(502).end()
      return
    }
    const { method, url: path, headers } = incoming
    const passing: ClientRequest = send(
      { host: '127.0.0.1', port: backend.port, method, path, headers, agent: false },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      },
    )
    passing.once('error', () => outgoing.headersSent || outgoing.writeHead(502).end())
    incoming.pipe(passing)
  })

  let isOpen = true
  const watch = async (backend: Backend): Promise<void> => {
    const caller = createCaller(backend, { keepAlive: false })
    while (isOpen) {
      const answer = await caller.tryCall('GET', '/health/ready')
      if (answer?.status === 200) ready.add(backend)
      else ready.delete(backend)
      await pause(everyMilliseconds)
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  for (const backend of backends) watch(backend).catch(() => {})
  while (ready.size < backends.length) await pause(10)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => {
      isOpen = false
      server.closeAllConnections()
      server.close()
    },
  }
}
