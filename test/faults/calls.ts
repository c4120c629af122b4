import { Agent, type IncomingHttpHeaders, request as send } from 'node:http'

/** A caller of a running server: plain node:http, because it is quick and its failures are plain. */
export type Answer = {
  status: number
  headers: IncomingHttpHeaders
  text: string
  body: Body
  milliseconds: number
}

type Body = {
  access_token?: string
  refresh_token?: string
  code?: string
  request_id?: string
  [member: string]: unknown
}

export type Sending = {
  /** Sent as JSON. */
  body?: object
  form?: Record<string, string>
  headers?: Record<string, string>
  token?: string
}

export type Caller = {
  /** @throws the error of the connection */
  call(method: string, path: string, sending?: Sending): Promise<Answer>
  /** Undefined when the connection broke. */
  tryCall(method: string, path: string, sending?: Sending): Promise<Answer | undefined>
  /** How many answers have come. */
  answered(): number
  close(): void
}

export const createCaller = (
  { port }: { port: number },
  { sockets = 64, keepAlive = true, inTurn = false, from = '127.0.0.1' } = {},
): Caller => {
  let answered = 0
  const scheduling = inTurn ? 'fifo' : 'lifo' // in turn, no connection is idle for long
  const agent = new Agent({ keepAlive, maxSockets: sockets, maxFreeSockets: sockets, scheduling })

  const call = (method: string, path: string, { body, form, headers, token }: Sending = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const ofForm = new URLSearchParams(form).toString()
      const text = body === undefined ? ofForm : JSON.stringify(body)
      const type = body === undefined ? 'application/x-www-form-urlencoded' : 'application/json'
      const started = performance.now()
      const request = send(
        {
          ...{ host: '127.0.0.1', port, method, path, agent, localAddress: from },
          headers: {
            ...((body ?? form) !== undefined && {
              'content-type': type,
              'content-length': String(Buffer.byteLength(text)),
            }),
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...headers,
          },
        },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.once('error', reject)
          answer.once('aborted', () => reject(new Error('aborted')))
          answer.once('end', () => {
            answered += 1
            const received = Buffer.concat(chunks).toString()
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              text: received,
              body: received.startsWith('{') ? JSON.parse(received) : {},
              milliseconds: performance.now() - started,
            })
          })
        },
      )
      request.once('error', reject)
      request.end(text)
    })

  return {
    call,
    tryCall: (...given) => call(...given).catch(() => undefined),
    answered: () => answered,
    close: () => agent.destroy(),
  }
}

export const password = 'long enough and quite unusual 7'

/** A new account, signed in. */
export const signUp = async (caller: Caller, email: string): Promise<SignedIn> =>
  signedIn(await caller.call('POST', '/auth/register', { body: { email, password } }))

export const signIn = async (caller: Caller, email: string): Promise<SignedIn> =>
  signedIn(await caller.call('POST', '/auth/login', { body: { email, password } }))

export type SignedIn = { accessToken: string; refreshToken: string }

const signedIn = ({ status, body, text }: Answer): SignedIn => {
  const { access_token: accessToken, refresh_token: refreshToken } = body
  if (accessToken === undefined || refreshToken === undefined)
    throw new Error(`Not signed in: ${status} ${text}`)
  return { accessToken, refreshToken }
}

export const refresh = (caller: Caller, token: string): Promise<Answer> =>
  caller.call('POST', '/auth/refresh', { body: { refresh_token: token } })

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

/** The value below which the share of the others lies. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
