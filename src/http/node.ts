import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../auth.js'
import { AuthError } from '../errors.js'
import { type HostOptions, pipelineFor } from './pipeline.js'
import type { PlainAnswer, PlainRequest } from './plain.js'

/** The Node host: for http.createServer, Express, Connect, and whatever else speaks (request, response, next). */
export type NodeHandler = (
  request: HostRequest,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void

/** What Express and its kin add to Node's request. */
type HostRequest = IncomingMessage & {
  /** The body, where something before us has parsed it. */
  body?: unknown
  /** The address that the host believes in, its trusted proxies taken into account. */
  ip?: string | undefined
  /** The url before a mount took its prefix off. */
  originalUrl?: string
  /** HTTP/2 needs no header that announces a body. */
  stream?: { endAfterHeaders: boolean }
}

/**
 * A handler for Node's own requests. Paths that are not latchkey's go to `next` where there is one, else they are
 * answered with 404. Under a prefix, `app.use('/id', toNode(auth))` answers /id/auth/login, and
 * `app.use('/auth', toNode(auth))` answers /auth/login.
 */
export const toNode = (auth: Auth, options: HostOptions = {}): NodeHandler => {
  const pipeline = pipelineFor(auth, options)
  return (request, response, next) => {
    const plain = plainRequest(request)
    const whole = request.originalUrl && targetOf(request.originalUrl)
    if (whole && whole.path !== plain.path && pipeline.router.has(whole.path))
      Object.assign(plain, whole)
    if (next !== undefined && !pipeline.router.has(plain.path)) {
      next()
      return
    }
    pipeline
      .run(plain)
      .then((answer) => writeAnswer(response, answer))
      .catch((error: unknown) => {
        auth.log.error({ err: error }, 'an answer could not be written')
        if (!response.headersSent) response.destroy()
      })
  }
}

export const plainRequest = (request: HostRequest): PlainRequest => ({
  method: request.method ?? 'GET',
  ...targetOf(request.url ?? '/'),
  // HTTP/2 has joined repeated headers itself
  headers: (repeated(request.rawHeaders) && request.headersDistinct) || request.headers,
  address: request.ip ?? request.socket.remoteAddress,
  hasBody: request.stream && !request.stream.endAfterHeaders,
  readBody: (limit) => readBody(request, limit),
  parsedBody: request.body,
})

const targetOf = (url: string): Pick<PlainRequest, 'path' | 'query'> => {
  const start = url.startsWith('/') ? 0 : originLength(url)
  const mark = url.indexOf('?', start)
  const end = mark === -1 ? url.length : mark
  return { path: url.slice(start, end) || '/', query: url.slice(end + 1) }
}

export const pathOf = (url: string): string => targetOf(url).path

/** Proxies may ask for `http://host/path` (RFC 9112 §3.2.2). */
const originLength = (url: string): number => /^https?:\/\/[^/?#]*/i.exec(url)?.[0].length ?? 0

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

/** Counts bytes as they come. @throws AuthError `body_too_large`, `malformed_request` when the caller goes away */
const readBody = async (request: IncomingMessage, limit: number): Promise<Uint8Array> => {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new AuthError('body_too_large')
  if (request.readableDidRead) throw new Error(eatenBody)
  if (request.destroyed) throw new AuthError('malformed_request')
  return new Promise((resolve, reject) => {
    const refuse = (): void => reject(new AuthError('body_too_large'))
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
}

const eatenBody =
  'The body was read before latchkey was asked. Mount latchkey before what reads it, or leave the result in request.body.'

export const writeAnswer = (
  response: ServerResponse,
  { status, headers, body }: PlainAnswer,
): void => {
  if (body !== undefined) headers.push('content-length', String(Buffer.byteLength(body)))
  response.writeHead(status, cookiesTogether(headers))
  const cutsOff = !response.req.complete && headers.includes('connection')
  if (cutsOff && body !== undefined) endWhenRead(response, body)
  else response.end(body)
}

/** Where the host has set a header, or speaks HTTP/2, Node keeps only the last of several pairs with one name. */
const cookiesTogether = (headers: string[]): (string | string[])[] => {
  if (headers.indexOf('set-cookie') === headers.lastIndexOf('set-cookie')) return headers
  const cookies: string[] = []
  const others: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    const [name = '', value = ''] = headers.slice(index, index + 2)
    if (name === 'set-cookie') cookies.push(value)
    else others.push(name, value)
  }
  return [...others, 'set-cookie', cookies]
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
