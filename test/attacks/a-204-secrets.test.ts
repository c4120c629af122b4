import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raw, requestText } from './raw.js'
import { type ServerProcess, startProcess } from './server-process.js'
import { type Sent, send } from './target.js'

/** S-48, S-50, S-51: after everything a client can do, no secret stands in the log or the file. */
const secret = (name: string): string => `${name}-${randomBytes(12).toString('hex')}`

describe('the log at its most talkative level', () => {
  const rootSecret = randomBytes(32).toString('hex')
  const refreshSecret = randomBytes(32).toString('hex')
  const jwtSecret = randomBytes(32).toString('hex')
  const used = new Set([rootSecret, refreshSecret, jwtSecret])
  let server: ServerProcess

  const note = (value: string): string => {
    used.add(value)
    return value
  }
  const ask = (method: string, path: string, sent?: Sent) => send(server.port, method, path, sent)

  beforeAll(async () => {
    server = await startProcess({
      LATCHKEY_SECRET: rootSecret,
      JWT_REFRESH_SECRET_KEY: refreshSecret,
      JWT_SECRET_KEY: jwtSecret,
      DATABASE_URL: 'sqlite:./secrets.db',
    })
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  test('a whole life of an account, and every mistake on the way', async () => {
    const password = note(secret('first'))
    const email = `${randomBytes(6).toString('hex')}@example.net`
    const made = await ask('POST', '/auth/register', { body: { email, password } })
    expect(made.status).toBe(201)
    const access = note(made.json.access_token)
    let refresh = note(made.json.refresh_token)
    for (const path of ['/auth/login', '/v1/auth/login', '/auth/register']) {
      await ask('POST', path, { body: { email, password: note(secret('wrong')) } })
      await ask('POST', path, {
        body: { email, password: note(secret('extra')), role: note(secret('role')) },
      })
      await ask('POST', path, {
        headers: ['Content-Type', 'application/json'],
        body: `{"password":"${note(secret('broken'))}",}`,
      })
      await ask('POST', path, {
        headers: ['Content-Type', 'text/plain'],
        body: note(secret('plain')),
      })
      await ask('POST', `${path}?password=${note(secret('query'))}`, { body: {} })
      await ask('POST', path, {
        body: { email: note(secret('email')), password: [note(secret('array'))] },
      })
      await ask('POST', path, { body: { email, password: `${note(secret('nul'))}\0` } })
    }
    await ask('GET', `/auth/me?access_token=${access}`)
    await ask('GET', `/${note(secret('path'))}`)
    await ask('GET', `/auth/me/${access}`)
    await ask('DELETE', `/auth/sessions/${note(secret('session'))}`, { token: access })
    for (const token of [
      note(secret('bearer')),
      `${access}x`,
      note(`${access.slice(0, -9)}AAAAAAAAA`),
    ])
      await ask('GET', '/auth/me', { token })
    await ask('GET', '/auth/me', {
      headers: ['Authorization', `Basic ${note(Buffer.from(secret('basic')).toString('base64'))}`],
    })
    await ask('POST', '/auth/refresh', {
      headers: [
        'Cookie',
        `refresh_token=${note(secret('cookie'))}`,
        'Sec-Fetch-Site',
        'same-origin',
      ],
    })
    for (let count = 0; count < 3; count += 1) {
      const old = refresh
      refresh = note(
        (await ask('POST', '/auth/refresh', { body: { refresh_token: old } })).json.refresh_token,
      )
      await ask('POST', '/auth/refresh', { body: { refresh_token: `${old}x` } })
    }
    const next = note(secret('second'))
    await ask('POST', '/auth/password/change', {
      token: access,
      body: { current_password: note(secret('mistyped')), new_password: next },
    })
    const changed = await ask('POST', '/auth/password/change', {
      token: access,
      body: { current_password: password, new_password: next },
    })
    note(changed.json.refresh_token)
    note(changed.json.access_token)
    await raw(
      server.port,
      requestText(
        'POST /auth/login HTTP/1.1',
        ['Content-Type: application/json', 'Content-Length: 90'],
        `{"password":"${note(secret('cut'))}`,
      ),
      { milliseconds: 50 },
    )
    await raw(
      server.port,
      `BROKEN ${note(secret('line'))}\r\nAuthorization: Bearer ${note(secret('header'))}\r\n\r\n`,
    )
    await raw(
      server.port,
      requestText(
        'POST /auth/login HTTP/1.1',
        [
          `Authorization: Bearer ${note(secret('smuggled'))}`,
          'Content-Length: 1',
          'Transfer-Encoding: chunked',
        ],
        note(secret('body')),
      ),
    )
    await ask('DELETE', '/auth/me', { token: changed.json.access_token, body: { password: next } })
    expect(used.size).toBeGreaterThan(50)
  })

  test('S-50 nobody starts a line of his own', async () => {
    const evil = ['a\tb', '{"level":"fatal"}', '\u001b[31mred', 'x\x85y', '"},{"msg":"forged"}']
    for (const text of evil) {
      const agent = Buffer.from(text)
        .toString('latin1')
        .replace(/[\r\n]/g, '')
      await raw(
        server.port,
        Buffer.from(
          requestText(
            'POST /auth/login HTTP/1.1',
            [
              `User-Agent: ${agent}`,
              `X-Request-Id: ${agent}`,
              'Content-Type: application/json',
              'Content-Length: 33',
            ],
            '{"username":"nobody","password":1',
          ),
          'latin1',
        ),
      )
      await raw(
        server.port,
        Buffer.from(
          requestText(
            'POST /auth/login HTTP/1.1',
            [`User-Agent: ${agent}`, 'Content-Type: application/json', 'Content-Length: 37'],
            '{"username":"nobody","password":"x1"}',
          ),
          'latin1',
        ),
      )
      await ask('POST', '/auth/login', {
        body: { username: `nobody\r\n{"msg":"forged"}\u2028${text}`, password: 'x' },
      })
    }
    const lines = server.said().trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(20)
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({
        level: expect.any(String),
        time: expect.any(String),
      })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/)
    }
    expect(lines.filter((line) => JSON.parse(line).msg === 'forged')).toEqual([])
  })

  test('S-51 nothing went wrong inside', () => {
    expect(server.said()).not.toMatch(/"level":"(?:error|fatal)"|internal_error/)
  })

  test('A-204, S-48 no secret that was sent or made stands in the log', () => {
    const said = server.said()
    for (const value of used) {
      expect(said).not.toContain(value)
      expect(said).not.toContain(encodeURIComponent(value))
      expect(said).not.toContain(Buffer.from(value).toString('base64').replace(/=+$/, ''))
    }
    expect(said).not.toMatch(/lkr_|eyJ|argon2id|Bearer /)
  })

  test('A-107 and none in the database file', () => {
    for (const name of ['secrets.db', 'secrets.db-wal']) {
      const bytes = readFileSync(join(server.folder, name)).toString('latin1')
      for (const value of used) expect(bytes).not.toContain(value)
      expect(bytes).not.toMatch(/lkr_|eyJ|BEGIN PRIVATE/)
    }
  })
})
