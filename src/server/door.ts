import { randomBytes } from 'node:crypto'
import {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { Duplex } from 'node:stream'
import { AuthError, type ErrorCode } from '../errors.js'
import { commonHeaders, dataHeaders } from '../http/headers.js'
import { writeAnswer } from '../http/node.js'
import type { PlainAnswer } from '../http/plain.js'
import { problemOf } from '../http/problem.js'
import type { Log } from '../lib/log.js'

/** The door of the server: what is no request that we speak is refused here, in the words of all other refusals. */
type Deps = { baseUrl: string; log: Log }

export const createDoor = ({ baseUrl, log }: Deps) => {
  const common = commonHeaders({ https: baseUrl.startsWith('https:') })

  const refusal = (
    error: AuthError,
    reason: string | undefined,
  ): PlainAnswer & { body: string } => {
    const requestId = randomBytes(8).toString('hex')
    log.debug({ request_id: requestId, code: error.code, reason }, 'refused at the door')
    const body = JSON.stringify(problemOf(error, baseUrl, requestId))
    const { retryAfterSeconds } = error
    const headers = [
      ...['content-type', 'application/problem+json; charset=utf-8'],
      // who waits behind others asks again on the same connection
      ...(retryAfterSeconds === undefined
        ? ['connection', 'close']
        : ['retry-after', String(retryAfterSeconds)]),
      ...(error.allow.length > 0 ? ['allow', error.allow.join(', ')] : []),
      ...[...dataHeaders, ...common, 'x-request-id', requestId],
    ]
    return { status: error.status, headers, body }
  }

  /** For what Node could not even make a request of. */
  const refuseConnection = (socket: Duplex, error: AuthError, reason: string | undefined): void => {
    if (!socket.writable) {
      socket.destroy()
      return
    }
    const { status, headers, body } = refusal(error, reason)
    headers.push('content-length', String(Buffer.byteLength(body)))
    const lines = headers.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}: ${headers[index + 1]}`] : [],
    )
    socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'))
    linger(socket)
  }

  const refuseRequest = (response: ServerResponse, reason: string): void =>
    writeAnswer(response, refusal(new AuthError('malformed_request'), reason))

  const refuseBusy = (response: ServerResponse): void =>
    writeAnswer(response, refusal(new AuthError('overloaded'), 'queue'))

  /** Lets only requests of HTTP/1.0 and 1.1 pass to the handler, the latter with a Host (RFC 9112 §2.3, §3.2). */
  const admit =
    (handler: RequestListener): RequestListener =>
    (request, response) => {
      const { httpVersion, headers } = request
      if (httpVersion !== '1.1' && httpVersion !== '1.0') refuseRequest(response, 'version')
      else if (httpVersion === '1.1' && headers.host === undefined) refuseRequest(response, 'host')
      else handler(request, response)
    }

  const attach = (server: Server): void => {
    server.on('clientError', (error: Error & { code?: string }, socket) => {
      refuseConnection(
        socket,
        new AuthError(refusalCodes[error.code ?? ''] ?? 'malformed_request'),
        error.code,
      )
    })
    server.on('connect', (_request, socket) => {
      refuseConnection(socket, new AuthError('method_not_allowed', { allow: methods }), 'CONNECT')
    })
    server.on('checkContinue', (request, response) => {
      continueWhenRead(request, response)
      server.emit('request', request, response)
    })
    server.on('checkExpectation', (_request, response) => refuseRequest(response, 'Expect'))
  }

  return {
    admit,
    attach,
    /** For who finds as many waiting as may. */
    refuseBusy,
  }
}

const methods = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS']

const refusalCodes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

/** A client that asks first (Expect: 100-continue) sends its body only when somebody is going to read it. */
const continueWhenRead = (request: IncomingMessage, response: ServerResponse): void => {
  request.once('resume', () => {
    if (!response.headersSent) response.writeContinue()
  })
}

const lingerMilliseconds = 1_000

/** Closing at once would reset the connection, and whoever still sends would never read the answer. */
const linger = (socket: Duplex): void => {
  socket.resume()
  socket.on('error', () => socket.destroy()) // Node listens no more after CONNECT; a reset must not end the process
  const end = setTimeout(() => socket.destroy(), lingerMilliseconds)
  end.unref()
  socket.once('close', () => clearTimeout(end))
}
