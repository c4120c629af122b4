import { isIP } from 'node:net'
import type { Auth } from '../auth.js'
import { AuthError } from '../errors.js'
import { type HostOptions, pipelineFor } from './pipeline.js'
import type { PlainAnswer, PlainRequest } from './plain.js'

/** The fetch host: for Hono, Next route handlers, Bun, Deno, and whatever else turns a Request into a Response. */
export type FetchHandler = (request: Request, peer?: object) => Promise<Response>

/**
 * A `Request` has no address: pass `{ address }` as second argument where the host knows the peer. Hosts that put
 * something else there do no harm: what is not an IP address is not taken for one.
 */
export const toFetch = (auth: Auth, options: HostOptions = {}): FetchHandler => {
  const pipeline = pipelineFor(auth, options)
  return async (request, peer) =>
    toResponse(await pipeline.run(plainRequest(request, addressOf(peer))))
}

const addressOf = (peer: { address?: unknown } | undefined): string | undefined => {
  const address = peer?.address
  return typeof address === 'string' && isIP(address) !== 0 ? address : undefined
}

const plainRequest = (request: Request, address: string | undefined): PlainRequest => {
  const { pathname, search } = new URL(request.url)
  return {
    method: request.method,
    path: pathname,
    query: search.slice(1),
    headers: Object.fromEntries(request.headers),
    address,
    hasBody: hasBody(request),
    readBody: (limit) => readBody(request, limit),
  }
}

/** A request made in code has a body and no header that says so. */
const hasBody = ({ headers, body }: Request): boolean | undefined => {
  const isTold = headers.has('content-length') || headers.has('transfer-encoding')
  return isTold ? undefined : body !== null && headers.has('content-type')
}

/** Counts bytes as they come. @throws AuthError `body_too_large`, `malformed_request` when the caller goes away */
const readBody = async (request: Request, limit: number): Promise<Uint8Array> => {
  if (Number(request.headers.get('content-length') ?? 0) > limit)
    throw new AuthError('body_too_large')
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body?.getReader()
  const next = () =>
    reader?.read().catch((cause: unknown) => {
      throw new AuthError('malformed_request', { cause })
    })
  for (let part = await next(); part && !part.done; part = await next()) {
    size += part.value.byteLength
    if (size > limit) {
      await reader?.cancel()
      throw new AuthError('body_too_large')
    }
    chunks.push(part.value)
  }
  return Buffer.concat(chunks)
}

const toResponse = ({ status, headers, body }: PlainAnswer): Response => {
  const list = new Headers()
  for (let index = 0; index < headers.length; index += 2) {
    const [name, value] = headers.slice(index, index + 2)
    if (name !== undefined && value !== undefined && name !== 'connection') list.append(name, value)
  }
  return new Response(typeof body === 'string' ? body : body && new Uint8Array(body), {
    status,
    headers: list,
  })
}
