import type { RequestListener, Server, ServerResponse } from 'node:http'
import type { WaitingLine } from '../lib/waiting-line.js'

type Deps = { line: WaitingLine; refuse(response: ServerResponse): void }

/** Requests that come before the store is open wait for it; a tenth of a second as a rule. */
export const holdRequests = (
  server: Server,
  { line, refuse }: Deps,
): ((handler: RequestListener) => void) => {
  const waiting: Parameters<RequestListener>[] = []
  const hold: RequestListener = (request, response) => {
    if (line.enter()) waiting.push([request, response])
    else refuse(response)
  }
  server.on('request', hold)
  return (handler) => {
    server.off('request', hold)
    server.on('request', handler)
    for (const exchange of waiting) {
      line.leave()
      handler(...exchange)
    }
  }
}
