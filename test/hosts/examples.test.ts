import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { trusted } from '../../src/lib/trusted.js'
import { isReachable, openService } from '../services/services.js'
import { type Example, runExample, startExample } from './examples.js'

const running: Example[] = []
afterEach(async () => {
  for (const example of running.splice(0)) await example.stop()
})

const start = async (name: string, settings?: Record<string, string>): Promise<string> => {
  const example = await startExample(name, settings)
  running.push(example)
  return example.url
}

const post = async (url: string, body: object, token?: string) => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(token) },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: trusted<Told>(await answer.json()) }
}

const get = async (url: string, token?: string) => {
  const answer = await fetch(url, { headers: bearer(token) })
  return {
    status: answer.status,
    headers: answer.headers,
    body: trusted<Told>(await answer.json()),
  }
}

/** Whatever members the answers of the examples have. */
type Told = {
  access_token: string
  refresh_token: string
  code: string
  topics: string[]
}

const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` }

const grace = { email: 'grace@example.com', password: 'correct horse battery' }
const register = async (url: string): Promise<string> => {
  const { status, body } = await post(`${url}/auth/register`, grace)
  expect(status).toBe(201)
  return body.access_token
}

const folder = new URL('../../examples/', import.meta.url)

test('every example has a page of its own', () => {
  for (const name of readdirSync(folder)) {
    expect(readFileSync(new URL(`${name}/README.md`, folder), 'utf8')).toContain(
      `npx tsx examples/${name}/main.ts`,
    )
  }
})

test('embed: every flow without HTTP', async () => {
  const { code, text } = await runExample('embed')

  expect(text).toContain("plan: 'team'")
  expect(text).toContain('event: login.succeeded (success)')
  expect(text).toMatch(/with 2 sessions[\s\S]*sessions left: 1[\s\S]*refused invalid_credentials/)
  expect(code).toBe(0)
})

describe.each([
  ['express', ''],
  ['fastify', '/id'],
  ['hono', ''],
])('%s', (name, prefix) => {
  test('its own route is for signed-in users only', async () => {
    const url = await start(name)
    const token = await register(`${url}${prefix}`)
    const stranger = await get(`${url}/hello`)
    const forged = await get(`${url}/hello`, `${token}x`)

    expect(await get(`${url}/hello`, token)).toMatchObject({
      status: 200,
      body: { hello: 'grace@example.com' },
    })
    expect(stranger).toMatchObject({ status: 401, body: { code: 'missing_token' } })
    expect(forged).toMatchObject({ status: 401, body: { code: 'invalid_token' } })
    expect(await get(`${url}${prefix}/auth/me`, token)).toMatchObject({ status: 200 })
  })
})

test('express: the front page stays with the app', async () => {
  const url = await start('express')

  expect(await (await fetch(url)).text()).toBe('An app of its own')
})

test('resource-server: believes tokens meant for it, and no others', async () => {
  const issuer = await start('express')
  const mine = await start('resource-server', { ISSUER: issuer })
  const another = await start('resource-server', { ISSUER: issuer, AUDIENCE: 'https://other' })
  const token = await register(issuer)
  const [header = '', payload = '', signature = ''] = token.split('.')
  const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`
  const changed = Buffer.from(payload, 'base64url')
    .toString()
    .replace('"roles":[]', '"roles":["x"]')

  expect(await get(mine, token)).toMatchObject({ status: 200, body: { roles: [] } })
  expect((await get(mine)).status).toBe(401)
  expect((await get(mine, unsigned)).status).toBe(401)
  expect(
    (await get(mine, `${header}.${Buffer.from(changed).toString('base64url')}.${signature}`))
      .status,
  ).toBe(401)
  expect((await get(another, token)).status).toBe(401)
})

test('resource-server: keys that cannot be had are not the caller’s fault', async () => {
  const issuer = await start('express')
  const token = await register(issuer)
  const lost = await start('resource-server', { ISSUER: 'http://localhost:9' })

  expect((await get(lost, token)).status).toBe(503)
})

