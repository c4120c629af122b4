import { join } from 'node:path'
import type { Script } from '../client/scripts.js'
import { password, type Server } from '../contenders.js'
import { root } from '../processes.js'
import { bareRateOf } from './bare.js'
import { missingPackages } from './install.js'
import type { Met, Peer, PeerPlace } from './peer.js'
import { startPeer } from './start.js'

/** better-auth on SQLite with its cookie sessions: it has no access tokens unless one adds them. */
const program = [process.execPath, join(root, 'bench/peers/better-auth/server.mjs')]

/** Servers on one database that differ in this alone. */
type SessionKind = 'usual' | 'refreshing' | 'cached'

const startWith = (session: SessionKind, place: PeerPlace): Promise<Server> =>
  startPeer(() => program, place, {
    NODE_ENV: 'production',
    BETTER_AUTH_SECRET: 'x9Jk2mQpR7sT4vW8yZ3bC6dF5gH1nL0a for the benchmark only',
    DATABASE: join(place.folder, 'better-auth.db'),
    SESSION: session,
  })

export const betterAuth: Peer = {
  name: 'better-auth',
  label: 'better-auth 1.7.4',
  hash: 'scrypt, N=16384 r=16 p=1',
  missing: () => missingPackages(['better-auth', 'better-sqlite3']),
  start: (place) => startWith('usual', place),
  meet: async (server, place, people): Promise<Met> => {
    const cookies = await registerAll(server, people)
    const refreshing = await startWith('refreshing', place)
    const cached = await startWith('cached', place)
    const ask = async () => cookies.map((cookie) => asksForSession(cookie))
    const still = { remember: () => {}, reader: () => asksForSession(cookies[0] ?? '', reading) }
    return {
      deeds: [
        { name: 'me', what: 'me', equals: 'me', server, scripts: ask, ...still },
        {
          name: 'refresh',
          what: 'refresh (session extended)',
          equals: 'refresh',
          server: refreshing,
          scripts: ask,
          ...still,
        },
        {
          name: 'cached',
          what: 'me, cookie cache of 5 minutes',
          equals: undefined,
          server: cached,
          scripts: () => Promise.all(cookies.map((cookie) => withCache(cached, cookie))),
          ...still,
        },
      ],
      logins: cookies.map((_, number) => repeat(signIn(number))),
      stop: async () => {
        await Promise.all([refreshing.stop(), cached.stop()])
      },
    }
  },
  bareHashRate: (seconds, folder) =>
    bareRateOf([process.execPath, join(root, 'bench/peers/bare-hash.mjs'), 'scrypt'], {
      seconds,
      folder,
    }),
}

const repeat = (request: string): Script => ({ kind: 'repeat', request })
const emailOf = (number: number) => `bench-${number}@example.com`

/** What the proxy in front of it would say, and a browser. */
const usualHeaders = {
  origin: 'https://id.example.com',
  'x-forwarded-for': '127.0.0.1',
}

const reading = '?disableRefresh=true'
const asksForSession = (cookie: string, query = ''): Script =>
  repeat(rawRequest('GET', `/api/auth/get-session${query}`, { cookie }))

const signIn = (number: number): string =>
  rawRequest('POST', '/api/auth/sign-in/email', {}, { email: emailOf(number), password })

const rawRequest = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: object,
): string => {
  const text = body === undefined ? '' : JSON.stringify(body)
  const all = {
    host: 'id.example.com',
    ...usualHeaders,
    ...headers,
    ...(body && { 'content-type': 'application/json', 'content-length': String(text.length) }),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`
}

/** Accounts, each with the cookie of its session. */
const registerAll = async ({ port }: Server, count: number): Promise<string[]> => {
  const cookies: string[] = []
  for (let number = 0; number < count; number += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: { ...usualHeaders, 'content-type': 'application/json' },
      body: JSON.stringify({ name: `Bench ${number}`, email: emailOf(number), password }),
    })
    if (answer.status !== 200) throw new Error(`Registration failed: ${answer.status}`)
    cookies.push(cookiesOf(answer))
  }
  return cookies
}

/** With the second cookie, which holds the session for a while. */
const withCache = async (server: Server, cookie: string): Promise<Script> => {
  const answer = await fetch(`http://127.0.0.1:${server.port}/api/auth/get-session`, {
    headers: { ...usualHeaders, cookie },
  })
  return asksForSession(`${cookie}; ${cookiesOf(answer)}`)
}

const cookiesOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0] ?? '')
    .join('; ')
