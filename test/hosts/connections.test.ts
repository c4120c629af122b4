import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plainRequest, toNode } from '../../src/http/node.js'
import type { Log } from '../../src/lib/log.js'
import { trusted } from '../../src/lib/trusted.js'
import { createTestAuth, type TestAuth } from '../../src/testing/test-auth.js'
import { withoutLimits } from '../without-limits.js'
import {
  listen,
  type RunningHost,
  startExpress,
  startFastify,
  startHono,
  startNode,
} from './hosts.js'
import { exchange, parseAnswer, send } from './wire.js'

const hosts = { node: startNode, express: startExpress, fastify: startFastify, hono: startHono }
const headers = 'Host: localhost\r\nContent-Type: application/json\r\n'

describe.each(Object.entries(hosts))('connections of %s', (_name, start) => {
  const bugs: unknown[] = []
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  let given: TestAuth
  let host: RunningHost

  beforeAll(async () => {
    const nothing = () => {}
    const log: Log = {
      debug: nothing,
      info: nothing,
      warn: nothing,
      error: (fields) => bugs.push(fields),
    }
    given = await createTestAuth({ log, limits: withoutLimits })
    host = await start(given.auth)
    process.on('warning', note)
  })

  afterAll(async () => {
    process.off('warning', note)
    await host.close()
    await given.auth.close()
  })

  test('callers that go away in the middle of a body leave nothing behind', async () => {
    for (let count = 0; count < 20; count += 1) {
      const socket = connect(host.port, '127.0.0.1')
      socket.write(`POST /auth/login HTTP/1.1\r\n${headers}Content-Length: 100\r\n\r\n{"email"`)
      await once(socket, 'ready')
      await exchange(host.port, { method: 'GET', path: '/health/live' })
      socket.resetAndDestroy()
      await once(socket, 'close')
    }
    const after = await exchange(host.port, { method: 'GET', path: '/health/live' })

    expect(after.status).toBe(200)
    expect(bugs).toEqual([])
  })

  test('callers that go away before their answer leave nothing behind', async () => {
    const body = JSON.stringify(given.ada)
    for (let count = 0; count < 5; count += 1) {
      const socket = connect(host.port, '127.0.0.1')
      socket.write(
        `POST /auth/login HTTP/1.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`,
      )
      await exchange(host.port, { method: 'GET', path: '/health/live' })
      socket.resetAndDestroy()
      await once(socket, 'close')
    }
    const after = await exchange(host.port, { method: 'GET', path: '/health/live' })

    expect(after.status).toBe(200)
    expect(bugs).toEqual([])
  })

  test('a hundred requests go over one connection, and no listeners heap up', async () => {
    const one = `POST /auth/login HTTP/1.1\r\n${headers}Content-Length: 2\r\n\r\n{}`
    const last = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
    const all = await send(host.port, one.repeat(100) + last)

    expect(all.toString('latin1').match(/HTTP\/1\.1 422/g)).toHaveLength(100)
    expect(warnings).toEqual([])
  })

  test('whoever sends far too much is told so, and the connection ends', async () => {
    const sent = await send(
      host.port,
      `POST /auth/login HTTP/1.1\r\n${headers}Content-Length: 3000000\r\n\r\n${'x'.repeat(3_000_000)}`,
    )

    expect(parseAnswer(sent, 'POST').status).toBe(413)
  })
})

const closing = (socket: Socket) =>
  new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
  })

describe('reading a body', () => {
  test.each(['before', 'while'])('ends when the caller goes away %s it is read', async (moment) => {
    let outcome: Promise<unknown> = Promise.reject(new Error('nobody asked'))
    outcome.catch(() => undefined)
    const server = createServer((request) => {
      const gone = moment === 'before' ? closing(request.socket) : Promise.resolve()
      outcome = gone.then(() => plainRequest(request).readBody(1000))
      outcome.catch(() => undefined)
    })
    const host = await listen(server)
    const socket = connect(host.port, '127.0.0.1')
    socket.write(`POST / HTTP/1.1\r\n${headers}Content-Length: 100\r\n\r\n{`)
    await once(server, 'request')
    socket.resetAndDestroy()

    await expect(outcome).rejects.toMatchObject({ code: 'malformed_request' })
    await host.close()
  })
})

describe('HTTP/2', () => {
  test('a body needs no header that announces it, and cookies may come one by one', async () => {
    const { auth, ada } = await createTestAuth()
    const handler = toNode(auth)
    // the compatibility layer of node:http2 speaks as node:http does
    const host = await listen(
      createHttp2((request, response) => handler(trusted(request), trusted(response))),
    )
    const client = connectHttp2(`http://localhost:${host.port}`)
    const ask = async (fields: Record<string, string | string[]>, body?: string) => {
      const stream = client.request(fields, { endStream: body === undefined })
      stream.end(body)
      const [answer] = await once(stream, 'response')
      const parts: Buffer[] = []
      for await (const part of stream) parts.push(part)
      return { headers: answer, body: JSON.parse(Buffer.concat(parts).toString() || 'null') }
    }
    const login = await ask(
      {
        ':method': 'POST',
        ':path': '/auth/login',
        'content-type': 'application/json',
        'sec-fetch-site': 'same-origin',
      },
      JSON.stringify(ada),
    )
    const [cookie = ''] = String(login.headers['set-cookie']).split(';')
    const refreshed = await ask({
      ':method': 'POST',
      ':path': '/auth/refresh',
      'sec-fetch-site': 'same-origin',
      cookie: ['theme=dark', cookie],
    })

    expect(login.headers[':status']).toBe(200)
    expect(refreshed.body).toMatchObject({ token_type: 'Bearer' })
    client.close()
    await host.close()
  })
})
