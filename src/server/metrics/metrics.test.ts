import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { readSettings, startServer } from '../server.js'
import { textOf } from './together.js'

const ada = { email: 'ada.metrics@example.com', password: 'a long and winding road' }

const start = async (more: Record<string, string> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-metrics-'))
  const environment = {
    ...{ PORT: '0', METRICS_PORT: '0', LOG_LEVEL: 'silent', RATE_LIMIT_LOGIN: '0' },
    DATABASE_URL: `sqlite:${join(folder, 'a.db')}`,
    ...more,
  }
  const server = await startServer(readSettings({ environment, envFile: devNull }))
  const { auth, port, metrics } = server
  const origin = `http://localhost:${port}`
  const close = async (): Promise<void> => {
    await server.stop()
    rmSync(folder, { recursive: true })
  }
  return {
    ...{ server, auth, origin, port, close },
    place: `http://127.0.0.1:${metrics?.port}/metrics`,
    post: (path: string, body: object) =>
      fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  }
}
type Started = Awaited<ReturnType<typeof start>>

const textAt = async (place: string): Promise<string> => (await fetch(place)).text()

/** The value behind a name with its labels, as they are written. */
const valueIn = (text: string, name: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1),
  )

describe('a server that tells', () => {
  let started: Started
  let text: string
  beforeAll(async () => {
    started = await start({ DATABASE_QUEUE: '1', PASSWORD_HASH_QUEUE: '0', MAX_CONNECTIONS: '16' })
    const { auth, post, origin, place, port } = started
    await auth.users.create(ada, { actor: 'test' })
    await Promise.all(Array.from({ length: 8 }, () => post('/auth/login', ada)))
    await post('/auth/login', ada)
    await post('/auth/login', { ...ada, password: 'wrong' })
    await fetch(`${origin}/auth/sessions/secret-id-42`, { method: 'DELETE' })
    await fetch(`${origin}/secret-path-43`)
    await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        auth.users.create({ ...ada, email: `b${index}@example.com` }, { actor: 'test' }),
      ),
    )
    const keys = Array.from({ length: 9 }, (_, index) => auth.store.keys.remove(`key-${index}`))
    await Promise.allSettled(keys)
    const sockets = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'))
    for (const socket of sockets) socket.on('error', () => {})
    await Promise.all(sockets.map((socket) => Promise.race([once(socket, 'close'), soon()])))
    text = await textAt(place)
    for (const socket of sockets) socket.destroy()
    return started.close
  })

  test('tells of requests by route, method and kind of answer, with how long they took', () => {
    const count = (labels: string) =>
      valueIn(text, `latchkey_http_request_duration_seconds_count{${labels}}`)

    expect(count('method="POST",route="/auth/login",status="2xx"')).toBeGreaterThan(0)
    expect(count('method="POST",route="/auth/login",status="4xx"')).toBe(1)
    expect(count('method="DELETE",route="/auth/sessions/{id}",status="4xx"')).toBe(1)
    expect(count('method="GET",route="nothing",status="4xx"')).toBe(1)
    expect(valueIn(text, 'latchkey_http_requests_in_flight')).toBe(0)
  })

  test('tells of queues: how many wait, how many may, how many were sent away', () => {
    const of = (name: string, queue: string) => valueIn(text, `${name}{queue="${queue}"}`)

    for (const [queue, most] of Object.entries({ sqlite: 1, starting: 16 })) {
      expect(of('latchkey_queue_limit', queue)).toBe(most)
      expect(of('latchkey_queue_waiting', queue)).toBe(0)
    }
    expect(of('latchkey_queue_rejected_total', 'sqlite')).toBeGreaterThan(0)
    expect(text).toMatch(/^latchkey_queue_rejected_total\{queue="passwords\w*"\} [1-9]/m)
    expect(of('latchkey_queue_rejected_total', 'starting')).toBe(0)
  })

  test('tells of connections, of hashing, of events, of the process', () => {
    expect(valueIn(text, 'latchkey_connections')).toBe(16)
    expect(valueIn(text, 'latchkey_connections_limit')).toBe(16)
    expect(valueIn(text, 'latchkey_connections_rejected_total')).toBeGreaterThan(3)
    expect(valueIn(text, 'latchkey_password_hashes_running')).toBe(0)
    const failed = 'latchkey_events_total{type="login.failed",outcome="failure"}'
    expect(valueIn(text, failed)).toBe(1)
    for (const name of [
      ...['process_resident_memory_bytes', 'process_cpu_seconds_total', 'process_open_fds'],
      'nodejs_eventloop_lag_p99_seconds',
    ])
      expect(valueIn(text, name), name).toBeGreaterThan(0)
  })

  test('tells of nobody, and repeats nothing that was sent', () => {
    expect(text).not.toMatch(/ada\.metrics|127\.0\.0\.1|secret-/)
  })

  test('S-46: on a port of its own, and nothing else is there', async () => {
    const { origin, place } = started
    const answer = await fetch(place)
    const statuses = await Promise.all([
      ...[`${origin}/metrics`, new URL('/', place), new URL('/auth/me', place)].map((url) =>
        fetch(url).then(({ status }) => status),
      ),
      fetch(place, { method: 'POST' }).then(({ status }) => status),
    ])

    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(statuses).toEqual([404, 404, 404, 405])
  })

  test('adds up with other processes', async () => {
    const { server } = started
    const figures = (await server.metrics?.figures()) ?? []
    const both = await textOf([figures, JSON.parse(JSON.stringify(figures))])

    expect(valueIn(both.text, 'latchkey_queue_limit{queue="sqlite"}')).toBe(2)
    expect(valueIn(both.text, 'latchkey_connections_limit')).toBe(32)
  })
})

const soon = () => new Promise((resolve) => setTimeout(resolve, 500))

test('who asks for nothing is told nothing, and nothing is counted', async () => {
  const { server, origin, close } = await start({ METRICS_PORT: '' })
  onTestFinished(close)

  expect(server.metrics).toBeUndefined()
  expect((await fetch(`${origin}/metrics`)).status).toBe(404)
})

test('a port that is taken, and an address this machine has not, are told before anything else is opened', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const mistake = (option: string) => ({ mistakes: [expect.objectContaining({ option })] })

  await expect(start({ METRICS_PORT: String(port) })).rejects.toMatchObject(mistake('METRICS_PORT'))
  await expect(start({ METRICS_HOST: '192.0.2.1' })).rejects.toMatchObject(mistake('METRICS_HOST'))
})

test('a connection that ends in the midst of its requests leaves none in flight', async () => {
  const { port, place, close } = await start()
  onTestFinished(close)
  const socket = connect(port, '127.0.0.1')
  const body = JSON.stringify(ada)
  const login = `POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  socket.write(login.repeat(5))
  const inFlight = async () => valueIn(await textAt(place), 'latchkey_http_requests_in_flight')
  await expect.poll(inFlight).toBeGreaterThan(1)
  socket.destroy()

  await expect.poll(inFlight).toBe(0)
  expect(await textAt(place)).toContain('status="gone"')
})
