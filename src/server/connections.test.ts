import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../lib/log.js'
import { createWaitingLine } from '../lib/waiting-line.js'
import { createTestClock } from '../testing/clock.js'
import { boundConnections, boundRequests } from './connections.js'

const start = async (handler: RequestListener, prepare: (server: Server) => void = () => {}) => {
  const server = createServer(handler)
  prepare(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return () => open(port)
}

const open = (port: number): { socket: Socket; said: () => string; closed: Promise<unknown> } => {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  let said = ''
  socket.on('data', (chunk) => {
    said += chunk
  })
  socket.on('error', () => {}) // a reset is an end as well
  return {
    socket,
    said: () => said,
    closed: new Promise((resolve) => socket.once('close', resolve)),
  }
}

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const answersIn = (text: string): number => text.split('HTTP/1.1 200').length - 1

test('a connection ends with the answer to its last request, and what was sent behind is not begun', async () => {
  let begun = 0
  const connection = await start(
    boundRequests(
      (_, response) => {
        begun += 1
        response.end('x')
      },
      { requests: 3 },
    ),
  )
  const { socket, said, closed } = connection()
  socket.write(get.repeat(5))
  await closed

  expect([begun, answersIn(said())]).toEqual([3, 3])
  expect(said().match(/connection: close/gi)).toHaveLength(1)
})

test('who piles up requests without waiting for answers is cut off', async () => {
  const waiting: (() => void)[] = []
  const connection = await start(
    boundRequests((_, response) => waiting.push(() => response.end('x')), { pipelined: 4 }),
  )
  const { socket, said, closed } = connection()
  socket.write(get.repeat(100))
  await closed

  expect([waiting.length, said()]).toEqual([5, ''])
})

test('however many connections there are, no more wait behind others than may; more are told so, in their turn', async () => {
  const waiting: (() => void)[] = []
  const line = createWaitingLine({ name: 'pipelined', option: 'MAX_CONNECTIONS', most: 3 })
  const refuse = (response: ServerResponse) => void response.writeHead(503).end()
  const connection = await start(
    boundRequests((_, response) => waiting.push(() => response.end('x')), {
      together: { line, refuse },
    }),
  )
  const [one, other] = [connection(), connection()]
  one.socket.write(get.repeat(3)) // one is served, two wait
  await expect.poll(line.waiting).toBe(2)
  other.socket.write(get.repeat(3)) // one is served, one waits, one is told
  await expect.poll(() => [line.waiting(), line.sentAway(), waiting.length]).toEqual([3, 1, 5])
  one.socket.destroy()
  await expect.poll(line.waiting).toBe(1)
  for (const answer of waiting) answer()

  await expect
    .poll(() => other.said().match(/HTTP\/1.1 \d+/g))
    .toEqual([...['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 503']])
  expect(line.waiting()).toBe(0)
})

test('requests that wait for each other are no pile, however many they are', async () => {
  const connection = await start(
    boundRequests((_, response) => setImmediate(() => response.end('x')), { pipelined: 4 }),
  )
  const { socket, said } = connection()
  for (let count = 1; count <= 10; count += 1) {
    socket.write(get.repeat(4))
    while (answersIn(said()) < count * 4) await once(socket, 'data')
  }

  expect(answersIn(said())).toBe(40)
})

test('connections beyond the most are turned away, which is told once a minute with how many they were', async () => {
  const lines: object[] = []
  const clock = createTestClock()
  const log = { ...silentLog, warn: (fields: object) => lines.push(fields) }
  const connection = await start(
    (_, response) => response.end('x'),
    (server) => boundConnections(server, { maxConnections: 2, log, clock }),
  )
  const held = [connection(), connection()]
  for (const { socket, said } of held) {
    socket.write(get)
    while (answersIn(said()) === 0) await once(socket, 'data')
  }
  const turnAway = async (times: number) => {
    for (let count = 0; count < times; count += 1) await connection().closed
  }
  await turnAway(5)
  expect(lines).toEqual([{ max_connections: 2, turned_away: 1 }])
  clock.advance('61s')
  await turnAway(2)
  expect(lines).toEqual([
    { max_connections: 2, turned_away: 1 },
    { max_connections: 2, turned_away: 5 },
  ])

  held[0]?.socket.destroy()
  await held[0]?.closed
  for (;;) {
    const { socket, said, closed } = connection()
    socket.write(get)
    await Promise.race([once(socket, 'data').catch(() => {}), closed])
    if (answersIn(said()) === 1) break
  }
})
