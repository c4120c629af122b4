import { expect, test } from 'vitest'
import { toFetch } from '../../src/http/fetch.js'
import { createTestAuth } from '../../src/testing/testing.js'

/** addresses can be had by the million. They cost little memory, and hide nobody. */
test('A-195 sixty thousand networks do not make the limiter forget the one who guesses', async () => {
  const { auth, ada } = await createTestAuth()
  const handler = toFetch(auth)
  const guess = async (address: string): Promise<number> => {
    const body = JSON.stringify({ ...ada, password: 'not the one she has' })
    const headers = { 'content-type': 'application/json' }
    const url = 'http://localhost/auth/login'
    return (await handler(new Request(url, { method: 'POST', headers, body }), { address })).status
  }
  const look = async (network: number): Promise<void> => {
    const address = `2001:db8:${(network >> 16).toString(16)}:${(network & 65_535).toString(16)}::1`
    await handler(new Request('http://localhost/auth/me'), { address })
  }
  for (let tries = 0; tries < 5; tries += 1) expect(await guess('192.0.2.7')).toBe(401)
  expect(await guess('192.0.2.7')).toBe(429)
  for (let network = 0; network < 50_000; network += 1) await look(network)
  const before = process.memoryUsage().heapUsed
  for (let network = 50_000; network < 60_000; network += 1) await look(network)

  expect(await guess('192.0.2.7')).toBe(429)
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(50 * 1024 * 1024)
  await auth.close()
}, 60_000)
