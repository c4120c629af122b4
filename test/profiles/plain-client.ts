import { createHmac, randomInt } from 'node:crypto'
import { type IncomingHttpHeaders, request } from 'node:http'

/** A client as any program has one: it knows HTTP, JSON and the signatures of tokens, and nothing of latchkey. */
export type Answer = {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** Parsed, where it is JSON. */
  body: unknown
}

export type Asking = {
  headers?: Record<string, string | number>
  /** Sent as JSON, unless it is a text, which is sent as it stands. */
  body?: unknown
  /** Without saying how long the body is. */
  isChunked?: boolean
}

export type Client = {
  ask(method: string, path: string, asking?: Asking): Promise<Answer>
  get(path: string, headers?: Asking['headers']): Promise<Answer>
  post(path: string, body?: unknown, headers?: Asking['headers']): Promise<Answer>
}

export const createClient = (origin: string): Client => {
  const ask: Client['ask'] = (method, path, { headers = {}, body, isChunked = false } = {}) => {
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    const length =
      sent === undefined || isChunked ? {} : { 'content-length': Buffer.byteLength(sent) }
    const type = sent === undefined ? {} : { 'content-type': 'application/json' }
    return new Promise((resolve, reject) => {
      const asked = request(
        `${origin}${path}`,
        { method, agent: false, headers: { ...type, ...length, ...headers } },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk) => chunks.push(chunk))
          answer.once('error', reject)
          answer.once('end', () => {
            const text = Buffer.concat(chunks).toString()
            const { statusCode: status = 0, headers } = answer
            resolve({ status, headers, text, body: parsed(text) })
          })
        },
      )
      asked.once('error', reject)
      asked.end(sent)
    })
  }
  return {
    ask,
    get: (path, headers = {}) => ask('GET', path, { headers }),
    post: (path, body, headers = {}) => ask('POST', path, { body, headers }),
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A member of an answer, or of the object in it: member(answer, 'access_token'). */
export const member = (value: unknown, ...names: string[]): unknown =>
  names.reduce<unknown>(
    (inner, name) => (isObject(inner) ? new Map(Object.entries(inner)).get(name) : undefined),
    value,
  )

/** The same where it is a text; it fails where it is none. */
export const text = (value: unknown, ...names: string[]): string => {
  const found = member(value, ...names)
  if (typeof found === 'string') return found
  throw new Error(`There is no text ${names.join('.')} in ${JSON.stringify(value)}`)
}

/** Type and place of each entry of a 422, which is all that clients may rely on. */
export const faultsOf = ({ body }: Answer): unknown => {
  const detail = member(body, 'detail')
  return Array.isArray(detail)
    ? detail.map((entry) => [member(entry, 'type'), member(entry, 'loc')])
    : body
}

export const bearer = (token: string): { authorization: string } => ({
  authorization: `Bearer ${token}`,
})

/** A JWT (RFC 7519) signed with HS256, as any library makes one. */
export const signed = (payload: object, secret: string): string => {
  const content = [{ alg: 'HS256', typ: 'JWT' }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
}

/** What a token says; its signature must be right. */
export const claimsOf = (token: string, secret: string): Record<string, unknown> => {
  const [header = '', payload = '', signature] = token.split('.')
  const content = `${header}.${payload}`
  const expected = createHmac('sha256', secret).update(content).digest('base64url')
  if (signature !== expected) throw new Error('The signature is not by this secret')
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString())
  if (alg !== 'HS256') throw new Error(`The algorithm is ${alg}`)
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}

/** Seconds since 1970. */
export const now = (): number => Math.floor(Date.now() / 1000)

let count = randomInt(1_000_000)

/** An address nobody has used. */
export const newAddress = (domain = 'example.com'): string => {
  count += 1
  return `person${count}@${domain}`
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
