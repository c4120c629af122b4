import { connect } from 'node:net'

/** A connection on which anything can be said. */
export type RawAnswer = {
  text: string
  statuses: number[]
  closed: boolean
  error: string | undefined
}

type Pause = {
  /** How long to listen at most. */ milliseconds?: number /** Stop as soon as so many answers have come. */
  answers?: number
}

/** Sends the pieces one after the other and reads until the server closes, or enough has come, or it takes too long. */
export const raw = (
  port: number,
  pieces: string | Uint8Array | readonly (string | Uint8Array)[],
  { milliseconds = 1_500, answers = 1 }: Pause = {},
): Promise<RawAnswer> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let text = ''
    let closed = false
    let error: string | undefined
    const end = (): void => {
      clearTimeout(late)
      socket.destroy()
      resolve({ text, statuses: statusesOf(text), closed, error })
    }
    const late = setTimeout(end, milliseconds)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (statusesOf(text).filter((status) => status >= 200).length >= answers && isWhole(text))
        end()
    })
    socket.on('error', (problem: Error & { code?: string }) => {
      error = problem.code
    })
    socket.on('close', () => {
      closed = true
      end()
    })
    for (const piece of typeof pieces === 'string' || pieces instanceof Uint8Array
      ? [pieces]
      : pieces)
      socket.write(piece)
  })

const statusesOf = (text: string): number[] =>
  [...text.matchAll(/(?:^|\r\n|\})HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))

/** The last answer is all there, as its Content-Length says. */
const isWhole = (text: string): boolean => {
  const last = text.slice(text.lastIndexOf('HTTP/1.1 '))
  const [head = '', body] = last.split('\r\n\r\n')
  const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(head) ?? []
  return body !== undefined && body.length >= Number(length)
}

/** A request as text; line ends and everything else as given. */
export const requestText = (line: string, headers: readonly string[] = [], body = ''): string =>
  [line, 'Host: localhost', ...headers, '', body].join('\r\n')

export const jsonPost = (path: string, body: string, headers: readonly string[] = []): string =>
  requestText(
    `POST ${path} HTTP/1.1`,
    ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, ...headers],
    body,
  )
