import { afterAll, describe, expect, test } from 'vitest'
import { openApiDocument } from '../../src/http/openapi.js'
import { routesOf } from '../../src/http/routes.js'
import { type Answer, startTarget } from './target.js'

/** where nobody may learn who has an account, registration does not tell. Its time: `test/faults/r-32-registration`. */
const target = await startTarget({ enumeration: 'private' })
afterAll(() => target.close())

const password = 'penny lane is in my ears'
const register = (body: object, headers: readonly string[] = []): Promise<Answer> =>
  target.ask('POST', '/auth/register', { body, headers })
const told = ({ status, rawHeaders, text }: Answer) => {
  const chance = (value: string) => value.replace(/^[0-9a-f]{12}-[0-9a-z]+$/, 'request id')
  const [names, date] = [rawHeaders.map(chance), rawHeaders.indexOf('Date')]
  return { status, text, headers: names.toSpliced(date, 2) }
}

describe('A-078 registration where enumeration is private', () => {
  test('answers a taken address or name, byte by byte, as one that is free', async () => {
    await target.auth.users.create({ username: 'kelvin', password }, {})
    const free = told(await register({ email: 'new@example.com', password }))
    expect(free.status).toBe(202)
    expect(free.text).not.toMatch(/token|user|@/)
    expect(free.headers.join()).not.toMatch(/cookie/i)

    for (const taken of [
      { email: target.ada.email, password },
      { email: 'ADA@Example.com', password: target.ada.password },
      { email: 'new@example.com', password },
      { username: 'KELVIN', email: 'other@example.com', password },
      { email: target.ada.email, username: 'kelvin', password },
    ])
      expect(told(await register(taken))).toEqual(free)
    const page = ['Sec-Fetch-Site', 'none']
    const [one, two] = [target.ada.email, 'newer@example.com']
    expect(told(await register({ email: one, password }, page))).toEqual(
      told(await register({ email: two, password }, page)),
    )
  })

  test('makes the account, whose owner signs in, and leaves that of others as it was', async () => {
    const before = await target.auth.users.find(target.ada.email)
    target.events.length = 0
    await register({ email: 'bob@example.com', password })
    await register({ email: target.ada.email, password, first_name: 'Eve' })

    expect((await target.ask('POST', '/auth/login', { body: target.ada })).status).toBe(200)
    const bob = { email: 'bob@example.com', password }
    expect((await target.ask('POST', '/auth/login', { body: bob })).status).toBe(200)
    const eve = { ...target.ada, password }
    expect((await target.ask('POST', '/auth/login', { body: eve })).status).toBe(401)
    expect(await target.auth.users.find(target.ada.email)).toMatchObject({
      firstName: before.firstName,
      updatedAt: before.updatedAt,
    })
    expect(target.events.slice(0, 2)).toMatchObject([
      { type: 'account.registered' },
      { type: 'registration.repeated', outcome: 'failure', actorId: null, subjectId: before.id },
    ])
  })

  test('still says what is wrong with an address or a password, whoever they belong to', async () => {
    for (const email of [target.ada.email, 'nobody@example.com']) {
      const { status, json } = await register({ email, password: 'short' })
      expect([status, json.code]).toEqual([422, 'invalid_body'])
    }
    expect((await register({ email: 'not one', password })).status).toBe(422)
  })

  test('is written down as it is, and only then', async () => {
    const open = await startTarget()
    const documented = [open, target].map(({ auth }) => {
      const about = { name: 'test', baseUrl: 'http://localhost:8000' }
      const text = JSON.stringify(openApiDocument(routesOf(auth), about))
      return /"Accepted"/.test(text) && /"202"/.test(text)
    })
    await open.close()

    expect(documented).toEqual([false, true])
    const { json } = await register({ email: 'documented@example.com', password })
    expect(Object.keys(json)).toEqual(['detail'])
  })
})
