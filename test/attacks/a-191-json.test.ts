import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServerProcess, startProcess } from './server-process.js'
import { send } from './target.js'

/** S-53, C-04: what calls itself JSON, sent to the built server. */

describe('what calls itself JSON', () => {
  let server: ServerProcess

  beforeAll(async () => {
    server = await startProcess({ DATABASE_URL: 'memory' })
  })
  afterAll(async () => {
    expect(server.isAlive()).toBe(true)
    expect(server.said()).not.toMatch(/"level":"error"/)
    expect(await server.stop()).toBe(0)
  })

  const post = (body: string | Uint8Array, headers: string[] = []) =>
    send(server.port, 'POST', '/auth/login', {
      headers: ['Content-Type', 'application/json', ...headers],
      body,
    })

  test('A-074, A-175, C-04 types that are not JSON, and those that nearly are', async () => {
    const types = [
      ...[
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/xml',
        'text/json',
      ],
      ...[
        'application/json garbage',
        'application/jsonx',
        'application/json/x',
        'application/json;charset=utf-16',
        'application/json, text/plain',
      ],
      ...[
        'text/plain; application/json',
        'application/json; charset=latin1',
        'application/ld+json',
        'application/problem+json',
        '*/*',
      ],
      ...[
        'application/json\ttext/plain',
        'application\\json',
        'application/json;;',
        '"application/json"',
        '',
      ],
    ]
    for (const type of types) {
      const { status } = await send(server.port, 'POST', '/auth/login', {
        headers: ['Content-Type', type],
        body: '{}',
      })
      expect([type, status]).toEqual([type, 415])
    }
    expect((await send(server.port, 'POST', '/auth/login', { body: '{}' })).status).toBe(415)
    for (const type of [
      'application/json',
      'APPLICATION/JSON',
      'application/json; charset=utf-8',
      'application/json;charset="UTF-8"',
    ]) {
      expect(
        (
          await send(server.port, 'POST', '/auth/login', {
            headers: ['Content-Type', type],
            body: '{}',
          })
        ).status,
      ).toBe(422)
    }
    expect(
      (
        await send(server.port, 'POST', '/auth/login', {
          headers: ['Content-Type', 'application/json', 'Content-Type', 'text/plain'],
          body: '{}',
        })
      ).status,
    ).toBe(400)
  })

  test('A-191 JSON that is broken, deep, repeated or written in other signs', async () => {
    const utf16 = Buffer.from('{"email":"a@x.com","password":"x"}', 'utf16le')
    const bodies = [
      ...[
        '',
        ' ',
        '{',
        '}',
        '[',
        '{"a":1,}',
        "{'a':1}",
        '{a:1}',
        '{"a":1}{}',
        '{"a":1} x',
        '{"a":01}',
        '{"a":+1}',
        '{"a":.5}',
        '{"a":NaN}',
        '{"a":Infinity}',
      ],
      ...[
        '{"a":"\n"}',
        '{"a":"\\x"}',
        '{"a":"\\u12"}',
        '{"a":tru}',
        'undefined',
        '// {}',
        '{"a":1}//',
        '\u00a0{}',
        '{"a":"b',
        '[1,]',
        '{"a"}',
        '{:1}',
      ],
      ...[
        '{"email":"a","email":"b"}',
        '{"email":"a","\\u0065mail":"b"}',
        '{"a":{"b":1,"b":2}}',
        '[{"a":1,"a":1}]',
        '{"__proto__":{}}',
        '{"a":{"__proto__":1}}',
        '{"\\u005f_proto__":1}',
      ],
      ...[
        '\ufeff{}',
        `${'['.repeat(5_000)}`,
        `${'{"a":'.repeat(1_500)}1${'}'.repeat(1_500)}`,
        `${'['.repeat(11)}${']'.repeat(11)}`,
      ],
      ...[
        utf16,
        Buffer.concat([Buffer.of(0xff, 0xfe), utf16]),
        Buffer.from('{"a":"\xff"}', 'latin1'),
        Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
        Buffer.of(0),
        Buffer.from('{}\0'),
      ],
    ]
    for (const body of bodies.filter((one) => one.length > 0)) {
      const started = performance.now()
      const { status, json } = await post(body)
      expect([body, status, json.code]).toEqual([body, 400, 'malformed_json'])
      expect(performance.now() - started).toBeLessThan(250)
    }
  })

  test('S-53 JSON of other kinds than an object with strings', async () => {
    for (const body of [
      '[]',
      '[{}]',
      '1',
      '"text"',
      'null',
      'true',
      '1e400',
      '-0',
      '{"email":1e400,"password":"x"}',
      '{"email":["a@x.com"],"password":"x"}',
      '{"email":"\\ud800","password":"\\udfff"}',
      '{"email":{},"password":[]}',
      '{"email":null,"password":null}',
      '{"email":true,"password":false}',
      '{"constructor":{"prototype":{"role":"admin"}}}',
    ]) {
      const { status, json } = await post(body)
      expect([body, status, json.code]).toEqual([body, 422, 'invalid_body'])
    }
  })

  test('a hundred thousand members within a megabyte, where that much is allowed', async () => {
    const wide = await startProcess({ DATABASE_URL: 'memory', MAX_REQUEST_BODY_SIZE: '1048576' })
    const many = `{${Array.from({ length: 90_000 }, (_, index) => `"k${index}":1`).join(',')}}`
    const slow = `"${'\\"'.repeat(500_000)}`
    for (const [body, status] of [
      [many, 422],
      [slow, 400],
      ['['.repeat(1_000_000), 400],
    ] as const) {
      const started = performance.now()
      const answer = await send(wide.port, 'POST', '/auth/login', {
        headers: ['Content-Type', 'application/json'],
        body,
      })
      expect(answer.status).toBe(status)
      expect(answer.text.length).toBeLessThan(10_000)
      expect(performance.now() - started).toBeLessThan(2_000)
    }
    expect(await wide.stop()).toBe(0)
  })
})
