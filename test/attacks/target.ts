import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'
import type { Auth } from '../../src/auth.js'
import type { HostOptions } from '../../src/http/http.js'
import { toNode } from '../../src/http/node.js'
import type { AuthOptions } from '../../src/options.js'
import { createTestAuth, type TestAuth } from '../../src/testing/testing.js'
import { withoutLimits } from '../without-limits.js'

/** What is attacked: a real HTTP server in this process, whose clock, events and keys the test can reach. */
export type Target = TestAuth & {
  port: number
  ask(method: string, path: string, sent?: Sent): Promise<Answer>
  /** Signs Ada in over HTTP, as a program that keeps its refresh token itself. */
  signIn(): Promise<Tokens>
  close(): Promise<void>
}

export type Sent = {
  /** Name, value, name, value, … so that a header can come twice. */
  headers?: readonly string[]
  /** An object is sent as JSON. */
  body?: object | string | Uint8Array
  token?: string
}

export type Answer = {
  status: number
  headers: IncomingHttpHeaders
  rawHeaders: readonly string[]
  text: string
  /** A test reads what it expects, and fails if it is not there. */
  json: ReturnType<typeof JSON.parse>
}

export type Tokens = { access: string; refresh: string; userId: string }

/** Known here only, so that a test can make what the server would make. */
export const rootSecret = 'f1c64b1e5a0f4c2b9d7e83a2b6c90d417e5f28ab'
export const jwtSecret = 'Zk3vQ9xLr7TnW2yBs5Ha8UeD4mGc6Pj1oXiFqNtV'

/** The two ways of signing access tokens. */
export const modes: readonly { mode: 'ES256' | 'HS256'; options: Partial<AuthOptions> }[] = [
  { mode: 'ES256', options: { secret: rootSecret } },
  { mode: 'HS256', options: { secret: rootSecret, tokens: { secret: jwtSecret } } },
]

export const startTarget = async (
  options: Partial<AuthOptions> = {},
  host: HostOptions = {},
): Promise<Target> => {
  const made = await createTestAuth({
    limits: withoutLimits,
    locks: { afterFailures: 1_000_000 },
    ...options,
  })
  const { port, ask, close } = await listen(made.auth, host)
  return {
    ...made,
    port,
    ask,
    signIn: async () => {
      const { json } = await ask('POST', '/auth/login', { body: made.ada })
      return { access: json.access_token, refresh: json.refresh_token, userId: json.user.id }
    },
    close,
  }
}

/** A real HTTP server in this process; closing it closes what it serves. */
export const listen = async (
  auth: Auth,
  host: HostOptions = {},
): Promise<Pick<Target, 'port' | 'ask' | 'close'>> => {
  const server = createServer(toNode(auth, host))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = portOf(server)
  return {
    port,
    ask: (method, path, sent) => send(port, method, path, sent),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await auth.close()
    },
  }
}

/** One request on a connection of its own, headers exactly as given. */
export const send = (
  port: number,
  method: string,
  path: string,
  { headers = [], body, token }: Sent = {},
): Promise<Answer> => {
  const isData = typeof body === 'object' && !(body instanceof Uint8Array)
  const bytes = isData ? JSON.stringify(body) : body
  const all = [...(headers.some(isHost) ? [] : ['Host', `localhost:${port}`]), ...headers]
  if (isData && !headers.some(isContentType)) all.push('Content-Type', 'application/json')
  if (token !== undefined) all.push('Authorization', `Bearer ${token}`)
  if (bytes !== undefined || method !== 'GET') {
    all.push('Content-Length', String(Buffer.byteLength(bytes ?? '')))
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, method, path, headers: all, agent: false },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.once('error', reject)
        incoming.once('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            rawHeaders: incoming.rawHeaders,
            text,
            json: parsed(text),
          })
        })
      },
    )
    outgoing.once('error', reject)
    outgoing.end(bytes)
  })
}

const isHost = (name: string, index: number): boolean =>
  index % 2 === 0 && name.toLowerCase() === 'host'
const isContentType = (name: string, index: number): boolean =>
  index % 2 === 0 && name.toLowerCase() === 'content-type'

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const portOf = (server: Server): number => {
  const address: AddressInfo | string | null = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port')
  return address.port
}

/** What the catalogue means by "401": a problem, a challenge, and no cookie. */
export const expectUnauthorized = ({ status, headers, json }: Answer, code?: string): void => {
  expect(status).toBe(401)
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(headers['www-authenticate']).toMatch(/^Bearer realm="/)
  expect(headers['set-cookie']).toBeUndefined()
  expect(headers['cache-control']).toBe('no-store')
  expect(json.status).toBe(401)
  if (code !== undefined) expect(json.code).toBe(code)
}

export const expectHealthy = async (target: Pick<Target, 'ask'>): Promise<void> => {
  expect((await target.ask('GET', '/health')).status).toBe(200)
}

/** Refused as a bearer over HTTP and in the library, and nothing was harmed. */
export const expectUselessToken = async (target: Target, token: string): Promise<void> => {
  await expect(target.auth.authenticate(token)).rejects.toMatchObject({ code: 'invalid_token' })
  if (isHeaderValue(token)) {
    expectUnauthorized(await target.ask('GET', '/auth/me', { token }), 'invalid_token')
  }
}

/** Node's client refuses to send some values, and space around a value is not part of it: those go to the library only. */
const isHeaderValue = (text: string): boolean =>
  text.length <= 12_000 && text === text.trim() && /^[\t\x20-\x7e\x80-\xff]*$/.test(text)
