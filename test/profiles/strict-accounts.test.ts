import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, faultsOf, newAddress } from './plain-client.js'
import {
  manyRequests,
  pair,
  password,
  registerWith,
  type StrictService,
  startStrict,
} from './strict-service.js'

let service: StrictService
let client: Client
beforeAll(async () => {
  service = await startStrict(manyRequests)
  client = service.client
})
afterAll(() => service.stop())

const register = (email?: string) => registerWith(client, email)

describe('POST /auth/register', () => {
  test('answers 201 with a pair of tokens and nothing else', async () => {
    const answer = await client.post('/auth/register', { email: newAddress(), password })

    expect(answer.status).toBe(201)
    expect(answer.body).toEqual(pair)
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  test('an address that has an account', async () => {
    const { email } = await register()

    expect(await client.post('/auth/register', { email, password })).toMatchObject({
      status: 409,
      body: { detail: 'Registration failed' },
    })
  })

  test.each([
    ['Ab1!', 'string_too_short', 'String should have at least 12 characters'],
    [`Ab1!${'x'.repeat(125)}`, 'string_too_long', 'String should have at most 128 characters'],
    ['securepass123!', 'value_error', 'Password must contain at least one uppercase letter'],
    ['SECUREPASS123!', 'value_error', 'Password must contain at least one lowercase letter'],
    ['SecurePassword!', 'value_error', 'Password must contain at least one digit'],
    ['SecurePass1234', 'value_error', 'Password must contain at least one special character'],
    ['SecurePass_123', 'value_error', 'Password must contain at least one special character'],
    ['SecurePass-123', 'value_error', 'Password must contain at least one special character'],
  ])('a weak password: %s', async (weak, type, sentence) => {
    const answer = await client.post('/auth/register', { email: newAddress(), password: weak })
    const msg = type === 'value_error' ? `Value error, ${sentence}` : sentence

    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ detail: [{ type, loc: ['body', 'password'], msg }] })
    expect(answer.text).not.toContain(weak)
  })

  test.each([...'!@#$%^&*(),.?":{}|<>'])('%s is a special character', async (sign) => {
    const answer = await client.post('/auth/register', {
      email: 'no address',
      password: `SecurePass123${sign}`,
    })

    expect(faultsOf(answer)).toEqual([['value_error', ['body', 'email']]])
  })

  test('passwords of 12 and of 128 characters', async () => {
    const answers = ['SecurePas1!x', `S1!${'e'.repeat(125)}`].map((length) =>
      client.post('/auth/register', { email: newAddress(), password: length }),
    )

    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([201, 201])
  })

  test('members that are missing or no texts, and more members than are known', async () => {
    const post = async (body: object) => faultsOf(await client.post('/auth/register', body))

    expect(await post({})).toEqual([
      ['missing', ['body', 'email']],
      ['missing', ['body', 'password']],
    ])
    expect(await post({ email: 1, password: null })).toEqual([
      ['string_type', ['body', 'email']],
      ['string_type', ['body', 'password']],
    ])
    const more = { email: newAddress(), password, first_name: 'Grace' }
    expect((await client.post('/auth/register', more)).status).toBe(201)
  })

  test('long passwords with one beginning are two passwords', async () => {
    const email = newAddress()
    const long = `${password}${'x'.repeat(70)}`
    await client.post('/auth/register', { email, password: `${long}1` })

    expect((await client.post('/auth/login', { email, password: `${long}2` })).status).toBe(401)
    expect((await client.post('/auth/login', { email, password: `${long}1` })).status).toBe(200)
  })
})

describe('POST /auth/login', () => {
  test('answers 200 with a pair of tokens', async () => {
    const { email } = await register()
    const answer = await client.post('/auth/login', { email, password })

    expect(answer.status).toBe(200)
    expect(answer.body).toEqual(pair)
  })

  test('one sentence for a wrong password and an address nobody has', async () => {
    const { email } = await register()
    const wrong = await client.post('/auth/login', { email, password: `${password}x` })
    const unknown = await client.post('/auth/login', { email: newAddress(), password })

    expect(wrong).toMatchObject({ status: 401, body: { detail: 'Invalid credentials' } })
    expect([unknown.status, unknown.text]).toEqual([401, wrong.text])
  })

  test('the case of the name matters, that of the domain does not', async () => {
    const email = newAddress('Example.com').replace('person', 'Person')
    await register(email)
    const as = async (typed: string) =>
      (await client.post('/auth/login', { email: typed, password })).status

    expect(await as(email.replace('Example', 'EXAMPLE'))).toBe(200)
    expect(await as(email.toLowerCase())).toBe(401)
  })

  test('too many wrong passwords: 429, with the time to wait', async () => {
    const email = newAddress()
    for (let tries = 0; tries < 10; tries += 1)
      await client.post('/auth/login', { email, password: 'wrong' })
    const answer = await client.post('/auth/login', { email, password })

    expect(answer).toMatchObject({ status: 429, body: { detail: expect.any(String) } })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  })
})
