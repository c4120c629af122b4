import { createServer } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2'
import express from 'express'
import createFastify from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import type { Auth } from '../../src/auth.js'
import { latchkey } from '../../src/http/fastify.js'
import { toFetch } from '../../src/http/fetch.js'
import { toNode } from '../../src/http/node.js'
import { createId } from '../../src/lib/id.js'
import { trusted } from '../../src/lib/trusted.js'
import { sampleSession } from '../../src/testing/samples.js'
import { createTestAuth } from '../../src/testing/test-auth.js'
import { listen, type RunningHost } from './hosts.js'
import { exchange } from './wire.js'

type Page = { sessions: { id: string; current: boolean }[]; next: string | null }
type Problem = { code: string; errors: { field: string; code: string; detail: string }[] }

/** Ada signed in, among others of her sessions that are older and newer. */
const signedIn = async ({ older = 0, newer = 0 } = {}) => {
  const { auth, ada, clock } = await createTestAuth()
  const { accessToken } = await auth.login(ada, {})
  const { user, session } = await auth.authenticate(accessToken)
  const insert = async (seconds: number): Promise<string> => {
    const id = createId(new Date(clock().getTime() + seconds * 1000))
    await auth.store.sessions.insert(sampleSession({ id, userId: user.id }))
    return id
  }
  const ids = [session.id]
  for (let index = 1; index <= older; index += 1) ids.push(await insert(-index))
  for (let index = 1; index <= newer; index += 1) ids.unshift(await insert(index))
  const ask = async (query: string): Promise<Response> =>
    toFetch(auth)(
      new Request(`http://localhost:8000/auth/sessions${query}`, {
        headers: { authorization: `Bearer ${accessToken}` },
      }),
    )
  return {
    auth,
    accessToken,
    user,
    currentId: session.id,
    insert,
    /** From the newest to the oldest. */
    ids,
    page: async (query: string) => trusted<Page>(await (await ask(query)).json()),
    refusal: async (query: string) => trusted<Problem>(await (await ask(query)).json()),
  }
}

const idsOf = ({ sessions }: Page): string[] => sessions.map(({ id }) => id)

describe('a list', () => {
  test('is given fifty at a time, newest first, with the way to the next', async () => {
    const { page, ids } = await signedIn({ older: 60 })
    const first = await page('')
    const second = await page(`?after=${first.next}`)

    expect(idsOf(first)).toEqual(ids.slice(0, 50))
    expect(first.next).toBe(ids[49])
    expect(idsOf(second)).toEqual(ids.slice(50))
    expect(second.next).toBeNull()
  })

  test('that ends with a full page has no next one', async () => {
    const { page } = await signedIn({ older: 3 })

    expect((await page('?limit=4')).next).toBeNull()
    expect((await page('?limit=3')).next).not.toBeNull()
  })

  test('marks the session that asks, on whichever page it is', async () => {
    const { page, currentId } = await signedIn({ older: 2, newer: 5 })
    const first = await page('?limit=4')
    const second = await page(`?limit=4&after=${first.next}`)

    expect(first.sessions.filter(({ current }) => current)).toEqual([])
    expect(second.sessions.filter(({ current }) => current)).toMatchObject([{ id: currentId }])
  })

  test('of 250 gives each of them once, while others begin and end', async () => {
    const { auth, user, page, ids, currentId, insert } = await signedIn({ older: 124, newer: 125 })
    const listed: string[] = []
    const ended: string[] = []
    const end = async (id: string | undefined): Promise<void> => {
      if (id === undefined || id === currentId || ended.includes(id)) return
      await auth.sessions.end(user.id, id, {})
      ended.push(id)
    }
    let query = '?limit=20'
    for (let number = 0; ; number += 1) {
      const found = await page(query)
      listed.push(...idsOf(found))
      const { next } = found
      if (next === null) break
      query = `?limit=20&after=${next}`
      await insert(1000 + number)
      await end(next) // the next page begins behind one that is gone
      await end(ids[ids.indexOf(next) + 6])
    }

    expect(new Set(listed).size).toBe(listed.length)
    const stood = ids.filter((id) => !ended.includes(id))
    expect(stood.length).toBeGreaterThan(200)
    expect(listed.filter((id) => !ended.includes(id))).toEqual(stood)
    const endedBefore = ended.filter((id) => !listed.includes(id))
    expect(endedBefore.length).toBeGreaterThan(5)
  })

  test('never shows the sessions of somebody else, whatever it is asked to begin behind', async () => {
    const { auth, page, ids } = await signedIn()
    const bob = await auth.register({ email: 'b@c.de', password: 'quiet lemon orchard' }, {})
    const { session } = await auth.authenticate(bob.accessToken)
    const both = [...ids, ...idsOf(await page(`?after=${session.id}`)), ...idsOf(await page(''))]

    expect(new Set(both)).toEqual(new Set(ids))
  })
})

