import { createServer } from 'node:http'
import express from 'express'
import createFastify from 'fastify'
import { Hono } from 'hono'
import { expectTypeOf, test } from 'vitest'
import { latchkey } from '../../src/http/fastify.js'
import { signedInFrom, toFetch, toNode } from '../../src/http/http.js'
import { createTestAuth } from '../../src/testing/test-auth.js'

/** Every host takes latchkey as it is, without a cast. Checked by tsc, which the test command runs first. */
test('hosts take the handlers as they are', async () => {
  const { auth } = await createTestAuth()
  createServer(toNode(auth))
  express()
    .use(toNode(auth))
    .use('/id', toNode(auth, { serviceRoutes: false }))
  new Hono().mount('/', toFetch(auth))
  const fastify = createFastify()
  await fastify.register(latchkey, { auth, prefix: '/id' })
  await fastify.close()
  expectTypeOf(toFetch(auth)(new Request('http://x'))).resolves.toEqualTypeOf<Response>()
})

test('a plugin without an auth object does not compile', () => {
  const register = () => {
    // @ts-expect-error auth is missing
    createFastify().register(latchkey, { prefix: '/id' })
    // @ts-expect-error and so it is without options
    createFastify().register(latchkey)
  }
  expectTypeOf(register).toBeFunction()
})

test('whoever is signed in can be shown', async () => {
  expectTypeOf(signedInFrom).returns.resolves.toHaveProperty('sessionId').toBeString()
  expectTypeOf(signedInFrom)
    .returns.resolves.toHaveProperty('user')
    .not.toHaveProperty('passwordHash')
})
