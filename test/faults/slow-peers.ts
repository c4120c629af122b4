import { once } from 'node:events'
import { connect } from 'node:net'

/** Somebody who holds a connection and is in no hurry. */
export type SlowPeer = {
  /** What is said at once. */
  first: string
  /** What is said each second after that. */
  next: string
  /** Whether what comes is taken. */
  isReading: boolean
}

const post = 'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'

export const slowPeers = {
  headers: { first: 'GET /health/live HTTP/1.1\r\nHost: x\r\nX: ', next: 'a', isReading: true },
  bodies: { first: `${post}Content-Length: 2000\r\n\r\n`, next: ' ', isReading: true },
  // more than the kernel takes for somebody who reads nothing; line ends between requests mean nothing
  readers: {
    first: 'GET /docs/swagger-ui.css HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(32),
    next: '\r\n',
    isReading: false,
  },
} as const satisfies Record<string, SlowPeer>

/** Comes, and stays as long as it may: for so many milliseconds. */
export const staySlow = async (
  port: number,
  { first, next, isReading }: SlowPeer,
): Promise<number> => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {}) // a reset is an end as well
  if (isReading) socket.resume()
  await once(socket, 'connect')
  const started = performance.now()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(first)
  const saying = setInterval(() => socket.write(next), 1_000)
  await closed
  clearInterval(saying)
  return performance.now() - started
}