describe('a wrong query', () => {
  test('is told in full, each parameter by its name', async () => {
    const { refusal } = await signedIn()
    const { code, errors } = await refusal('?limit=1000&after=x&colour=blue&limit=2&%zz=1')

    expect(code).toBe('invalid_query')
    expect(errors.toSorted((one, other) => (one.field < other.field ? -1 : 1))).toEqual([
      { field: 'after', code: 'invalid', detail: 'This must be an id.' },
      { field: 'colour', code: 'unknown_field', detail: expect.stringContaining('not known') },
      { field: 'limit', code: 'repeated', detail: expect.any(String) },
      { field: 'query', code: 'malformed', detail: expect.any(String) },
    ])
  })

  test.each([
    ['a number', '?limit=31337', ['31337']],
    ['an id', '?after=super-secret-token', ['super', 'secret']],
    ['a value without a name', '?=super-secret-token', ['super']],
    ['a name that may be a value', '?super-secret-token', ['super']],
    ['an unknown one', '?colour=super-secret-token', ['super']],
    ['a repeated one', '?limit=1&limit=31337', ['31337']],
    ['a prototype', '?__proto__=super', ['super']],
  ])('with %s does not come back with the value', async (_, query, values) => {
    const { refusal } = await signedIn()
    const problem = await refusal(query)
    const text = JSON.stringify(problem)

    expect(problem.code).toBe('invalid_query')
    for (const value of values) expect(text).not.toContain(value)
  })

  test('an unknown name is shortened and put on one line', async () => {
    const { refusal } = await signedIn()
    const { errors } = await refusal(`?a%0d%0ab%E2%80%AE${'c'.repeat(200)}=1`)

    expect(errors[0]?.field).toMatch(/^a\?\?b\?c{59}$/)
  })

  test('of the greatest length is refused at once', async () => {
    const { refusal } = await signedIn()
    for (const part of ['limit=1&', '&', '=', '%', 'a=1&', '__proto__=1&', '%25']) {
      const started = performance.now()
      expect((await refusal(`?${part.repeat(10_000)}`)).errors).toEqual([
        { field: 'query', code: 'too_long', detail: expect.any(String) },
      ])
      expect((await refusal(`?${part.repeat(200)}`)).code).toBe('invalid_query')
      expect(performance.now() - started).toBeLessThan(1000)
    }
  })
})

const running: RunningHost[] = []
afterEach(async () => {
  for (const host of running.splice(0)) await host.close()
})

const withExpress =
  (...mount: [string?]) =>
  (auth: Auth): Promise<RunningHost> => {
    const app = express()
    const [prefix = '/'] = mount
    return listen(createServer(app.use(prefix, toNode(auth))))
  }

/** Where the host stands and the path that leads to the list there. */
const places: Readonly<
  Record<string, [start: (auth: Auth) => Promise<RunningHost>, path: string]>
> = {
  'an Express app': [withExpress(), '/auth/sessions'],
  'an Express app under a prefix': [withExpress('/id'), '/id/auth/sessions'],
  'an Express app under /auth': [withExpress('/auth'), '/auth/sessions'],
  'an Express app under the whole path': [withExpress('/auth/sessions'), '/auth/sessions'],
  'an Express app that rewrites addresses': [
    (auth) => {
      const app = express()
      app.use((request, _response, next) => {
        request.url = request.url.replace('/devices?most=', '/auth/sessions?limit=')
        next()
      }, toNode(auth))
      return listen(createServer(app))
    },
    '/devices',
  ],
  'an Express app that takes the query off for itself': [
    (auth) => {
      const app = express()
      const takeOff: express.RequestHandler = (request, _response, next) => {
        request.url = request.path
        next()
      }
      return listen(createServer(app.use('/auth', takeOff, toNode(auth))))
    },
    '/auth/sessions',
  ],
  'Fastify under a prefix with a parameter': [
    async (auth) => {
      const fastify = createFastify({ forceCloseConnections: true })
      fastify.register(latchkey, { auth, prefix: '/:tenant' })
      await fastify.ready()
      return listen(fastify.server)
    },
    '/acme/auth/sessions',
  ],
}

describe('a query arrives at', () => {
  test.each(Object.entries(places))('%s', async (_, [start, path]) => {
    const { auth, accessToken } = await signedIn({ older: 3 })
    const host = await start(auth)
    running.push(host)
    const name = path === '/devices' ? 'most' : 'limit'
    const ask = (value: string) =>
      exchange(host.port, {
        method: 'GET',
        path: `${path}?${name}=${value}`,
        headers: [['Authorization', `Bearer ${accessToken}`]],
      })

    expect(JSON.parse((await ask('2')).body).sessions).toHaveLength(2)
    expect((await ask('0')).status).toBe(422)
  })

  test('HTTP/2', async () => {
    const { auth, accessToken } = await signedIn({ older: 3 })
    const handler = toNode(auth)
    const host = await listen(
      createHttp2((request, response) => handler(trusted(request), trusted(response))),
    )
    running.push(host)
    const client = connectHttp2(`http://localhost:${host.port}`)
    const stream = client.request({
      ':path': '/auth/sessions?limit=2',
      authorization: `Bearer ${accessToken}`,
    })
    const parts: Buffer[] = []
    for await (const part of stream) parts.push(part)
    client.close()

    expect(JSON.parse(Buffer.concat(parts).toString()).sessions).toHaveLength(2)
  })
})
