import { describe, expect, test } from 'vitest'
import { jsonPost, requestText } from './raw.js'
import { send } from './target.js'
import { get, host, openWire } from './wire.js'

/** F9: targets, queries, headers and protocols of the wrong kind. */
describe('targets', async () => {
  const { server, ask, expectRefused } = await openWire()

  test('A-188 other forms of the target', async () => {
    for (const target of [
      'http://evil.example/auth/me',
      'https://evil.example/auth/me',
      '*',
      '//auth/me',
      '\\auth\\me',
      'auth/me',
      '?a',
      '/../auth/me',
    ]) {
      const { statuses, text } = await ask(`GET ${target} HTTP/1.1\r\n${host}\r\n`)
      expect([target, [400, 401, 404].includes(statuses[0] ?? 0)]).toEqual([target, true])
      expect(text).not.toContain('evil.example')
    }
  })

  test('F9 Expect: the body is asked for only when it will be read', async () => {
    const expecting = (length: number, path = '/auth/login') =>
      requestText(`POST ${path} HTTP/1.1`, [
        'Content-Type: application/json',
        `Content-Length: ${length}`,
        'Expect: 100-continue',
      ])
    expect((await ask(expecting(100_000_000))).statuses).toEqual([413])
    expect((await ask(expecting(2, '/nowhere'))).statuses).toEqual([404])
    expect((await ask(expecting(2, '/auth/password/change'))).statuses).toEqual([401])
    expect((await ask(`${expecting(2)}{}`)).statuses).toEqual([100, 422])
    await expectRefused('Expect', get('Expect: the-unexpected'), [400, 417])
  })

  test('A-200 upgrades and HTTP/2 on this port', async () => {
    await expectRefused('preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    await expectRefused('TLS', Buffer.from('16030100c8010000c40303', 'hex'))
    for (const protocol of ['websocket', 'h2c', 'TLS/1.3', 'x']) {
      const { statuses, text } = await ask(
        get(
          'Connection: Upgrade, HTTP2-Settings',
          `Upgrade: ${protocol}`,
          'HTTP2-Settings: AAMAAABkAAQAAP__',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
          'Sec-WebSocket-Version: 13',
        ),
      )
      expect([protocol, statuses]).toEqual([protocol, [200]])
      expect(text).not.toMatch(/upgrade/i)
    }
    const hidden = `${requestText('POST /auth/login HTTP/1.1', ['Content-Type: application/json', 'Connection: Upgrade', 'Upgrade: x', 'Content-Length: 33'], 'GET /evil HTTP/1.1\r\nHost: evil\r\n\r\n'.slice(0, 33))}`
    expect((await ask(hidden)).statuses).toEqual([400])
  })

  test('headers that are too many or too large', async () => {
    await expectRefused('one huge header', get(`X: ${'a'.repeat(20_000)}`), 431)
    await expectRefused(
      'many headers',
      get(...Array.from({ length: 1_500 }, (_, index) => `X-${index}: 0123456789`)),
      431,
    )
    const crowd = Array.from({ length: 2_500 }, () => 'a:')
    expect((await ask(get(...crowd))).statuses).toEqual([200])
    await expectRefused(
      'a second Host behind more headers than Node counts',
      get(...crowd, 'Host: b'),
    )
    await expectRefused(
      'a long path',
      `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`,
      [400, 414, 431],
    )
    const names = await ask(
      get('__proto__: x', 'constructor: y', 'hasOwnProperty: z', 'toString: x'),
    )
    expect(names.statuses).toEqual([200])
  })

  test('A-192 queries decide nothing, whatever is in them', async () => {
    const long = Array.from({ length: 2_000 }, (_, index) => `a${index}=1`).join('&')
    for (const query of [
      long,
      `a${'[b]'.repeat(2_000)}=1`,
      'a=1&a=2',
      '__proto__[role]=admin',
      '%',
      '%zz',
      '%00',
      '&&&&',
      '='.repeat(1_000),
      'a=%ff%fe',
    ]) {
      const started = performance.now()
      expect((await ask(`GET /health/live?${query} HTTP/1.1\r\n${host}\r\n`)).statuses).toEqual([
        200,
      ])
      expect(performance.now() - started).toBeLessThan(500)
    }
  })

  test('A-193, A-060, A-217 paths are matched as they come', async () => {
    const paths = [
      '/%',
      '/%zz',
      '/%00',
      '/%c0%af',
      '/auth/%6dE',
      '/auth/%6de',
      '/auth//me',
      '//auth/me',
      '/auth/me/',
      '/AUTH/ME',
      '/auth/./me',
      '/auth/x/../me',
      '/auth/me;x=1',
      '/auth/me%00',
      '/auth/me%20',
      '/auth/me.json',
      '/auth/me/x.css',
      '/auth/me%2f..%2flogo.png',
      '/auth/me%3f',
      '/auth/me%23',
      '/v1/v1/auth/me',
      '/V1/auth/me',
      '/v2/auth/me',
      '/auth/sessions/',
      '/auth/sessions/%2e%2e',
      '/auth/sessions/a/b',
      '/auth/sessions/%zz',
      '/auth/sessions/a%00',
      '/.well-known/jwks.json/',
      '/health/../auth/me',
      '/..;/auth/me',
      '/.env',
      '/.git/config',
      '/admin',
      '/server-status',
    ]
    for (const path of paths) {
      const { status, json, headers } = await send(server.port, 'GET', path)
      expect([path, status, json.code, headers['cache-control']]).toEqual([
        path,
        404,
        'not_found',
        'no-store',
      ])
    }
    const binary = await ask(
      Buffer.concat([
        Buffer.from('GET /auth/\xff\xfe\x80 HTTP/1.1\r\n', 'latin1'),
        Buffer.from(`${host}\r\n`),
      ]),
    )
    expect([400, 404]).toContain(binary.statuses[0])
    for (const header of [
      'Cookie: %zz=%; refresh_token=%E0%A4%A',
      'Authorization: Bearer %zz%00',
      'Origin: %',
      'User-Agent: %n%s\x80\xff',
      'Accept: %',
      'If-None-Match: %',
    ]) {
      expect([200, 401]).toContain((await ask(Buffer.from(get(header), 'latin1'))).statuses[0])
    }
  })

  test('a pipeline of requests is answered in order', async () => {
    const { statuses } = await ask(
      `${get()}${requestText('GET /nowhere HTTP/1.1')}${jsonPost('/auth/login', '{}')}${get()}`,
      4,
    )
    expect(statuses).toEqual([200, 404, 422, 200])
  })
})
