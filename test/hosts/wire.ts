import { connect } from 'node:net'

/** One request over a socket of its own, byte for byte as it is given: no client tidies it up. */
export type Answer = {
  status: number
  /** Names in lower case, in the order of the wire. */
  headers: [name: string, value: string][]
  body: string
}

export type WireRequest = {
  method: string
  path: string
  headers?: readonly (readonly [name: string, value: string])[]
  /** Sent as it is. Content-Length is added unless a header says how long it is. */
  body?: string | undefined
}

export const exchange = async (port: number, request: WireRequest): Promise<Answer> =>
  parseAnswer(await send(port, textOf(request)), request.method)

const textOf = ({ method, path, headers = [], body }: WireRequest): string => {
  const named = new Set(headers.map(([name]) => name.toLowerCase()))
  const own: [string, string][] = [
    ...(named.has('host') ? [] : [['Host', 'localhost'] satisfies [string, string]]),
    ['Connection', 'close'],
  ]
  if (body !== undefined && !named.has('transfer-encoding') && !named.has('content-length')) {
    own.push(['Content-Length', String(Buffer.byteLength(body))])
  }
  const lines = [...own, ...headers].map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`
}

/** Everything the other side says until it closes. */
export const send = (port: number, text: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const parts: Buffer[] = []
    socket.on('data', (part) => parts.push(part))
    socket.once('error', reject)
    socket.once('close', () => resolve(Buffer.concat(parts)))
    socket.write(text, 'latin1')
  })

export const parseAnswer = (bytes: Buffer, method: string): Answer => {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) throw new Error(`No answer, only: ${JSON.stringify(text)}`)
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  const rest = text.slice(end + 4)
  const chunked = headers.some(([name, value]) => name === 'transfer-encoding' && value !== '')
  const body = chunked && method !== 'HEAD' ? joinChunks(rest) : rest
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    body: Buffer.from(body, 'latin1').toString('utf8'),
  }
}

const joinChunks = (text: string): string => {
  const end = text.indexOf('\r\n')
  const size = Number.parseInt(text.slice(0, end), 16)
  if (!(size > 0)) return ''
  const start = end + 2
  return text.slice(start, start + size) + joinChunks(text.slice(start + size + 2))
}

export const headerOf = ({ headers }: Answer, wanted: string): string | undefined =>
  headers.find(([name]) => name === wanted)?.[1]

/** As `Transfer-Encoding: chunked` wants it. */
export const chunked = (...parts: readonly string[]): string =>
  [...parts, ''].map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`).join('')
