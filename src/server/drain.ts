import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Lets a server end: nothing new is accepted, what is under way is answered, and then the connections close. */
const sweepMilliseconds = 50
/** Browsers open connections for later; one that has said nothing by then had nothing to say. */
const silentMilliseconds = 1000
const longestMilliseconds = 10_000
/** Clients that are busy ask again within that. */
const retireMilliseconds = 1_000

export const createDrain = (server: Server) => {
  const silent = new Set<Socket>()
  let isLeaving = false
  let isRetiring = false
  server.on('connection', (socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  server.prependListener('request', ({ socket }, response) => {
    silent.delete(socket)
    if (isLeaving || isRetiring) response.shouldKeepAlive = false
  })

  const leave = (seconds: number): Promise<void> => {
    isLeaving = true
    return new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  }

  /** Whoever asks in the meantime is told to connect anew, which leads to the successor; nobody is cut off between two requests. */
  const retire = (): Promise<void> => {
    isRetiring = true
    return new Promise((resolve) => setTimeout(resolve, retireMilliseconds))
  }

  const end = async (withinMilliseconds = longestMilliseconds): Promise<void> => {
    isLeaving = true
    const closed = new Promise((resolve) => server.close(resolve))
    // a connection that was busy becomes idle with its answer, and Node does not look at it again by itself
    const sweep = setInterval(() => server.closeIdleConnections(), sweepMilliseconds)
    const hush = setTimeout(() => {
      for (const socket of silent) socket.destroy()
    }, silentMilliseconds)
    const late = setTimeout(() => server.closeAllConnections(), withinMilliseconds)
    await closed
    clearInterval(sweep)
    clearTimeout(hush)
    clearTimeout(late)
  }

  return { isReady: () => !isLeaving, leave, retire, end }
}
