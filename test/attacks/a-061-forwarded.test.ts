import { afterEach, describe, expect, test } from 'vitest'
import { type Answer, startTarget, type Target } from './target.js'

/** who claims to be somebody else is counted as who he is. */
describe('A-061 made-up addresses', () => {
  let target: Target
  afterEach(() => target.close())

  const guess = (headers: readonly string[]): Promise<Answer> =>
    target.ask('POST', '/auth/login', {
      headers,
      body: { email: 'ada@example.com', password: 'not the one she has' },
    })

  /** Every header that some server somewhere believes in. */
  const names = [
    ...['X-Forwarded-For', 'X-Real-IP', 'Forwarded', 'CF-Connecting-IP', 'True-Client-IP'],
    ...['X-Client-IP', 'X-Cluster-Client-IP', 'Fastly-Client-IP', 'X-Originating-IP'],
    ...['X-Remote-Addr', 'X-Forwarded', 'Forwarded-For', 'X-Appengine-User-IP', 'Fly-Client-IP'],
    ...['X-Vercel-Forwarded-For', 'X-Azure-ClientIP', 'X-Envoy-External-Address', 'Via'],
  ]
  const claim = (address: string): string[] =>
    names.flatMap((name) => [name, name === 'Forwarded' ? `for="${address}"` : address])

  test('do not pass a limit when no proxy is trusted', async () => {
    target = await startTarget({ limits: { login: 5 } })
    const statuses: number[] = []
    for (let tries = 1; tries <= 50; tries += 1)
      statuses.push((await guess(claim(`203.0.113.${tries}`))).status)

    expect(statuses).toEqual([...Array(5).fill(401), ...Array(45).fill(429)])
    expect(target.events.at(-1)).toMatchObject({ type: 'login.failed', address: '127.0.0.1' })
  })

  test('left of what a trusted proxy has seen do not pass it either', async () => {
    target = await startTarget({ limits: { login: 5 }, http: { trustedProxies: ['127.0.0.1'] } })
    const statuses: number[] = []
    for (let tries = 1; tries <= 20; tries += 1) {
      const others = claim(`203.0.113.${tries}`).slice(2)
      const seen = ['X-Forwarded-For', `203.0.113.${tries}`, 'X-Forwarded-For', '198.51.100.7']
      statuses.push((await guess([...others, ...seen])).status)
    }

    expect(statuses).toEqual([...Array(5).fill(401), ...Array(15).fill(429)])
    expect(target.events.at(-1)).toMatchObject({ address: '198.51.100.7' })
    expect((await guess(['X-Forwarded-For', '198.51.100.8'])).status).toBe(401)
  })

  test('take no place of anybody else: who forwards rubbish shares one count with all who do', async () => {
    target = await startTarget({ limits: { login: 3 }, http: { trustedProxies: ['127.0.0.1'] } })
    const rubbish = [
      'unknown',
      '_x',
      '1.2.3.4.5',
      'a'.repeat(8_000),
      '203.0.113.7,',
      ':::ffff',
      '%',
    ]
    const statuses: number[] = []
    for (const text of rubbish) statuses.push((await guess(['X-Forwarded-For', text])).status)

    expect(statuses).toEqual([401, 401, 401, 429, 429, 429, 429])
    expect((await guess(['X-Forwarded-For', '198.51.100.7'])).status).toBe(401)
  })

  test('a limit tells what is left and when to come again, also to pages of listed origins', async () => {
    target = await startTarget({
      limits: { requests: 100, window: '2m', login: 2 },
      http: { allowedOrigins: ['https://app.example.com'] },
    })
    const page = ['Origin', 'https://app.example.com']
    const first = await guess(page)
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"requests";q=100;w=120, "login";q=2;w=60',
      ratelimit: '"requests";r=99;t=120, "login";r=1;t=60',
    })
    expect(first.headers['access-control-expose-headers']).toMatch(/RateLimit, RateLimit-Policy/)
    target.clock.advance('15s')
    await guess(page)
    const { status, headers, json } = await guess(page)

    expect(status).toBe(429)
    expect(json).toMatchObject({ code: 'too_many_requests', status: 429 })
    expect(headers).toMatchObject({
      'retry-after': '45',
      ratelimit: '"requests";r=97;t=105, "login";r=0;t=45',
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
    })
    target.clock.advance('45s')
    expect((await guess(page)).status).toBe(401)
  })
})
