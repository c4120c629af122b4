import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApiDocument } from '../../src/http/openapi.js'
import { routesOf } from '../../src/http/routes.js'
import { trusted } from '../../src/lib/trusted.js'
import { profileNames } from '../../src/profiles/dialect.js'
import { type DialectHost, startDialect } from './dialect-host.js'
import { closed, type Schema } from './schema.js'
import { type Answer, exchange, headerOf } from './wire.js'

/** A client that knows nothing but the document: it asks every operation, rightly and wrongly. */
type Operation = { method: string; path: string; described: Schema }
type Shown = { examples?: object[]; properties?: object }
type Held = { access: string; refresh: string; cookie: string }

const spoken = profileNames.map((name) => (name === 'native' ? 'native in envelopes' : name))

describe.each(spoken)('what %s answers is what is written down', (spokenName) => {
  let host: DialectHost
  let document: Schema
  let held: Held

  beforeAll(async () => {
    const isNative = spokenName === 'native in envelopes'
    host = await (isNative ? startDialect('native', 'envelope') : startDialect(spokenName))
    const { name, baseUrl } = host.auth.options
    const { responseFormat } = host.auth.options.http
    const about = { name, baseUrl, dialect: host.auth.dialect, responseFormat }
    document = closed(JSON.parse(JSON.stringify(openApiDocument(routesOf(host.auth), about))))
    held = { access: '', refresh: '', cookie: '' }
  })
  afterAll(() => host.close())

  const operations = (): Operation[] =>
    Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({
        method: method.toUpperCase(),
        path,
        described,
      })),
    )

  /** Registration first, sign-out last: each finds what it needs. */
  const inOrder = (): Operation[] => {
    const order = ['register', 'login', 'refresh', 'me', 'sessions']
    const placeOf = ({ path }: Operation): number => {
      const place = order.findIndex((word) => path.includes(word))
      return place < 0 ? order.length : place
    }
    const isLogout = ({ path }: Operation): number => Number(path.endsWith('/logout'))
    return operations().toSorted(
      (one, other) => isLogout(one) - isLogout(other) || placeOf(one) - placeOf(other),
    )
  }

  type Sent = {
    body?: string | undefined
    type?: string
    authorization?: string
    withCookie?: boolean
  }

  const ask = ({ method, path }: Operation, sent: Sent = {}): Promise<Answer> => {
    const { type = 'application/json', authorization, withCookie } = sent
    const body = method === 'GET' ? undefined : sent.body
    const headers: [string, string][] = [
      ...(body === undefined ? [] : [['Content-Type', type] satisfies [string, string]]),
      ...(authorization ? [['Authorization', authorization] satisfies [string, string]] : []),
      ...(withCookie && held.cookie ? [['Cookie', held.cookie] satisfies [string, string]] : []),
    ]
    const filled = path.replace('{provider}', 'github').replace(/\{\w+\}/, 'nobody')
    return exchange(host.port, { method, path: filled, headers, body })
  }

  const remember = (answer: Answer): void => {
    const body = answer.body.startsWith('{') ? JSON.parse(answer.body) : {}
    const { access_token: access, refresh_token: refresh } = body.data ?? body
    const [cookie] = headerOf(answer, 'set-cookie')?.split(';') ?? []
    held = {
      access: access ?? held.access,
      refresh: refresh ?? held.refresh,
      cookie: cookie ?? held.cookie,
    }
  }

  const exampleOf = ({ described }: Operation): string | undefined => {
    const schema = described.requestBody?.content?.['application/json']?.schema
    if (schema === undefined) return undefined
    const { examples: [example] = [], properties = {} } = trusted<Shown>(schema)
    const own = 'refresh_token' in properties && held.refresh && { refresh_token: held.refresh }
    return JSON.stringify({ ...example, ...own })
  }

  const isWrittenDown = ({ described, method, path }: Operation, answer: Answer): void => {
    const place = `${method} ${path} ${answer.status} ${answer.body}`
    const response = described.responses?.[String(answer.status)]
    expect(response, place).toBeDefined()
    const [type = ''] = (headerOf(answer, 'content-type') ?? '').split(';')
    if (answer.body === '') {
      expect(response, place).not.toHaveProperty('content')
      return
    }
    const schema = response?.content?.[type]?.schema
    expect(schema, place).toBeDefined()
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    const body = JSON.parse(answer.body)
    ajv.validate({ ...schema, components: document.components }, body)
    expect(ajv.errors, place).toBeNull()
  }

  test('to what is right, everywhere', async () => {
    for (const operation of inOrder()) {
      if (operation.method === 'DELETE') continue // what it would take away is asked for next
      const answer = await ask(operation, {
        body: exampleOf(operation),
        ...(held.access && { authorization: `Bearer ${held.access}` }),
        withCookie: true,
      })
      remember(answer)
      const isMeant = answer.status < 300 || /\{|exchange|identities/.test(operation.path)
      expect([operation.path, answer.body, isMeant]).toEqual([operation.path, answer.body, true])
      isWrittenDown(operation, answer)
    }
    expect(held.access).not.toBe('')
  })

  const wrong: Record<string, Sent> = {
    'nothing at all': {},
    'an empty object': { body: '{}' },
    'a list': { body: '[]' },
    'no JSON': { body: '{"email": ' },
    'a form': { body: 'email=a&password=b', type: 'application/x-www-form-urlencoded' },
    'members of a wrong type': {
      body: '{"email": 1, "username": 1, "password": 1, "refresh_token": 1}',
    },
    'what is nobody’s': {
      body: '{"email": "x@y.zz", "username": "xy", "password": "Wrong.Horse.42!", "refresh_token": "x", "first_name": "x", "last_name": "y"}',
    },
    'a body that is too large': { body: JSON.stringify({ email: 'x'.repeat(20_000) }) },
    'a bad bearer': { authorization: 'Bearer nonsense' },
    'another scheme': { authorization: 'Basic YTpi' },
  }

  test.each(Object.entries(wrong))('to %s', async (_, sent) => {
    for (const operation of operations()) {
      const answer = await ask(operation, sent)
      isWrittenDown(operation, answer)
    }
  })

  test('to an address that is taken, and to tokens of nobody', async () => {
    held = { access: '', refresh: 'nonsense', cookie: 'refresh_token=nonsense' }
    for (const operation of operations()) {
      const answer = await ask(operation, { body: exampleOf(operation), withCookie: true })
      isWrittenDown(operation, answer)
    }
  })
})
