import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, newAddress } from './plain-client.js'
import { password, type StrictService, startStrict } from './strict-service.js'

const origin = 'https://app.example.com'
const evil = 'https://evil.example'
let service: StrictService
let listed: Client
let peers = 0

/** Every test comes from an address of its own. */
const from = () => {
  peers += 1
  return { 'x-forwarded-for': `192.0.2.${peers}` }
}
const cors = {
  'access-control-allow-origin': origin,
  'access-control-allow-credentials': 'true',
  'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers': 'Authorization, Content-Type',
}

beforeAll(async () => {
  service = await startStrict({
    ALLOWED_ORIGINS: origin,
    TRUSTED_PROXIES: '127.0.0.1,::1',
    RATE_LIMIT_REQUESTS: '', // that of the service
  })
  listed = service.client
})
afterAll(() => service.stop())

test('the 11th request in a minute, whatever it asks for; /health is not counted', async () => {
  const headers = from()
  const statuses: number[] = []
  for (const path of Array.from({ length: 5 }, () => ['/auth/me', '/nothing']).flat()) {
    statuses.push((await listed.get(path, headers)).status)
    await listed.get('/health', headers)
  }
  const answer = await listed.post('/auth/login', {}, headers)

  expect(statuses).toEqual([403, 405, 403, 405, 403, 405, 403, 405, 403, 405])
  expect(answer).toMatchObject({ status: 429, body: { detail: 'Rate limit exceeded' } })
  expect(answer.headers['retry-after']).toBeUndefined()
  expect((await listed.get('/health', headers)).status).toBe(200)
  expect((await listed.get('/auth/me', from())).status).toBe(403)
})

test('the limit comes before everything else', async () => {
  const headers = from()
  for (let count = 0; count < 10; count += 1) await listed.get('/nothing', headers)
  const faulty = { ...headers, origin: evil, 'content-type': 'text/plain' }

  expect((await listed.ask('POST', '/auth/login', { body: '{}', headers: faulty })).status).toBe(
    429,
  )
  expect((await listed.ask('OPTIONS', '/auth/login', { headers })).status).toBe(429)
})

test.each(['/auth/register', '/nothing', '/health'])(
  'OPTIONS %s: for listed origins only',
  async (path) => {
    const headers = from()
    const ask = (others: object) =>
      listed.ask('OPTIONS', path, { headers: { ...headers, ...others } })
    const answer = await ask({ origin, 'access-control-request-method': 'POST' })
    const refused = { status: 403, body: { detail: 'Origin not allowed' } }

    expect(answer).toMatchObject({ status: 200, body: { status: 'ok' }, headers: cors })
    expect(await ask({ origin: evil })).toMatchObject(refused)
    expect(await ask({})).toMatchObject(refused)
  },
)

test('a listed origin reads every answer', async () => {
  const headers = { ...from(), origin }
  const email = newAddress()
  const answers = [
    await listed.post('/auth/register', { email, password }, headers),
    await listed.post('/auth/login', { email, password: 'wrong' }, headers),
    await listed.get('/auth/me', headers),
    await listed.post('/auth/login', {}, headers),
  ]

  expect(answers.map(({ status }) => status)).toEqual([201, 401, 403, 422])
  for (const answer of answers) expect(answer.headers).toMatchObject(cors)
})

test('any other origin is refused, also where it only reads', async () => {
  const headers = { ...from(), origin: evil }
  const refused = { status: 403, body: { detail: 'Origin not allowed' } }
  const answer = await listed.post('/auth/login', { email: newAddress(), password }, headers)

  expect(answer).toMatchObject(refused)
  expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  expect(await listed.get('/auth/me', headers)).toMatchObject(refused)
  expect((await listed.get('/health', headers)).status).toBe(200)
})

test('programs send no origin and are served', async () => {
  const headers = from()
  const answer = await listed.post('/auth/register', { email: newAddress(), password }, headers)

  expect(answer.status).toBe(201)
})
