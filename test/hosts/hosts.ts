import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import express from 'express'
import createFastify from 'fastify'
import { Hono } from 'hono'
import type { Auth } from '../../src/auth.js'
import { latchkey } from '../../src/http/fastify.js'
import { toFetch } from '../../src/http/fetch.js'
import { toNode } from '../../src/http/node.js'

/** A host that serves latchkey on a free port of this machine. */
export type RunningHost = { port: number; close(): Promise<void> }

/** What hosts with routes of their own answer to everything that is not latchkey's. */
export const ownAnswer = { status: 404, body: 'the host knows nothing of this' }

export const startNode = (auth: Auth): Promise<RunningHost> => listen(createServer(toNode(auth)))

export const startExpress = (auth: Auth): Promise<RunningHost> => {
  const app = express()
  app.use(toNode(auth))
  return listen(createServer(withOwnAnswer(app)))
}

export const startExpressJson = (auth: Auth): Promise<RunningHost> => {
  const app = express()
  app.use(express.json())
  app.use(express.urlencoded())
  app.use(toNode(auth))
  return listen(createServer(withOwnAnswer(app)))
}

const withOwnAnswer = (app: express.Express): express.Express => {
  app.use((_request, response) => {
    response.status(ownAnswer.status).send(ownAnswer.body)
  })
  return app
}

export const startFastify = async (auth: Auth): Promise<RunningHost> => {
  const fastify = createFastify({ forceCloseConnections: true })
  fastify.register(latchkey, { auth })
  fastify.setNotFoundHandler((_request, reply) =>
    reply.status(ownAnswer.status).send(ownAnswer.body),
  )
  await fastify.listen({ port: 0, host: '127.0.0.1' })
  return { port: portOf(fastify.server), close: () => fastify.close() }
}

export const startHono = (auth: Auth): Promise<RunningHost> => {
  const app = new Hono()
  app.mount('/', toFetch(auth), {
    optionHandler: (context) => ({ address: getConnInfo(context).remote.address }),
  })
  return listen(createAdaptorServer({ fetch: app.fetch }))
}

type Listening = {
  listen(port: number, host: string, done: () => void): unknown
  address(): AddressInfo | string | null
  close(done: () => void): unknown
}

/** Listens on a free port. */
export const listen = async (server: Listening): Promise<RunningHost> => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
  return { port: portOf(server), close }
}

const portOf = (server: Pick<Listening, 'address'>): number => {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('not listening')
  return address.port
}
