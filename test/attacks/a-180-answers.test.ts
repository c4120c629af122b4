import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServerProcess, startProcess } from './server-process.js'
import { type Answer, expectHealthy, type Sent, send, startTarget } from './target.js'

/** S-39, S-43, S-46, S-47: what every answer carries, whatever it answers. */
const strict: Record<string, string> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  vary: 'Origin, Sec-Fetch-Site',
}
const data: Record<string, string> = {
  ...strict,
  'cache-control': 'no-store',
}

describe('every answer', () => {
  let server: ServerProcess
  const origin = 'https://id.example.com'

  beforeAll(async () => {
    server = await startProcess({
      DATABASE_URL: 'memory',
      ENVIRONMENT: 'production',
      BASE_URL: origin,
      LATCHKEY_SECRET: 'c0a8f3d19b7e4256a1d0c3b5e7f92846',
    })
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  const ask = (method: string, path: string, sent?: Sent): Promise<Answer> =>
    send(server.port, method, path, sent)
  const expectStrict = ({ headers, text }: Answer, expected: Record<string, string>): void => {
    expect(headers).toMatchObject(expected)
    expect(headers['strict-transport-security']).toMatch(/^max-age=(?:31536000|[4-9]\d{7}|\d{9,})/)
    for (const part of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"])
      expect(headers['content-security-policy']).toContain(part)
    if (text !== '') expect(headers['content-type']).toMatch(/; charset=utf-8$/)
    expect(headers['x-request-id']).toMatch(/^[\w-]{6,}$/)
    for (const name of ['x-powered-by', 'server', 'x-aspnet-version'])
      expect(headers[name]).toBeUndefined()
  }

  test('S-39, S-43, S-47 answers with data and refusals of every status', async () => {
    const json = ['Content-Type', 'application/json']
    const answers: Record<number, Answer> = {
      201: await ask('POST', '/auth/register', {
        body: { email: 'ada@example.com', password: 'a long and winding road' },
      }),
      200: await ask('POST', '/auth/login', {
        body: { email: 'ada@example.com', password: 'a long and winding road' },
      }),
      204: await ask('OPTIONS', '/auth/login'),
      400: await ask('POST', '/auth/login', { headers: json, body: '{' }),
      401: await ask('GET', '/auth/me'),
      403: await ask('POST', '/auth/login', {
        headers: ['Origin', 'https://evil.example'],
        body: {},
      }),
      404: await ask('GET', '/nowhere'),
      405: await ask('GET', '/auth/login'),
      409: await ask('POST', '/auth/register', {
        body: { email: 'ADA@example.com', password: 'a long and winding road' },
      }),
      413: await ask('POST', '/auth/login', { headers: json, body: 'x'.repeat(20_000) }),
      415: await ask('POST', '/auth/login', { body: 'x' }),
      422: await ask('POST', '/auth/login', { body: {} }),
      431: await ask('GET', '/auth/me', { headers: ['X-Long', 'x'.repeat(20_000)] }),
    }
    for (const [status, answer] of Object.entries(answers)) {
      expect(answer.status).toBe(Number(status))
      expectStrict(answer, data)
      if (answer.status >= 400) {
        expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
        expect(answer.json).toMatchObject({
          type: `${origin}/errors/${answer.json.code}`,
          title: expect.any(String),
          status: answer.status,
          detail: expect.any(String),
          request_id: answer.headers['x-request-id'],
        })
      }
    }
    for (const path of ['/', '/health', '/health/live', '/health/ready'])
      expectStrict(await ask('GET', path), data)
    expectStrict(await ask('HEAD', '/health'), data)
  })

  test('A-181, S-39 pages may run nothing from elsewhere and stand in no frame', async () => {
    expectStrict(await ask('GET', '/errors/invalid_token'), strict)
    const open = await startProcess({ DATABASE_URL: 'memory' })
    for (const path of [
      '/docs',
      '/redoc',
      '/test-login',
      '/errors/not_found',
      '/assets/style.css',
    ]) {
      const { status, headers } = await send(open.port, 'GET', path)
      expect(status).toBe(200)
      expect(headers).toMatchObject(strict)
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain("base-uri 'none'")
      expect(policy).not.toMatch(/unsafe-eval|https?:|\*/)
      expect(policy.match(/script-src[^;]*/)?.[0] ?? '').not.toContain('unsafe-inline')
    }
    expect(await open.stop()).toBe(0)
  })

  test('S-46 production shows no documentation, no try-it page, no metrics', async () => {
    for (const path of [
      '/docs',
      '/redoc',
      '/openapi.json',
      '/test-login',
      '/metrics',
      '/debug',
      '/v1/docs',
      '/v1/openapi.json',
    ]) {
      expect([path, (await ask('GET', path)).status]).toEqual([path, 404])
    }
  })

  test('A-180 no header of a request is reflected, none changes an address', async () => {
    const evil = 'evil.example'
    const headers = [
      'Host',
      evil,
      'X-Forwarded-Host',
      evil,
      'X-Forwarded-Proto',
      'http',
      'Forwarded',
      `host=${evil}`,
      'X-Original-URL',
      '/admin',
      'X-Rewrite-URL',
      '/admin',
      'Referer',
      `https://${evil}`,
      'X-Request-Id',
      evil,
      'Traceparent',
      evil,
    ]
    for (const path of [
      '/',
      '/auth/me',
      '/nowhere',
      '/.well-known/jwks.json',
      '/health',
      '/errors/invalid_token',
    ]) {
      const answer = await ask('GET', path, { headers })
      expect(answer.text + JSON.stringify(answer.rawHeaders)).not.toContain(evil)
    }
    const login = await ask('POST', '/auth/login', {
      headers: [...headers, 'Sec-Fetch-Site', 'same-origin'],
      body: { email: 'ada@example.com', password: 'a long and winding road' },
    })
    expect(login.headers['set-cookie']?.[0]).not.toMatch(/domain|evil/i)
    const claims = Buffer.from(login.json.access_token.split('.')[1], 'base64url').toString()
    expect(JSON.parse(claims)).toMatchObject({ iss: origin, aud: origin })
  })

  test('S-44 forwarded addresses of strangers are not believed', async () => {
    const spoofed = [
      'X-Forwarded-For',
      '203.0.113.7',
      'X-Real-IP',
      '203.0.113.7',
      'Forwarded',
      'for=203.0.113.7',
      'CF-Connecting-IP',
      '203.0.113.7',
      'True-Client-IP',
      '203.0.113.7',
    ]
    const { json } = await ask('POST', '/auth/login', {
      headers: spoofed,
      body: { email: 'ada@example.com', password: 'a long and winding road' },
    })
    const { json: list } = await ask('GET', '/auth/sessions', { token: json.access_token })
    expect(new Set(list.sessions.map(({ ip }: { ip: string }) => ip))).toEqual(
      new Set(['127.0.0.1']),
    )
  })
})

describe('when something breaks inside', () => {
  test('S-39, S-51, A-205 a bug is a plain 500 and tells nothing', async () => {
    const target = await startTarget()
    const sentence = 'SQLITE_ERROR near /srv/secret/path: select * from users'
    Object.assign(target.auth.store.users, {
      findByEmail: async () => {
        throw new Error(sentence)
      },
    })
    const { status, text, headers, json } = await target.ask('POST', '/auth/login', {
      body: target.ada,
    })
    expect([status, json.code, headers['content-type']]).toEqual([
      500,
      'internal_error',
      'application/problem+json; charset=utf-8',
    ])
    expect(text).not.toMatch(/SQLITE|secret|select|at .*\.[jt]s/i)
    expect(headers).toMatchObject(data)
    await expectHealthy(target)
    await target.close()
  })
})
