import type { RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Clock, secondsBetween, systemClock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { WaitingLine } from '../lib/waiting-line.js'

/** Bounds on connections: what a peer may hold is held for a while, so every while and every number has an end. */
export const connectionLimits = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000, // Node's own default is half a minute
  maxHeaderSize: 16_384,
  requireHostHeader: false, // the door looks for it, and answers like all others
  insecureHTTPParser: false, // NODE_OPTIONS could turn it on for everything in this process
}

/** Then the client opens a new one, and whoever balances connections may send it elsewhere. */
const mostRequests = 10_000
/** Requests that wait for the answer to the one before. Browsers send none; those who measure servers send ten. */
const mostPipelined = 32
const secondsBetweenLines = 60

type Bounds = {
  maxConnections: number
  log: Log
  clock?: Clock
  /** One of several processes: what it does not take, Node would offer round and round among them. */
  worker?: object | undefined
}

export const boundConnections = (
  server: Server,
  { maxConnections, log, clock = systemClock, worker }: Bounds,
): void => {
  if (worker === undefined) server.maxConnections = maxConnections
  server.maxHeadersCount = 0 // the bytes are counted; of a number Node would forget what is beyond without a word
  let toldAt: Date | undefined
  let turnedAway = 0
  const turnAway = (): void => {
    turnedAway += 1
    const now = clock()
    if (toldAt !== undefined && secondsBetween(toldAt, now) < secondsBetweenLines) return
    log.warn(
      { max_connections: maxConnections, turned_away: turnedAway },
      'new connections are turned away: there are as many as MAX_CONNECTIONS allows',
    )
    toldAt = now
    turnedAway = 0
  }
  server.on('drop', turnAway)
  if (worker !== undefined) closeBeyond(server, maxConnections, turnAway)
  // a connection that could not be taken (no descriptor is left) must not end the others
  server.on('error', (err) => log.error({ err }, 'a connection could not be taken'))
}

const closeBeyond = (server: Server, most: number, turnAway: () => void): void => {
  let open = 0
  server.on('connection', (socket) => {
    open += 1
    socket.once('close', () => {
      open -= 1
    })
    if (open <= most) return
    socket.destroy()
    turnAway()
  })
}

type RequestBounds = {
  requests?: number
  pipelined?: number
  /** In which those of all connections together wait, and what is said to who finds it full. */
  together?: { line: WaitingLine; refuse(response: ServerResponse): void } | undefined
}

/**
 * Ends a connection with the answer to its last request; what was sent behind that is not begun. Whoever asks again and
 * again without taking answers is cut off: each waits in memory behind the one before.
 */
export const boundRequests = (
  handler: RequestListener,
  { requests = mostRequests, pipelined = mostPipelined, together }: RequestBounds = {},
): RequestListener => {
  const uses = new WeakMap<Socket, Use>()
  const leave = (use: Use, count = 1): void => {
    use.waiting -= count
    for (let left = count; left > 0; left -= 1) together?.line.leave()
  }

  return (request, response) => {
    const { socket } = request
    const use = uses.get(socket) ?? { served: 0, waiting: 0, isWatched: false }
    if (use.served === 0) uses.set(socket, use)
    if (use.served === requests || socket.destroyed) return
    if (response.socket === null) {
      if (use.waiting === pipelined) {
        socket.resetAndDestroy()
        return
      }
      if (together?.line.enter() === false) {
        use.served += 1
        together.refuse(response)
        return
      }
      // of those that still wait when their connection ends, Node tells nothing more
      if (!use.isWatched) socket.once('close', () => leave(use, use.waiting))
      use.isWatched = true
      use.waiting += 1
      response.once('close', () => {
        if (use.waiting > 0) leave(use)
      })
    }
    use.served += 1
    if (use.served === requests) response.shouldKeepAlive = false
    handler(request, response)
  }
}

type Use = { served: number; waiting: number; isWatched: boolean }
