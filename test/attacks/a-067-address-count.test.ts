import { afterEach, expect, test } from 'vitest'
import { type Answer, startTarget, type Target } from './target.js'

/** one password on many accounts, where nothing limits how often one may ask. */
let target: Target
afterEach(() => target.close())

const from = (address: string): string[] => ['X-Forwarded-For', address]
const start = async (): Promise<void> => {
  target = await startTarget({
    locks: { afterFailures: 3 },
    http: { trustedProxies: ['127.0.0.1'] },
  })
}
const spray = (index: number, address: string): Promise<Answer> =>
  target.ask('POST', '/auth/login', {
    headers: from(address),
    body: { email: `account${index}@example.com`, password: 'Summer2026!' },
  })
const signIn = (address: string): Promise<Answer> =>
  target.ask('POST', '/auth/login', { headers: from(address), body: target.ada })

test('A-065 from one IPv6 network: a few are answered, the rest of 500 are not, and others are served', async () => {
  await start()
  const statuses: number[] = []
  for (let index = 0; index < 500; index += 1)
    statuses.push((await spray(index, `2001:db8:1:2:${index.toString(16)}::1`)).status)

  expect(statuses).toEqual([...Array(15).fill(401), ...Array(485).fill(429)])
  expect((await signIn('2001:db8:1:3::1')).status).toBe(200)
  expect(target.events.filter(({ type }) => type === 'login.locked')).toMatchObject([
    { subjectId: null, details: { kind: 'address' } },
  ])
})

test('A-065 from addresses that are all different: nobody is locked out, and an alert tells of it', async () => {
  await start()
  for (let index = 0; index < 120; index += 1)
    expect((await spray(index, `198.51.100.${index}`)).status).toBe(401)

  expect(target.events.filter(({ type }) => type === 'login.surge')).toMatchObject([
    { details: { failures: 100, seconds: 300 } },
  ])
  expect((await signIn('198.51.100.250')).status).toBe(200)
})

test('A-067 a good login after each bad one does not make the address any better', async () => {
  await start()
  for (let index = 0; index < 15; index += 1) {
    expect((await spray(index, '203.0.113.9')).status).toBe(401)
    if (index < 14) expect((await signIn('203.0.113.9')).status).toBe(200)
  }

  expect((await spray(15, '203.0.113.9')).status).toBe(429)
  expect((await signIn('203.0.113.9')).status).toBe(429)
})
