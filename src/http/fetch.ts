import type { Auth } from '../auth.js'
import { AuthError } from '../errors.js'
import { type HostOptions, pipelineFor } from './pipeline.js'
import type { PlainAnswer, PlainRequest } from './plain.js'

/** The fetch host: for Hono, Next route handlers, Bun, Deno, and whatever else turns a Request into a Response. */
export type FetchHandler = (
  request: Request,
  peer?: { address?: string | undefined },
) => Promise<Response>

/** A `Request` has no address: pass the peer's where the host knows it. */
export const toFetch = (auth: Auth, options: HostOptions = {}): FetchHandler => {
  const pipeline = pipelineFor(auth, options)
  return async (request, peer) =>
    toResponse(await pipeline.run(plainRequest(request, peer?.address)))
}

const plainRequest = (request: Request, address: string | undefined): PlainRequest => ({
  method: request.method,
  path: new URL(request.url).pathname,
  headers: Object.fromEntries(request.headers),
  address,
  readBody: (limit) => readBody(request, limit),
})

/** Counts bytes as they come. @throws AuthError `body_too_large` */
const readBody = async (request: Request, limit: number): Promise<Uint8Array> => {
  if (Number(request.headers.get('content-length') ?? 0) > limit)
    throw new AuthError('body_too_large')
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body?.getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
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
