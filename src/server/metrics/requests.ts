import type { RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { pathOf } from '../../http/node.js'
import type { Router } from '../../http/router.js'
import type { Book } from './prometheus.js'

/** Requests by route: names of the table and never what was asked for, which may hold a token, and is without end. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const methods = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS'])

export const countRequests = (book: Book) => {
  const durations = book.histogram(
    'latchkey_http_request_duration_seconds',
    'From the head of a request to the end of its answer.',
    { labels: ['method', 'route', 'status'], buckets },
  )
  const underWay = createUnderWay()
  const open = book.gauge('latchkey_http_requests_in_flight', 'Requests that are not answered yet.')

  return (handler: RequestListener, router: Router): RequestListener =>
    (request, response) => {
      const began = performance.now()
      const { method = 'GET', url = '/' } = request
      const match = router.find(method, pathOf(url))
      const labels = {
        method: methods.has(method) ? method : 'other',
        route: match.found === 'route' ? match.route.path : match.found,
      }
      open.inc()
      const others = underWay(request.socket)
      const end = (): void => {
        if (!others.delete(end)) return
        open.dec()
        const seconds = (performance.now() - began) / 1000
        durations.observe({ ...labels, status: statusOf(response) }, seconds)
      }
      others.add(end)
      response.once('close', end)
      handler(request, response)
    }
}

/** What is to be ended with a connection: of answers that wait behind others then, Node tells nothing more. */
const createUnderWay = () => {
  const ofSockets = new WeakMap<Socket, Set<() => void>>()
  return (socket: Socket): Set<() => void> => {
    const known = ofSockets.get(socket)
    if (known !== undefined) return known
    const ends = new Set<() => void>()
    ofSockets.set(socket, ends)
    socket.once('close', () => {
      for (const end of ends) end()
    })
    return ends
  }
}

/** `gone` is who did not wait for the answer. */
const statusOf = ({ writableFinished, statusCode }: ServerResponse): string =>
  writableFinished ? `${Math.floor(statusCode / 100)}xx` : 'gone'