test('topics: each user has topics of their own', async () => {
  const url = await start('topics')
  const token = await register(url)
  const ada = await post(`${url}/auth/register`, { ...grace, email: 'ada@example.com' })
  const stranger = await get(`${url}/questions/topics`)
  const added = await post(`${url}/questions/topics`, { topic: 'Heaps' }, token)

  expect(stranger.status).toBe(401)
  expect(stranger.headers.get('www-authenticate')).toBe('Bearer')
  expect(added).toMatchObject({ status: 201 })
  expect((await get(`${url}/questions/topics`, token)).body.topics).toContain('Heaps')
  expect((await get(`${url}/questions/topics`, ada.body.access_token)).body.topics).toEqual([
    'Arrays',
    'Graphs',
    'Recursion',
  ])
})

test('topics-cookie: the app speaks as the service before it did', async () => {
  const secret = randomBytes(32).toString('base64')
  const url = await start('topics-cookie', { BASE_URL: '', JWT_SECRET_KEY: secret })
  const account = { ...grace, first_name: 'Grace', last_name: 'Hopper' }
  const registered = await post(`${url}/auth/register`, account)
  const { body } = await post(`${url}/auth/login`, grace)
  const stranger = await get(`${url}/questions/topics`)

  expect(registered).toEqual({ status: 200, body: { status: 'user created' } })
  expect(stranger).toMatchObject({ status: 401, body: { detail: 'Not authenticated' } })
  expect((await get(`${url}/questions/topics`, body.access_token)).body.topics).toHaveLength(3)
})

test('get-user: people who live elsewhere sign in by name, with their roles', async () => {
  const url = await start('get-user')
  const alice = await post(`${url}/auth/login`, { username: 'alice', password: 'secret' })
  const bob = await post(`${url}/auth/login`, { username: 'bob', password: 'password' })
  const wrong = await post(`${url}/auth/login`, { username: 'bob', password: 'secret' })
  const unknown = await post(`${url}/auth/login`, { username: 'eve', password: 'secret' })
  const closed = await post(`${url}/auth/register`, grace)
  const refreshed = await post(`${url}/auth/refresh`, { refresh_token: alice.body.refresh_token })
  const [, payload = ''] = alice.body.access_token.split('.')

  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
    sub: 'alice',
    roles: ['admin'],
  })
  expect(bob.status).toBe(200)
  expect([wrong.body.code, unknown.body.code]).toEqual([
    'invalid_credentials',
    'invalid_credentials',
  ])
  expect(closed.body.code).toBe('registration_closed')
  expect(refreshed.status).toBe(200)
})

test.skipIf(!isReachable('postgres'))(
  'own-user-table: who was in the table signs in, and who registers stands in it',
  async () => {
    const service = await openService('postgres')
    const url = await service.fresh()
    const client = new pg.Client(url)
    await client.connect()
    await client.query(readFileSync('examples/own-user-table/table.sql', 'utf8'))
    const settings = { DATABASE_URL: url, LATCHKEY_SECRET: randomBytes(32).toString('base64') }
    const app = await start('own-user-table', settings)

    const alice = { email: 'alice@example.com', password: 'secret' }
    const { status, body } = await post(`${app}/auth/login`, alice)
    expect(status).toBe(200)
    expect((await get(`${app}/auth/me`, body.access_token)).body).toMatchObject({
      id: '4b0d7c1e-5d0c-4c84-9a59-2f9b9b2f5d11',
      first_name: 'Alice',
    })
    const bob = { email: 'Bob@example.com', password: 'correct horse battery' }
    expect((await post(`${app}/auth/register`, bob)).status).toBe(201)
    const { rows } = await client.query('select email, last_name from users order by email')
    await client.end()
    expect(rows).toEqual([
      { email: 'alice@example.com', last_name: 'Liddell' },
      { email: 'bob@example.com', last_name: '' },
    ])
  },
)
