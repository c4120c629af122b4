import { afterAll, expect } from 'vitest'
import { type RawAnswer, raw, requestText } from './raw.js'
import { startProcess } from './server-process.js'
import { send } from './target.js'

/** The built server, spoken to byte by byte. */
export const host = 'Host: localhost\r\n'

const everyAnswer = [
  'x-content-type-options: nosniff',
  'referrer-policy: no-referrer',
  'cross-origin-opener-policy: same-origin',
  'cross-origin-resource-policy: same-origin',
  'cache-control: no-store',
  "content-security-policy: default-src 'none'",
  'x-request-id: ',
  'content-type: application/problem+json; charset=utf-8',
]

export const get = (...headers: string[]): string =>
  requestText('GET /health/live HTTP/1.1', headers)

/** Starts it for one file; at the end it must still live, have complained of nothing, and stop in order. */
export const openWire = async () => {
  const server = await startProcess({ DATABASE_URL: 'memory' })
  afterAll(async () => {
    const lived = server.isAlive()
    const exitCode = await server.stop()
    expect([lived, exitCode]).toEqual([true, 0])
    expect(server.said()).not.toMatch(
      /"level":"(?:error|warn)"(?!.*"warning":"(?:memory_store|limits_off)")/,
    )
  })

  const ask = (text: string | Uint8Array, answers = 1): Promise<RawAnswer> =>
    raw(server.port, text, { answers })
  const expectRefused = async (
    name: string,
    text: string | Uint8Array,
    status: number | readonly number[] = 400,
  ): Promise<RawAnswer> => {
    const answer = await ask(text)
    expect([name, [status].flat().includes(answer.statuses[0] ?? 0), answer.statuses]).toEqual([
      name,
      true,
      answer.statuses.slice(0, 1),
    ])
    for (const header of everyAnswer)
      expect([name, answer.text]).toEqual([name, expect.stringContaining(header)])
    expect((await send(server.port, 'GET', '/health/live')).status).toBe(200)
    return answer
  }

  return { server, ask, expectRefused }
}
