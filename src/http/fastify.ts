import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Auth } from '../auth.js'
import { plainRequest } from './node.js'
import { type HostOptions, pipelineFor } from './pipeline.js'

/**
 * The Fastify host: `fastify.register(latchkey, { auth })` adds latchkey's routes to Fastify's own, prefix included.
 * Other paths stay with Fastify.
 */
export const latchkey = async (
  fastify: FastifyInstance,
  { auth, ...options }: { auth: Auth } & HostOptions,
): Promise<void> => {
  const pipeline = pipelineFor(auth, options)
  // bodies are read and judged by the pipeline, whatever their type claims to be
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null))

  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const plain = plainRequest(request.raw)
    const path = plain.path.slice(fastify.prefix.length) || '/'
    const { status, headers, body } = await pipeline.run({ ...plain, path })
    for (let index = 0; index < headers.length; index += 2) {
      reply.header(headers[index] ?? '', headers[index + 1])
    }
    return reply.status(status).send(body)
  }
  for (const path of pipeline.router.paths()) {
    fastify.all(path.replace(/\{(\w+)\}/g, ':$1'), handler)
  }
}
