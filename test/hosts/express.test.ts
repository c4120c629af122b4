import { createServer } from 'node:http'
import express from 'express'
import { afterEach, describe, expect, test } from 'vitest'
import { toNode } from '../../src/http/node.js'
import type { Log } from '../../src/lib/log.js'
import { createTestAuth, type TestAuth } from '../../src/testing/test-auth.js'
import { listen, type RunningHost } from './hosts.js'
import { exchange, headerOf } from './wire.js'

const running: RunningHost[] = []
afterEach(async () => {
  for (const host of running.splice(0)) await host.close()
})

/** Ada's auth mounted as the test says, and what the log heard at level error. */
const serve = async (
  mount: (app: express.Express, auth: TestAuth['auth']) => void,
): Promise<TestAuth & { port: number; errors: unknown[] }> => {
  const errors: unknown[] = []
  const nothing = () => {}
  const log: Log = {
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: (fields) => errors.push(fields),
  }
  const given = await createTestAuth({ log })
  const app = express()
  mount(app, given.auth)
  const host = await listen(createServer(app))
  running.push(host)
  return { ...given, port: host.port, errors }
}

const json = ['Content-Type', 'application/json'] as const
const loginAt = (port: number, path: string, credentials: object) =>
  exchange(port, { method: 'POST', path, headers: [json], body: JSON.stringify(credentials) })

describe('where it is mounted', () => {
  test('routes before and after it are the app’s own', async () => {
    const { port } = await serve((app, auth) => {
      app.get('/before', (_request, response) => void response.send('before'))
      app.use(toNode(auth))
      app.get('/after', (_request, response) => void response.send('after'))
    })

    expect((await exchange(port, { method: 'GET', path: '/before' })).body).toBe('before')
    expect((await exchange(port, { method: 'GET', path: '/after' })).body).toBe('after')
    expect((await exchange(port, { method: 'GET', path: '/health' })).body).toContain('healthy')
  })

  test('an app can keep / and /health for itself', async () => {
    const { port, ada } = await serve((app, auth) => {
      app.use(toNode(auth, { serviceRoutes: false }))
      app.get('/', (_request, response) => void response.send('the app'))
    })

    expect((await exchange(port, { method: 'GET', path: '/' })).body).toBe('the app')
    expect((await exchange(port, { method: 'GET', path: '/health/live' })).status).toBe(404)
    expect((await loginAt(port, '/auth/login', ada)).status).toBe(200)
  })

  test('a prefix stands before every path', async () => {
    const { port, ada } = await serve((app, auth) => app.use('/id', toNode(auth)))

    expect((await loginAt(port, '/id/auth/login', ada)).status).toBe(200)
    expect((await loginAt(port, '/id/v1/auth/login', ada)).status).toBe(200)
    expect((await loginAt(port, '/auth/login', ada)).status).toBe(404)
  })

  test('/auth as a prefix is not asked for twice', async () => {
    const { port, ada } = await serve((app, auth) => {
      app.use('/auth', toNode(auth))
      app.get('/auth/own', (_request, response) => void response.send('own'))
    })

    expect((await loginAt(port, '/auth/login', ada)).status).toBe(200)
    expect((await exchange(port, { method: 'GET', path: '/auth/me?x=1' })).status).toBe(401)
    expect((await exchange(port, { method: 'GET', path: '/auth/own' })).body).toBe('own')
  })
})

describe('bodies that something else has read', () => {
  test.each([
    ['express.json()', express.json({ type: '*/*' })],
    ['express.raw()', express.raw({ type: '*/*' })],
  ])('%s leaves what is needed', async (_name, parser) => {
    const { port, ada } = await serve((app, auth) => app.use(parser, toNode(auth)))

    expect((await loginAt(port, '/auth/login', ada)).status).toBe(200)
  })

  test('a form that express.urlencoded() has parsed is no JSON', async () => {
    const { port } = await serve((app, auth) => app.use(express.urlencoded(), toNode(auth)))
    const answer = await exchange(port, {
      method: 'POST',
      path: '/auth/login',
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: 'email=ada%40example.com&password=a+long+and+winding+road',
    })

    expect(answer.status).toBe(415)
  })

  test('the {} that older parsers leave behind is not a body', async () => {
    const { port } = await serve((app, auth) => {
      app.use((request, _response, next) => {
        request.body = {}
        next()
      }, toNode(auth))
    })
    const answer = await exchange(port, { method: 'POST', path: '/auth/logout' })

    expect(answer.body).toContain('missing_token')
  })

  test('a body that is gone is a bug of the app, told in the log, and not a request that hangs', async () => {
    const { port, ada, errors } = await serve((app, auth) => {
      app.use((request, _response, next) => {
        request.resume().once('end', next)
      }, toNode(auth))
    })
    const answer = await loginAt(port, '/auth/login', ada)

    expect(answer.status).toBe(500)
    expect(errors).toMatchObject([{ err: { message: expect.stringContaining('Mount latchkey') } }])
  })
})

describe('around a request', () => {
  test('the address is the one the app trusts', async () => {
    const { port, ada, auth, events } = await serve((app, auth) => {
      app.set('trust proxy', 'loopback')
      app.use(toNode(auth))
    })
    await exchange(port, {
      method: 'POST',
      path: '/auth/login',
      headers: [json, ['X-Forwarded-For', '198.51.100.7']],
      body: JSON.stringify(ada),
    })

    expect(events.map(({ address }) => address)).toEqual(['198.51.100.7'])
    await auth.close()
  })

  test('without that trust a forwarded address is nothing', async () => {
    const { port, events } = await serve((app, auth) => app.use(toNode(auth)))
    await exchange(port, {
      method: 'POST',
      path: '/auth/login',
      headers: [json, ['X-Forwarded-For', '198.51.100.7']],
      body: '{"email":"ada@example.com","password":"wrong"}',
    })

    expect(events.map(({ address }) => address)).toEqual(['127.0.0.1'])
  })

  test('an answer that the app has given already stands, and nothing is thrown', async () => {
    const { port, errors } = await serve((app, auth) => {
      app.use((_request, response, next) => {
        response.status(408).send('too late')
        next()
      }, toNode(auth))
    })
    const answer = await exchange(port, { method: 'GET', path: '/auth/me' })

    expect([answer.status, answer.body]).toEqual([408, 'too late'])
    expect(headerOf(answer, 'x-request-id')).toBeUndefined()
    await expect.poll(() => errors).toMatchObject([{ err: { code: 'ERR_HTTP_HEADERS_SENT' } }])
  })
})
