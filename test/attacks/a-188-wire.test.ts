import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { jsonPost, requestText } from './raw.js'
import { send } from './target.js'
import { get, host, openWire } from './wire.js'

/** F8, F9, S-39, S-45: the built server, spoken to byte by byte. */
describe('the wire', async () => {
  const { server, ask, expectRefused } = await openWire()

  test('A-188 bodies whose length can be read in two ways', async () => {
    const post = (...headers: string[]) =>
      requestText(
        'POST /auth/login HTTP/1.1',
        ['Content-Type: application/json', ...headers],
        '0\r\n\r\nGET /evil HTTP/1.1\r\nHost: x\r\n\r\n',
      )
    const forms: Record<string, string> = {
      'length and chunks': post('Content-Length: 6', 'Transfer-Encoding: chunked'),
      'chunks and length': post('Transfer-Encoding: chunked', 'Content-Length: 6'),
      'two lengths': post('Content-Length: 6', 'Content-Length: 5'),
      'two equal lengths': post('Content-Length: 6', 'Content-Length: 6'),
      'a list of lengths': post('Content-Length: 6, 6'),
      'a signed length': post('Content-Length: +6'),
      'chunked is not last': post('Transfer-Encoding: chunked, identity'),
      'chunked twice': post('Transfer-Encoding: chunked, chunked', 'Content-Length: 6'),
      'a strange coding': post('Transfer-Encoding: xchunked'),
      'a coding in tabs': post('Transfer-Encoding:\tchunked', 'Content-Length: 6'),
      'space before the colon': post('Content-Length : 6'),
      'a coding before the colon': post('Transfer-Encoding : chunked'),
      'a folded header': post('Transfer-Encoding:\r\n chunked', 'Content-Length: 6'),
      'a first header that is folded': requestText('GET /health/live HTTP/1.1\r\n X: y'),
      'a bare line end in a header': post('X: a\nTransfer-Encoding: chunked', 'Content-Length: 6'),
      'a bare return in a header': post('X: a\rTransfer-Encoding: chunked'),
      'a NUL in a header': post('X: a\0b'),
      'a NUL in a name': post('X\0: a'),
      'a header without a colon': post('Nonsense'),
      'a header without a name': post(': x'),
      'bare line ends': `GET /health/live HTTP/1.1\n${host.replace('\r', '')}\n`,
    }
    for (const [name, text] of Object.entries(forms)) await expectRefused(name, text)
  })

  test('A-188 chunks that are none', async () => {
    const chunks = [
      'g\r\n{}\r\n0\r\n\r\n',
      '-2\r\n{}\r\n0\r\n\r\n',
      '0x2\r\n{}\r\n0\r\n\r\n',
      '2\n{}\n0\n\n',
      '2\r\n{}0\r\n\r\n',
      'fffffffffffffffff\r\n{}\r\n',
      '2 \r\n{}\r\n0\r\n\r\n',
      ' 2\r\n{}\r\n0\r\n\r\n',
      '\r\n2\r\n{}\r\n',
    ]
    for (const chunk of chunks) {
      const { statuses } = await ask(
        requestText(
          'POST /auth/login HTTP/1.1',
          ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
          chunk,
        ),
      )
      expect([chunk, statuses.filter((status) => status !== 400)]).toEqual([
        chunk,
        chunk.startsWith('2 ') ? statuses.filter((status) => status !== 400) : [],
      ])
    }
    const extension = `2;${'a'.repeat(40_000)}\r\n{}\r\n0\r\n\r\n` // CVE-2024-22019
    const { statuses } = await ask(
      requestText(
        'POST /auth/login HTTP/1.1',
        ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
        extension,
      ),
    )
    expect([400, 413]).toContain(statuses[0])
  })

  test('A-188 one Host, and a plain one', async () => {
    const hosts = [
      '',
      'Host: a\r\nHost: a\r\n',
      'Host: a\r\nHost: b\r\n',
      'Host: a, b\r\n',
      'Host: user@a\r\n',
      'Host: a/b\r\n',
      'Host: a b\r\n',
      'Host: http://a\r\n',
      'Host: a#b\r\n',
      'Host: a\\b\r\n',
    ]
    for (const line of hosts) await expectRefused(line, `GET /health/live HTTP/1.1\r\n${line}\r\n`)
    for (const name of ['Authorization', 'Content-Type', 'Origin', 'Sec-Fetch-Site']) {
      await expectRefused(`two of ${name}`, get(`${name}: x`, `${name}: x`))
    }
  })

  test('A-188 versions and request lines that we do not speak', async () => {
    const lines = [
      'GET /health/live',
      'GET /health/live HTTP/0.9',
      'GET /health/live HTTP/2.0',
      'GET /health/live HTTP/1.2',
      'GET /health/live HTTP/3.0',
      'GET /health/live http/1.1',
      'GET /health/live HTTP/1.1 x',
      'GET\t/health/live HTTP/1.1',
      'get /health/live HTTP/1.1',
      'BREW /pot HTTP/1.1',
      'GET /a b HTTP/1.1',
      'GET /a\0b HTTP/1.1',
      'GET',
      '/health/live',
      'HTTP/1.1 200 OK',
      '\0\0\0\0',
      '{"a":1}',
    ]
    for (const line of lines) await expectRefused(line, `${line}\r\n${host}\r\n`)
    const older = await ask('GET /health/live HTTP/1.0\r\n\r\n')
    expect([
      older.statuses,
      older.closed || older.text.toLowerCase().includes('connection: close'),
    ]).toEqual([[200], true])
  })

  test('S-45 TRACE, CONNECT and other methods', async () => {
    for (const method of [
      'TRACE',
      'TRACK',
      'PUT',
      'PROPFIND',
      'PURGE',
      'LINK',
      'SEARCH',
      'M-SEARCH',
      'QUERY',
    ]) {
      const { statuses, text } = await ask(
        `${method} /health/live HTTP/1.1\r\n${host}Authorization: Bearer secret-of-trace\r\n\r\n`,
      )
      expect([method, [400, 405].includes(statuses[0] ?? 0)]).toEqual([method, true])
      if (statuses[0] === 405) expect(text).toMatch(/\r\nallow: GET, HEAD, OPTIONS\r\n/)
      expect(text).not.toContain('secret-of-trace')
    }
    for (const place of ['evil.example:443', 'localhost:22', '/health']) {
      const { text } = await expectRefused(
        `CONNECT ${place}`,
        `CONNECT ${place} HTTP/1.1\r\n${host}\r\n`,
        [400, 405],
      )
      expect(text).not.toContain('HTTP/1.1 200')
    }
  })

  test('a caller who resets after CONNECT or in the middle of anything ends nobody else', async () => {
    for (const text of [
      `CONNECT a:1 HTTP/1.1\r\n${host}\r\n`,
      'BROKEN\r\n\r\n',
      get(),
      jsonPost('/auth/login', '{"a":1').slice(0, -3),
      `GET /health/live HTTP/1.1\r\n${host}Upgrade: x\r\nConnection: upgrade\r\n\r\n`,
    ]) {
      for (let count = 0; count < 5; count += 1) {
        const socket = connect(server.port, '127.0.0.1')
        socket.on('error', () => {})
        await new Promise((resolve) => socket.once('connect', resolve))
        socket.write(text, () => socket.resetAndDestroy())
        await new Promise((resolve) => socket.once('close', resolve))
      }
    }
    expect((await send(server.port, 'GET', '/health/live')).status).toBe(200)
  })
})
