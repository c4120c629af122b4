import createFastify, { type FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { latchkey } from '../../src/http/fastify.js'
import { createTestAuth, type TestAuth } from '../../src/testing/test-auth.js'
import { exchange, headerOf } from './wire.js'

const running: FastifyInstance[] = []
afterEach(async () => {
  for (const fastify of running.splice(0)) await fastify.close()
})

const serve = async (
  prepare: (fastify: FastifyInstance, auth: TestAuth['auth']) => void,
  options: object = {},
): Promise<TestAuth & { port: number }> => {
  const given = await createTestAuth()
  const fastify = createFastify({ forceCloseConnections: true, ...options })
  running.push(fastify)
  prepare(fastify, given.auth)
  const address = await fastify.listen({ port: 0, host: '127.0.0.1' })
  return { ...given, port: Number(new URL(address).port) }
}

const json = ['Content-Type', 'application/json'] as const
const loginAt = (port: number, path: string, credentials: object) =>
  exchange(port, { method: 'POST', path, headers: [json], body: JSON.stringify(credentials) })

describe('beside the host’s own', () => {
  test('its parsers, error handler and routes stay as they are', async () => {
    const { port, ada } = await serve((fastify, auth) => {
      fastify.register(latchkey, { auth, serviceRoutes: false })
      fastify.get('/', () => 'the app')
      fastify.post('/echo', (request) => ({ got: request.body }))
      fastify.get('/broken', () => {
        throw new Error('broken')
      })
      fastify.setErrorHandler((error, _request, reply) => {
        const message = error instanceof Error ? error.message : ''
        return reply.status(418).send(`handled: ${message}`)
      })
    })
    const echo = await loginAt(port, '/echo', { a: 1 })
    const noType = await exchange(port, {
      method: 'POST',
      path: '/echo',
      headers: [['Content-Type', ';;']],
      body: 'x',
    })

    expect(echo.body).toBe('{"got":{"a":1}}')
    expect(noType.body).toContain('handled: ')
    expect((await exchange(port, { method: 'GET', path: '/' })).body).toBe('the app')
    expect((await exchange(port, { method: 'GET', path: '/broken' })).body).toBe('handled: broken')
    expect((await loginAt(port, '/auth/login', ada)).status).toBe(200)
  })

  test('an error of the host’s hooks goes to the host’s handler', async () => {
    const { port } = await serve((fastify, auth) => {
      fastify.addHook('onRequest', async () => {
        throw new Error('not today')
      })
      fastify.setErrorHandler((_error, _request, reply) => reply.status(418).send('handled'))
      fastify.register(latchkey, { auth })
    })

    expect((await exchange(port, { method: 'GET', path: '/auth/me' })).body).toBe('handled')
  })

  test('the host’s own limit of bodies does not stand in the way, ours does', async () => {
    const { port, ada } = await serve((fastify, auth) => fastify.register(latchkey, { auth }), {
      bodyLimit: 10,
    })

    expect((await loginAt(port, '/auth/login', ada)).status).toBe(200)
    const padded = { ...ada, padding: 'x'.repeat(20_000) }
    expect((await loginAt(port, '/auth/login', padded)).status).toBe(413)
  })
})

describe('where it is mounted', () => {
  test.each(['/id', '/tenants/:tenant/'])(
    'a prefix %s stands before every path',
    async (prefix) => {
      const { port, ada } = await serve((fastify, auth) =>
        fastify.register(latchkey, { auth, prefix }),
      )
      const before = prefix.replace(':tenant/', '7')

      expect((await loginAt(port, `${before}/auth/login`, ada)).status).toBe(200)
      expect((await exchange(port, { method: 'GET', path: `${before}/` })).status).toBe(200)
      expect((await loginAt(port, '/auth/login', ada)).body).toContain('not found')
    },
  )

  test('a session can be ended by its id', async () => {
    const { port, auth, ada } = await serve((fastify, auth) =>
      fastify.register(latchkey, { auth, prefix: '/id' }),
    )
    const { accessToken } = await auth.login(ada, {})
    const other = await auth.login(ada, {})
    const { session } = await auth.authenticate(other.accessToken)
    const answer = await exchange(port, {
      method: 'DELETE',
      path: `/id/auth/sessions/${session.id}`,
      headers: [['Authorization', `Bearer ${accessToken}`]],
    })

    expect(answer.status).toBe(204)
  })
})

describe('around a request', () => {
  test('the address is the one the host trusts', async () => {
    const { port, events } = await serve((fastify, auth) => fastify.register(latchkey, { auth }), {
      trustProxy: 'loopback',
    })
    await exchange(port, {
      method: 'POST',
      path: '/auth/login',
      headers: [json, ['X-Forwarded-For', '198.51.100.7']],
      body: '{"email":"ada@example.com","password":"wrong"}',
    })

    expect(events.map(({ address }) => address)).toEqual(['198.51.100.7'])
  })

  test('HEAD has the headers of GET and no body', async () => {
    const { port } = await serve((fastify, auth) => fastify.register(latchkey, { auth }))
    const head = await exchange(port, { method: 'HEAD', path: '/.well-known/jwks.json' })
    const get = await exchange(port, { method: 'GET', path: '/.well-known/jwks.json' })

    expect(head.body).toBe('')
    expect(headerOf(head, 'etag')).toBe(headerOf(get, 'etag'))
    expect(headerOf(head, 'content-type')).toBe(headerOf(get, 'content-type'))
  })

  test('a malformed address is the host’s to refuse', async () => {
    const { port } = await serve((fastify, auth) => fastify.register(latchkey, { auth }))
    const answer = await exchange(port, { method: 'DELETE', path: '/auth/sessions/%zz' })

    expect(answer.status).toBe(400)
    expect(answer.body).toContain('FST_ERR_BAD_URL')
  })
})
