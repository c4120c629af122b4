import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Nobody takes an answer slower than this on purpose; on purpose it holds a connection for ever. */
const patienceMilliseconds = 15_000
const slowestBytesPerSecond = 65_536
const sweepMilliseconds = 1_000

/** An answer that waits to be taken: what was written when it began, and when it must be gone. */
type Waiting = { written: number; deadline: number }

/** Cuts connections whose peer does not take its answers. Node has a time limit for what comes in, and none for what goes out. */
export const cutSlowReaders = (server: Server): void => {
  const open = new Set<Socket>()
  const waiting = new WeakMap<Socket, Waiting>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })

  const look = (socket: Socket, now: number): void => {
    const { writableLength, bytesWritten } = socket
    if (writableLength === 0) {
      waiting.delete(socket)
      return
    }
    const known = waiting.get(socket)
    if (known?.written === bytesWritten) {
      if (now > known.deadline) socket.resetAndDestroy() // else the kernel would go on offering what it holds
      return
    }
    const allowed = patienceMilliseconds + (writableLength / slowestBytesPerSecond) * 1_000
    waiting.set(socket, { written: bytesWritten, deadline: now + allowed })
  }
  const sweep = setInterval(() => {
    const now = performance.now()
    for (const socket of open) look(socket, now)
  }, sweepMilliseconds)
  server.once('close', () => clearInterval(sweep))
  sweep.unref()
}
