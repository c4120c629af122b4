import { connect } from 'node:net'

/**
 * One keep-alive connection that knows just enough HTTP to measure a server: one request at a time, answers with a
 * Content-Length or in chunks. A full HTTP client costs as much as the servers measured here.
 */
export type Answer = { status: number; body: string }
export type Connection = {
  ask(request: string): Promise<Answer>
  close(): void
}

export const openConnection = async (port: number): Promise<Connection> => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let received = ''
  let answered: (answer: Answer) => void = () => {}

  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    received += chunk
    const answer = readAnswer(received)
    if (answer === undefined) return
    received = ''
    answered(answer)
  })
  socket.on('close', () => answered({ status: 0, body: 'The server closed the connection' }))

  return {
    ask: (request) =>
      new Promise((resolve) => {
        answered = resolve
        socket.write(request, 'latin1')
      }),
    close: () => {
      answered = () => {}
      socket.destroy()
    },
  }
}

/** The answer, once all of it is there. */
const readAnswer = (text: string): Answer | undefined => {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const status = Number(text.slice(9, 12))
  const body = text.slice(end + 4)
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(text) ?? []
  if (length !== undefined) return body.length < Number(length) ? undefined : { status, body }
  if (status === 204) return { status, body: '' }
  if (!/\r\ntransfer-encoding: chunked/i.test(text))
    throw new Error('An answer has neither a Content-Length nor chunks')
  if (!body.endsWith(lastChunk)) return undefined
  return { status, body: joinChunks(body) }
}

/** RFC 9112 §7.1. Nobody measured here sends trailers or lies about the end. */
const lastChunk = '0\r\n\r\n'
const joinChunks = (text: string): string => {
  let [body, rest] = ['', text]
  for (;;) {
    const size = Number.parseInt(rest, 16)
    if (!(size > 0)) return body
    const start = rest.indexOf('\r\n') + 2
    body += rest.slice(start, start + size)
    rest = rest.slice(start + size + 2)
  }
}

const head = (method: string, path: string, token?: string): string =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${token === undefined ? '' : `Authorization: Bearer ${token}\r\n`}`

export const getRequest = (path: string, token?: string): string =>
  `${head('GET', path, token)}\r\n`

export const postRequest = (path: string, body: object): string => {
  const text = JSON.stringify(body)
  return `${head('POST', path)}Content-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`
}
