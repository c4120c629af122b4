import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectHealthy, startTarget, type Target } from './target.js'

/** S-53: what means something to databases, templates and prototypes, and what answers give away. */
const password = 'correct horse battery'

describe('values that want to be more than values', () => {
  let target: Target
  let count = 0

  beforeAll(async () => {
    target = await startTarget()
  })
  afterAll(async () => {
    await expectHealthy(target)
    await target.close()
  })

  const register = (body: object) => target.ask('POST', '/auth/register', { body })
  const fresh = () => {
    count += 1
    return `someone${count}@example.net`
  }

  test('A-203 nothing a body says reaches the prototype of anything', async () => {
    const bodies = [
      '{"__proto__":{"role":"admin"}}',
      '{"constructor":{"prototype":{"role":"admin"}}}',
      '{"email":"a@x.com","password":"x","__proto__":null}',
      '{"first_name":{"__proto__":{"role":"admin"}}}',
    ]
    for (const body of bodies) {
      const { status } = await target.ask('POST', '/auth/register', {
        headers: ['Content-Type', 'application/json'],
        body,
      })
      expect([400, 422]).toContain(status)
    }
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(Reflect.get({}, 'role')).toBeUndefined()
    expect((await register({ email: fresh(), password })).json.user.roles).toEqual([])
  })

  test('A-201, S-53 operators, arrays and booleans where text belongs', async () => {
    const values = [
      { $ne: null },
      { $gt: '' },
      { $regex: '.*' },
      { $where: 'sleep(1000)' },
      { $nor: [] },
      { _bsontype: 'ObjectID' },
      [],
      ['a@x.com'],
      [['a']],
      true,
      false,
      0,
      1,
      -1,
      null,
      {},
    ]
    for (const value of values) {
      for (const body of [
        { email: value, password },
        { email: target.ada.email, password: value },
        { username: value, password },
        { email: value, password: value },
      ]) {
        const { status, json } = await target.ask('POST', '/auth/login', { body })
        expect([body, status, json.code]).toEqual([body, 422, 'invalid_body'])
      }
    }
  })

  test('A-201, A-202 text that means something to databases is text', async () => {
    const texts = [
      "' OR '1'='1",
      "admin'--",
      "'; DROP TABLE latchkey_users; --",
      '" OR ""="',
      "1' AND SLEEP(5)--",
      '%',
      '_',
      '*',
      '\\',
      "x' UNION SELECT NULL--",
      '{{7*7}}',
      '`id`',
      '$(id)',
      '../../etc/passwd',
    ]
    for (const text of texts) {
      const started = performance.now()
      expect(
        (await target.ask('POST', '/auth/login', { body: { username: text, password: text } }))
          .status,
      ).toBe(401)
      expect(
        (await target.ask('POST', '/auth/login', { body: { email: text, password: text } })).status,
      ).toBe(422)
      expect((await register({ email: fresh(), password, username: text })).status).toBe(422)
      expect(performance.now() - started).toBeLessThan(1_000)
    }
  })

  test('A-206 no answer repeats a value that was refused', async () => {
    const secret = 'hunter2-s3cret-value'
    const bodies = [
      { email: secret, password: 5 },
      { email: 5, password: secret },
      { email: fresh(), password: secret.slice(0, 9) },
      { email: fresh(), password, username: `${secret}!` },
      { email: fresh(), password, first_name: `${secret}\n` },
      { email: fresh(), password: `${secret}\0long` },
    ]
    for (const body of bodies) {
      for (const path of ['/auth/register', '/auth/login', '/auth/refresh']) {
        const { text } = await target.ask('POST', path, { body })
        expect(text).not.toContain(secret.slice(0, 9))
      }
    }
    const { text } = await target.ask('POST', '/auth/login', {
      headers: ['Content-Type', 'application/json'],
      body: `{"password":"${secret}",}`,
    })
    expect(text).not.toContain(secret)
    expect((await target.ask('GET', '/auth/me', { token: secret })).text).not.toContain(secret)
  })

  test('A-207 refusals give no hints', async () => {
    for (const [method, path] of [
      ['GET', '/auth/logn'],
      ['GET', '/admin'],
      ['GET', '/auth/m'],
      ['POST', '/auth/registr'],
    ] as const) {
      const { status, text, headers } = await target.ask(method, path)
      expect(status).toBe(404)
      expect(text).not.toMatch(/did you mean|login|register|node|express|fastify|at .*\.[jt]s:/i)
      expect(headers['x-powered-by']).toBeUndefined()
      expect(headers.server).toBeUndefined()
    }
    const { json } = await target.ask('POST', '/auth/login', { body: { emial: 'x', password } })
    expect(JSON.stringify(json)).not.toMatch(/did you mean/i)
  })
})
