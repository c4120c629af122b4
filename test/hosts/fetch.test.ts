import { createAdaptorServer } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono } from 'hono'
import { afterEach, describe, expect, test } from 'vitest'
import { toFetch } from '../../src/http/fetch.js'
import { createTestAuth } from '../../src/testing/test-auth.js'
import { listen, type RunningHost } from './hosts.js'
import { exchange } from './wire.js'

const running: RunningHost[] = []
afterEach(async () => {
  for (const host of running.splice(0)) await host.close()
})

const json = { 'content-type': 'application/json' }
const loginRequest = (credentials: object, path = '/auth/login') =>
  new Request(`https://app.example.com${path}`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify(credentials),
  })

describe('a handler of its own', () => {
  test('a request that was made in code has a body, though no header says so', async () => {
    const { auth, ada } = await createTestAuth()
    const answer = await toFetch(auth)(loginRequest(ada))

    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ token_type: 'Bearer' })
  })

  test('a route file as Next has them', async () => {
    const { auth, ada, events } = await createTestAuth()
    const handler = toFetch(auth)
    // app/[...path]/route.ts: export { handler as GET, handler as POST, … }; Next passes a context second
    const route = { POST: handler, GET: handler }
    const context = { params: Promise.resolve({ path: ['auth', 'login'] }) }

    expect((await route.POST(loginRequest(ada), context)).status).toBe(200)
    expect(events.map(({ address }) => address)).toEqual([null])
  })

  test.each([
    ['an address', { address: '192.0.2.1' }, '192.0.2.1'],
    ['an IPv4 address inside IPv6', { address: '::ffff:192.0.2.1' }, '192.0.2.1'],
    ['a server, as Bun passes it', { address: { address: '::', port: 3000 } }, null],
    ['bindings, as Hono passes them', { address: 'Main Street 1' }, null],
    ['nothing', undefined, null],
  ])('the second argument is %s', async (_name, peer, address) => {
    const { auth, ada, events } = await createTestAuth()
    const answer = await toFetch(auth)(loginRequest(ada), peer)

    expect(answer.status).toBe(200)
    expect(events.map((event) => event.address)).toEqual([address])
  })

  test('a body that grows beyond the limit is not read to its end', async () => {
    const { auth } = await createTestAuth()
    let pulled = 0
    const body = new ReadableStream({
      pull: (controller) => {
        pulled += 1
        controller.enqueue(new Uint8Array(1024))
      },
    })
    const request = new Request('http://localhost/auth/login', {
      method: 'POST',
      headers: json,
      body,
      duplex: 'half',
    })

    expect((await toFetch(auth)(request)).status).toBe(413)
    expect(pulled).toBeLessThan(20)
  })

  test('a caller who goes away is not a bug', async () => {
    const { auth } = await createTestAuth()
    const body = new ReadableStream({
      pull: (controller) => controller.error(new Error('gone')),
    })
    const request = new Request('http://localhost/auth/login', {
      method: 'POST',
      headers: json,
      body,
      duplex: 'half',
    })

    expect((await toFetch(auth)(request)).status).toBe(400)
  })

  test('a page is given the cookies, and nothing that belongs to a connection', async () => {
    const { auth, ada } = await createTestAuth()
    const request = loginRequest(ada)
    request.headers.set('sec-fetch-site', 'same-origin')
    const answer = await toFetch(auth)(request)

    expect(answer.headers.getSetCookie()).toHaveLength(2)
    expect(answer.headers.get('connection')).toBeNull()
  })
})

describe('in Hono', () => {
  test('app.mount() with a prefix, routes of its own, and the address', async () => {
    const { auth, ada, events } = await createTestAuth()
    const app = new Hono()
    app.get('/own', (context) => context.text('own'))
    app.mount('/id', toFetch(auth), {
      optionHandler: (context) => ({ address: getConnInfo(context).remote.address }),
    })
    const host = await listen(createAdaptorServer({ fetch: app.fetch }))
    running.push(host)
    const answer = await exchange(host.port, {
      method: 'POST',
      path: '/id/auth/login',
      headers: [['Content-Type', 'application/json']],
      body: JSON.stringify(ada),
    })

    expect(answer.status).toBe(200)
    expect(events.map(({ address }) => address)).toEqual(['127.0.0.1'])
    expect((await exchange(host.port, { method: 'GET', path: '/own' })).body).toBe('own')
  })

  test('app.request() needs no server', async () => {
    const { auth, ada } = await createTestAuth()
    const app = new Hono().mount('/', toFetch(auth))
    const answer = await app.request('/auth/login', {
      method: 'POST',
      headers: json,
      body: JSON.stringify(ada),
    })

    expect(answer.status).toBe(200)
  })
})
