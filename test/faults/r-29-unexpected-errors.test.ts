import { createServer, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { toNode } from '../../src/http/node.js'
import { type Route, route } from '../../src/http/route.js'
import { routesOf } from '../../src/http/routes.js'
import type { Log } from '../../src/lib/log.js'
import { createTestAuth } from '../../src/testing/test-auth.js'
import { startServer, type TestServer } from '../servers.js'
import { createCaller, password, signUp } from './calls.js'
import { integrityOf } from './database.js'
import { say } from './runs.js'

/** what nobody expected is a plain 500 under a request id, and the process lives. */
const secret = 'the inner life of the server'

let httpServer: Server | undefined
let server: TestServer | undefined
afterEach(async () => {
  httpServer?.close()
  await server?.stop()
  httpServer = undefined
  server = undefined
})

const faulty = (path: string, handle: () => Promise<never>): Route =>
  route({
    ...({ method: 'GET', path, summary: path, tag: 'Service', access: 'public' } as const),
    answers: { 200: 'Raw' },
    handle,
  })

const explode = (): never => {
  throw Object.assign(new Error(secret), { password: secret })
}

test('a route or a listener that throws: 500 with a request id, nothing from inside, the process lives', async () => {
  const errors: object[] = []
  const log: Log = { debug() {}, info() {}, warn() {}, error: (fields) => errors.push(fields) }
  const { auth } = await createTestAuth({
    log,
    onEvent: (event) => (event.type === 'login.succeeded' ? explode() : Promise.reject(secret)),
  })
  const routes = [
    ...routesOf(auth),
    faulty('/throws', explode),
    faulty('/rejects', async () => explode()),
    faulty('/rejects-late', () => new Promise((_, reject) => setTimeout(reject, 1, secret))),
  ]
  const listening = createServer(toNode(auth, { routes })).listen(0, '127.0.0.1')
  httpServer = listening
  await new Promise((resolve) => listening.once('listening', resolve))
  const address = listening.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const caller = createCaller({ port })

  for (const path of ['/throws', '/rejects', '/rejects-late']) {
    const { status, headers, body, text } = await caller.call('GET', path)
    expect([status, body.code]).toEqual([500, 'internal_error'])
    expect(headers['content-type']).toContain('application/problem+json')
    expect(body.request_id).toBe(headers['x-request-id'])
    expect(text).not.toContain(secret)
    expect(text).not.toMatch(/\.ts|\.js|node_modules|Error:/)
    expect(errors).toContainEqual(expect.objectContaining({ request_id: body.request_id }))
  }
  await signUp(caller, 'bob@example.com') // its listeners throw and reject
  expect((await caller.call('GET', '/health/live')).status).toBe(200)
  await auth.close()
})

const bomb = new URL('./bomb.mjs', import.meta.url).href

test.each(['throw', 'reject'])(
  'the server itself: a %s in a timer is logged, logins under way are answered, it ends with 1',
  async (how) => {
    server = await startServer({
      env: { NODE_OPTIONS: `--import ${bomb}`, BOMB: how, LOG_FORMAT: 'json' },
    })
    const caller = createCaller(server)
    await signUp(caller, 'ada@example.com')
    const answers = Array.from({ length: 10 }, () =>
      caller.tryCall('POST', '/auth/login', { body: { email: 'ada@example.com', password } }),
    )
    await Promise.race(answers)
    const started = performance.now()
    process.kill(server.pid(), 'SIGUSR2')
    const statuses = (await Promise.all(answers)).map((answer) => answer?.status)
    const { code } = await server.ended()
    const milliseconds = performance.now() - started

    expect(statuses).toEqual(Array(10).fill(200))
    expect(code).toBe(1)
    expect(milliseconds).toBeLessThan(6000)
    expect(server.log()).toMatch(/"level":"fatal"|"level":"error"/)
    expect(server.log()).toContain('boom')
    expect(integrityOf(server.folder)).toBe('ok')
    say(
      `R-29: a ${how} in a timer: 10 logins under way answered, exit 1 after ${Math.round(milliseconds)} ms`,
    )
  },
)
