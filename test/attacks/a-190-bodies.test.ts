import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jsonPost, type RawAnswer, raw, requestText } from './raw.js'
import { type ServerProcess, startProcess } from './server-process.js'
import { send } from './target.js'

/** A-175, A-190, A-191, S-53, C-04: bodies of every wrong kind, sent to the built server byte by byte. */
const jsonType = 'Content-Type: application/json'
const login = 'POST /auth/login HTTP/1.1'

describe('bodies', () => {
  let server: ServerProcess

  beforeAll(async () => {
    server = await startProcess({ DATABASE_URL: 'memory' })
  })
  afterAll(async () => {
    expect(server.isAlive()).toBe(true)
    expect(server.said()).not.toMatch(/"level":"error"/)
    expect(await server.stop()).toBe(0)
  })

  const ask = (text: string | readonly (string | Uint8Array)[], answers = 1): Promise<RawAnswer> =>
    raw(server.port, text, { answers })
  const post = (body: string | Uint8Array, headers: string[] = []) =>
    send(server.port, 'POST', '/auth/login', {
      headers: ['Content-Type', 'application/json', ...headers],
      body,
    })
  const expectProblem = ({ text, statuses }: RawAnswer, status: number): void => {
    expect(statuses.filter((one) => one >= 200)).toEqual([status])
    expect(text).toContain('content-type: application/problem+json; charset=utf-8')
    expect(text).toContain('x-content-type-options: nosniff')
  }

  test('10 KB are read, one byte more is refused', async () => {
    const fits = `{"email":"${'a'.repeat(10_240 - 12)}"}`
    expect(Buffer.byteLength(fits)).toBe(10_240)
    expect((await post(fits)).status).toBe(422)
    const { status, json, headers } = await post(`${fits} `)
    expect([status, json.code, headers.connection]).toEqual([413, 'body_too_large', 'close'])
  })

  test('chunks are counted as they come, without a length', async () => {
    const chunk = `1000\r\n${'a'.repeat(4_096)}\r\n`
    const head = requestText(login, [jsonType, 'Transfer-Encoding: chunked'])
    expectProblem(await ask([head, chunk, chunk, chunk, '0\r\n\r\n']), 413)
    expectProblem(await ask([head, chunk, chunk, chunk]), 413)
    expectProblem(await ask([head, '2\r\n{}\r\n', '0\r\n\r\n']), 422)
    expect([400, 422]).toContain((await ask([head, '0\r\n\r\n'])).statuses[0])
  })

  test('the refusal reaches a client that goes on sending', async () => {
    const flood = Buffer.alloc(3_000_000, 'a')
    const told = requestText(login, [jsonType, `Content-Length: ${flood.length}`])
    const untold = requestText(login, [jsonType, 'Transfer-Encoding: chunked'])
    const size = `${flood.length.toString(16)}\r\n`
    for (let time = 0; time < 10; time += 1) {
      for (const pieces of [
        [told, flood],
        [untold, size, flood],
      ]) {
        const answer = await ask(pieces)
        expectProblem(answer, 413)
        expect(answer.error).toBeUndefined()
      }
    }
  })

  test('a connection that is not read to its end is not used again', async () => {
    const flood = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2_000)
    const { statuses, closed } = await raw(
      server.port,
      requestText(login, [jsonType, `Content-Length: ${flood.length}`], flood),
      { answers: 9, milliseconds: 3_500 },
    )
    expect([statuses, closed]).toEqual([[413], true])
  })

  test('lengths that lie, in both directions', async () => {
    const early = await raw(
      server.port,
      requestText(login, [jsonType, 'Content-Length: 50'], '{}'),
      { milliseconds: 300 },
    )
    expect(early.statuses).toEqual([])
    const { statuses } = await ask(
      `${jsonPost('/auth/login', '{}')}GET /health HTTP/1.1\r\nHost: x\r\n\r\n`,
      2,
    )
    expect(statuses).toEqual([422, 200])
    for (const length of [
      '-1',
      '+2',
      '0x2',
      '2,2',
      '1e1',
      '99999999999999999999',
      '2 2',
      '',
      ' ',
      'two',
    ]) {
      const answer = await ask(requestText(login, [jsonType, `Content-Length: ${length}`], '{}'))
      expect([length, answer.statuses[0]]).toEqual([
        length,
        length.startsWith('9') ? 400 : answer.statuses[0],
      ])
      expect([400, 413, 422]).toContain(answer.statuses[0])
    }
  })

  test('compressed bodies are refused unopened', async () => {
    const bomb = gzipSync(Buffer.alloc(8_000_000))
    expect(bomb.length).toBeLessThan(10_240)
    for (const coding of ['gzip', 'deflate', 'br', 'zstd', 'identity, gzip', 'GZIP', 'x']) {
      expect((await post(bomb, ['Content-Encoding', coding])).status).toBe(415)
    }
    expect((await post('{}', ['Content-Encoding', 'identity'])).status).toBe(422)
    const coded = await ask([
      requestText(login, [jsonType, 'Transfer-Encoding: gzip, chunked']),
      `${bomb.length.toString(16)}\r\n`,
      bomb,
      '\r\n0\r\n\r\n',
    ])
    expect([400, 501]).toContain(coded.statuses[0])
  })

  test('a body where none is taken changes nothing, and the next request stands where it should', async () => {
    for (const line of [
      'GET /health HTTP/1.1',
      'GET /auth/me HTTP/1.1',
      'DELETE /auth/sessions/x HTTP/1.1',
      'OPTIONS /auth/login HTTP/1.1',
      'POST /nowhere HTTP/1.1',
    ]) {
      const body = 'GET /evil HTTP/1.1\r\nHost: x\r\n\r\n'
      const { statuses } = await ask(
        `${requestText(line, [`Content-Length: ${body.length}`], body)}GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n`,
        2,
      )
      expect(statuses).toHaveLength(2)
      expect(statuses[1]).toBe(200)
    }
  })

  test('a client that goes away in mid-body leaves nothing behind', async () => {
    for (let count = 0; count < 20; count += 1) {
      await raw(server.port, requestText(login, [jsonType, 'Content-Length: 500'], '{"email":'), {
        milliseconds: 15,
      })
    }
    expect((await send(server.port, 'GET', '/health')).status).toBe(200)
  })
})
