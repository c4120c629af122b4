import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type CookieService,
  cookieOf,
  names,
  password,
  registerWith,
  signInWith,
  startCookie,
} from './cookie-service.js'
import { type Client, faultsOf, newAddress, text } from './plain-client.js'

let service: CookieService
let client: Client
beforeAll(async () => {
  service = await startCookie()
  client = service.client
})
afterAll(() => service.server.stop())

const register = (email?: string) => registerWith(client, email)
const signIn = (email: string) => signInWith(client, email)
const newcomer = async () => signIn(await register())

describe('POST /auth/register', () => {
  test('answers 200, without tokens and cookies', async () => {
    const body = { email: newAddress(), password, ...names }
    const answer = await client.post('/auth/register', body)

    expect([answer.status, answer.body]).toEqual([200, { status: 'user created' }])
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  test('an address that has an account', async () => {
    const email = await register()
    const { status, body } = await client.post('/auth/register', { email, password, ...names })

    expect([status, body]).toEqual([409, { detail: 'User already exists' }])
  })

  test('any text is an address here, and no address at the login', async () => {
    const email = `nope ${randomUUID()}`
    await register(email)
    const answer = await client.post('/auth/login', { email, password })

    expect(answer.status).toBe(422)
    expect(faultsOf(answer)).toEqual([['value_error', ['body', 'email']]])
  })

  test('an empty password', async () => {
    const body = { email: newAddress(), password: '', ...names }
    const answer = await client.post('/auth/register', body)

    expect(answer.status).toBe(422)
    expect(faultsOf(answer)).toEqual([['string_too_short', ['body', 'password']]])
  })

  test('members that are missing', async () => {
    const answer = await client.post('/auth/register', { email: newAddress(), password })

    expect(answer.status).toBe(422)
    expect(faultsOf(answer)).toEqual([
      ['missing', ['body', 'first_name']],
      ['missing', ['body', 'last_name']],
    ])
  })
})

describe('POST /auth/login', () => {
  test('answers with names, an access token, and a cookie of the browser session', async () => {
    const answer = await client.post('/auth/login', { email: await register(), password })

    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      ...names,
      status: 'logged in',
    })
    expect(cookieOf(answer)).toEqual({
      value: expect.stringMatching(/^[\w.-]{43,}$/),
      attributes: ['HttpOnly', 'Path=/auth', 'SameSite=strict', 'Secure'],
    })
  })

  test('names that are empty come back empty', async () => {
    const email = newAddress()
    await client.post('/auth/register', { email, password, first_name: '', last_name: '' })

    expect((await client.post('/auth/login', { email, password })).body).toMatchObject({
      first_name: '',
      last_name: '',
    })
  })

  test('a wrong password and an address nobody has', async () => {
    const wrong = await client.post('/auth/login', { email: await register(), password: 'no' })
    const unknown = await client.post('/auth/login', { email: newAddress(), password })

    expect([wrong.status, wrong.body]).toEqual([401, { detail: 'Invalid credentials' }])
    expect([unknown.status, unknown.text]).toEqual([401, wrong.text])
  })

  test.each([
    ['no address', { email: 'nope', password }, 'value_error', 'email'],
    ['an empty password', { email: 'a@example.com', password: '' }, 'string_too_short', 'password'],
    ['no password', { email: 'a@example.com' }, 'missing', 'password'],
  ])('%s', async (_title, body, type, place) => {
    const answer = await client.post('/auth/login', body)

    expect(answer.status).toBe(422)
    expect(faultsOf(answer)).toEqual([[type, ['body', place]]])
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

describe('POST /auth/refresh', () => {
  test('answers with an access token, and leaves the cookie as it is', async () => {
    const { cookie } = await newcomer()
    const answer = await client.post('/auth/refresh', undefined, cookie)

    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ access_token: expect.any(String), token_type: 'bearer' })
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(text(answer.body, 'access_token')).toMatch(/^[\w-]+(\.[\w-]+){2}$/)
  })

  test('the first cookie goes on working, again and again and at once', async () => {
    const { cookie } = await newcomer()
    const refresh = async () => (await client.post('/auth/refresh', undefined, cookie)).status
    const oneByOne = [await refresh(), await refresh(), await refresh()]
    const atOnce = await Promise.all(Array.from({ length: 20 }, refresh))

    expect(new Set([...oneByOne, ...atOnce])).toEqual(new Set([200]))
  })

  test('whatever else is sent along', async () => {
    const { cookie } = await newcomer()
    const others = { ...cookie, authorization: 'Bearer over', 'content-type': 'text/plain' }

    expect((await client.post('/auth/refresh', 'x', others)).status).toBe(200)
  })

  test('without a cookie, and with one nobody was given', async () => {
    const none = await client.post('/auth/refresh')
    const unknown = await client.post('/auth/refresh', undefined, {
      cookie: `refresh_token=${'x'.repeat(43)}`,
    })

    expect([none.status, none.body]).toEqual([401, { detail: 'Missing refresh token' }])
    expect([unknown.status, unknown.body]).toEqual([401, { detail: 'Invalid or expired session' }])
  })

  test('a token in the body is not looked at', async () => {
    const { cookie } = await newcomer()
    const body = { refresh_token: cookie.cookie.replace('refresh_token=', '') }

    expect((await client.post('/auth/refresh', body)).body).toEqual({
      detail: 'Missing refresh token',
    })
  })
})

describe('POST /auth/logout', () => {
  const loggedOut = { status: 'logged out' }

  test('ends the session and takes the cookie away, on the path where it was set', async () => {
    const { cookie } = await newcomer()
    const answer = await client.post('/auth/logout', undefined, cookie)
    const again = await client.post('/auth/refresh', undefined, cookie)

    expect([answer.status, answer.body]).toEqual([200, loggedOut])
    expect(cookieOf(answer)).toEqual({
      value: '',
      attributes: ['HttpOnly', 'Max-Age=0', 'Path=/auth', 'SameSite=strict', 'Secure'],
    })
    expect([again.status, again.body]).toEqual([401, { detail: 'Invalid or expired session' }])
  })

  test.each([
    ['without a cookie', {}],
    ['with one nobody was given', { cookie: 'refresh_token=unknown' }],
    ['with an access token that is over', { authorization: 'Bearer over' }],
  ])('%s', async (_title, headers) => {
    const { status, body } = await client.post('/auth/logout', undefined, headers)

    expect([status, body]).toEqual([200, loggedOut])
  })

  test('twice, and with a bearer that is good for nothing', async () => {
    const { cookie } = await newcomer()
    const headers = { ...cookie, authorization: 'Basic YTpi' }
    const answers = [
      await client.post('/auth/logout', undefined, headers),
      await client.post('/auth/logout', undefined, headers),
    ]

    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect((await client.post('/auth/refresh', undefined, cookie)).status).toBe(401)
  })

  test('others stay signed in', async () => {
    const email = await register()
    const [here, there] = [await signIn(email), await signIn(email)]
    await client.post('/auth/logout', undefined, here.cookie)

    expect((await client.post('/auth/refresh', undefined, there.cookie)).status).toBe(200)
  })
})
