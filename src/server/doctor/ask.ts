import { type IncomingHttpHeaders, request as plain } from 'node:http'
import { request as encrypted } from 'node:https'
import { text } from 'node:stream/consumers'

/** One question to a server, and what came of it; unlike `fetch`, it may send any header and tells where it came from. */
export type Asked =
  | { outcome: 'nobody' }
  /** No answer, or none that is whole; `reason` is a code such as CERT_HAS_EXPIRED. */
  | { outcome: 'broken'; reason: string }
  | Answered

export type Answered = {
  outcome: 'answer'
  status: number
  headers: IncomingHttpHeaders
  /** The body, when it is a JSON object. */
  body: Record<string, unknown> | undefined
  /** Our end of the connection. */
  from: { address: string; port: number }
}

export type Question = {
  method?: string
  headers?: Readonly<Record<string, string>>
}

const patienceMilliseconds = 3_000

export const ask = async (
  url: string,
  { method = 'GET', headers = {} }: Question = {},
): Promise<Asked> => {
  try {
    return await exchange(url, { method, headers })
  } catch (error) {
    const reason = codeOf(error)
    return reason === 'ECONNREFUSED' ? { outcome: 'nobody' } : { outcome: 'broken', reason }
  }
}

const exchange = (url: string, { method, headers }: Required<Question>): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? encrypted : plain
    const options = { method, headers, agent: false, timeout: patienceMilliseconds }
    const asking = send(url, options, (answer) => {
      const { localAddress = '', localPort = 0 } = answer.socket
      text(answer).then(
        (said) =>
          resolve({
            outcome: 'answer',
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: objectIn(said),
            from: { address: localAddress, port: localPort },
          }),
        reject,
      )
    })
    asking.once('timeout', () => asking.destroy(new Error('ETIMEDOUT')))
    asking.once('error', reject)
    asking.end()
  })

const objectIn = (said: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(said)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** Several addresses of one name are refused one by one. */
const codeOf = (error: unknown): string => {
  if (error instanceof AggregateError) {
    const codes = new Set(error.errors.map(codeOf))
    return codes.size === 1 ? ([...codes][0] ?? '') : 'unreachable'
  }
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error ? String(error.code) : error.message
}

/** A header as one text. */
export const headerOf = ({ headers }: Answered, name: string): string | undefined => {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
