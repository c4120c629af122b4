import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import type { Auth } from '../auth.js'
import { plainRequest } from './node.js'
import { type HostOptions, pipelineFor } from './pipeline.js'

/**
 * The Fastify host: `fastify.register(latchkey, { auth })` adds latchkey's routes to Fastify's own, prefix included.
 * Other paths, Fastify's body parsers and its error handler stay as they are.
 */
export const latchkey: FastifyPluginCallback<{ auth: Auth } & HostOptions> = (
  fastify,
  { auth, ...options },
  done,
) => {
  const pipeline = pipelineFor(auth, options)
  // bodies are read and judged by the pipeline, whatever their type claims to be
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null))
  // a type that is none, which Fastify refuses itself; whatever else fails here is for the host's handler
  fastify.setErrorHandler<Error & { code?: string }>((error, request, reply) => {
    if (error.code !== 'FST_ERR_CTP_INVALID_MEDIA_TYPE') throw error
    return handler(request, reply)
  })
  const prefixed = segmentsOf(fastify.prefix.replace(/\/$/, ''))

  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const plain = plainRequest(request.raw)
    const path = `/${segmentsOf(plain.path).slice(prefixed.length).join('/')}`
    if (!pipeline.router.has(path)) {
      reply.callNotFound() // Fastify has decoded the path, latchkey takes it as it came
      return reply
    }
    const { status, headers, body } = await pipeline.run({ ...plain, path, address: request.ip })
    for (let index = 0; index < headers.length; index += 2) {
      reply.header(headers[index] ?? '', headers[index + 1])
    }
    return reply.status(status).send(body)
  }
  for (const path of pipeline.router.paths())
    fastify.all(path.replace(/\{\w+\}$/, '*').replace(/\{(\w+)\}/, ':$1'), handler)
  done()
}

/** A prefix may hold parameters, so it is counted, not compared. */
const segmentsOf = (path: string): string[] => path.split('/').slice(1)
