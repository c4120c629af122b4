import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../auth.js'
import { AuthError } from '../errors.js'
import { type HostOptions, pipelineFor } from './pipeline.js'
import type { PlainAnswer, PlainRequest } from './plain.js'

/** The Node host: for http.createServer, Express, Connect, and whatever else speaks (request, response, next). */
export type NodeHandler = (
  request: IncomingMessage & { body?: unknown },
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void

/**
 * A handler for Node's own requests. Paths that are not latchkey's go to `next` where there is one, else they are
 * answered with 404.
 */
export const toNode = (auth: Auth, options: HostOptions = {}): NodeHandler => {
  const pipeline = pipelineFor(auth, options)
  return (request, response, next) => {
    const plain = plainRequest(request)
    if (next !== undefined && !pipeline.router.has(plain.path)) {
      next()
      return
    }
    pipeline.run(plain).then(
      (answer) => writeAnswer(response, answer),
      (error: unknown) => {
        auth.log.error({ err: error }, 'an answer could not be written')
        response.destroy()
      },
    )
  }
}

export const plainRequest = (request: IncomingMessage & { body?: unknown }): PlainRequest => ({
  method: request.method ?? 'GET',
  path: pathOf(request.url ?? '/'),
  headers: repeated(request.rawHeaders) ? request.headersDistinct : request.headers,
  address: request.socket.remoteAddress,
  readBody: (limit) => readBody(request, limit),
  parsedBody: request.body,
})

const pathOf = (url: string): string => {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}

/** Node keeps the first of some headers and forgets the others; nobody should choose which one counts. */
const repeated = (rawHeaders: readonly string[]): boolean => {
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (seen.has(name)) return true
    seen.add(name)
  }
  return false
}

/** Counts bytes as they come. @throws AuthError `body_too_large` */
const readBody = (request: IncomingMessage, limit: number): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const refuse = (): void => reject(new AuthError('body_too_large'))
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      refuse()
      return
    }
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) refuse()
      else chunks.push(chunk)
    })
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('error', () => reject(new AuthError('malformed_request')))
    request.once('close', () => {
      if (!request.readableEnded) reject(new AuthError('malformed_request'))
    })
  })

export const writeAnswer = (
  response: ServerResponse,
  { status, headers, body }: PlainAnswer,
): void => {
  if (body !== undefined) headers.push('content-length', String(Buffer.byteLength(body)))
  response.writeHead(status, headers)
  if (response.shouldKeepAlive || response.req.complete || body === undefined) response.end(body)
  else endWhenRead(response, body)
}

const lingerMilliseconds = 1_000

/** Closing at once would reset the connection, and whoever still sends a body that is too large would never learn it. */
const endWhenRead = (response: ServerResponse, body: string | Uint8Array): void => {
  const end = (): void => {
    clearTimeout(late)
    response.end()
  }
  const late = setTimeout(end, lingerMilliseconds)
  response.write(body)
  response.req.once('close', end).once('end', end).resume()
}
