import { connect, type Socket } from 'node:net'

/**
 * A caller that can ask more of a server than it can do: node:http costs the caller as much as the server. Knows just
 * enough HTTP for that: one request at a time on a connection, answers with a Content-Length.
 */
export type Rapid = {
  /** Waits for a free connection when there are as many as may be. @throws when the connection breaks */
  ask(request: string): Promise<Reply>
  close(): void
}

export type Reply = {
  status: number
  retryAfter: string | undefined
  text: string
  /** From the moment it was asked for. */
  milliseconds: number
}

type Waiting = {
  request: string
  asked: number
  resolve(reply: Reply): void
  reject(error: Error): void
}

export const createRapid = ({ port }: { port: number }, connections: number): Rapid => {
  const [idle, queue] = [[] as Socket[], [] as Waiting[]]
  const working = new Map<Socket, Waiting>()
  let open = 0

  const give = (socket: Socket, waiting: Waiting): void => {
    working.set(socket, waiting)
    socket.write(waiting.request, 'latin1')
  }
  const free = (socket: Socket): void => {
    working.delete(socket)
    const next = queue.shift()
    if (next === undefined) idle.push(socket)
    else give(socket, next)
  }
  const openOne = (waiting: Waiting): void => {
    open += 1
    let received = ''
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1')
    socket.on('error', () => {}) // 'close' tells
    socket.on('data', (chunk: string) => {
      received += chunk
      const answer = readAnswer(received)
      const its = working.get(socket)
      if (answer === undefined || its === undefined) return
      received = ''
      const { closes, ...reply } = answer
      if (closes) working.delete(socket)
      else free(socket)
      its.resolve({ ...reply, milliseconds: performance.now() - its.asked })
    })
    socket.once('close', () => {
      open -= 1
      const at = idle.indexOf(socket)
      if (at >= 0) idle.splice(at, 1)
      working.get(socket)?.reject(new Error('The connection was broken'))
      working.delete(socket)
      const next = queue.shift()
      if (next !== undefined) openOne(next)
    })
    give(socket, waiting)
  }

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        const waiting = { request, asked: performance.now(), resolve, reject }
        const socket = idle.pop()
        if (socket !== undefined) give(socket, waiting)
        else if (open < connections) openOne(waiting)
        else queue.push(waiting)
      }),
    close: () => {
      for (const socket of [...idle, ...working.keys()]) socket.destroy()
    },
  }
}

/** The answer, once all of it is there. */
const readAnswer = (
  received: string,
): (Omit<Reply, 'milliseconds'> & { closes: boolean }) | undefined => {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = received.slice(0, end)
  const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(head) ?? []
  const text = received.slice(end + 4)
  if (text.length < Number(length)) return undefined
  const [, retryAfter] = /\r\nretry-after: (\d+)/i.exec(head) ?? []
  return {
    status: Number(head.slice(9, 12)),
    retryAfter,
    text,
    closes: /\r\nconnection: close/i.test(head),
  }
}

export const getMe = (token: string): string =>
  `GET /auth/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`

export const post = (path: string, body: object): string => {
  const text = JSON.stringify(body)
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`
}
