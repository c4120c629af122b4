import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createBoundedMap } from '../lib/bounded-map.js'
import { type Clock, epochSeconds } from '../lib/clock.js'
import { deriveKey } from '../lib/derive-key.js'

/**
 * How doctor learns what its request looks like on arrival, behind all proxies. Only whoever holds the root secret is
 * answered, each question once and soon; to everybody else the header means nothing.
 */
export const probeHeader = 'latchkey-doctor'
export const probePath = '/health/live'

/** What the server saw of the request that carried the question. */
export type Sighting = {
  /** The other end of the connection. */
  peer: { address: string; port: number }
  /** All lines of X-Forwarded-For, joined. */
  forwardedFor: string | null
  /** Names of headers with which other proxies tell of a client. They are never read. */
  others: string[]
  /** The proxies it believes. */
  trustedProxies: readonly string[]
  /** What the clock of the server says, in milliseconds since 1970. */
  now: number
}

const purpose = 'doctor probe'
/** A clock that is off must not keep doctor from finding that out. */
const lifetimeSeconds = 600
const mostRemembered = 1_000

const signature = (secret: string, question: string): Buffer =>
  createHmac('sha256', deriveKey(secret, purpose)).update(question).digest()

/** The value of the header; good once. */
export const askProbe = (secret: string, now: Date): string => {
  const question = `${epochSeconds(now)}.${randomBytes(12).toString('base64url')}`
  return `${question}.${signature(secret, question).toString('base64url')}`
}

type Deps = { secrets: readonly string[]; trustedProxies: readonly string[]; clock: Clock }

/** Stands before the handler of all other requests. */
export const createProbeAnswers = ({ secrets, trustedProxies, clock }: Deps) => {
  const answered = createBoundedMap<true>(mostRemembered)

  const isGenuine = (text: string): boolean => {
    const [, question = '', proof = ''] = /^(\d{10}\.[\w-]{16})\.([\w-]{43})$/.exec(text) ?? []
    const age = epochSeconds(clock()) - Number.parseInt(question, 10)
    if (question === '' || answered.get(question)) return false
    const given = Buffer.from(proof, 'base64url')
    if (!secrets.some((secret) => timingSafeEqual(signature(secret, question), given))) return false
    answered.set(question, true)
    return Math.abs(age) <= lifetimeSeconds
  }

  return (handler: RequestListener): RequestListener =>
    (request, response) => {
      const text = request.headers[probeHeader]
      if (text === undefined || request.url !== probePath || !isGenuine(String(text))) {
        handler(request, response)
        return
      }
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      const sighting: Sighting = {
        ...sightingOf(request),
        trustedProxies,
        now: clock().getTime(),
      }
      response.end(JSON.stringify(sighting))
    }
}

const tellers = ['forwarded', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip', 'x-client-ip']

const sightingOf = ({ socket, headers }: IncomingMessage) => ({
  peer: { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 },
  forwardedFor: [headers['x-forwarded-for'] ?? []].flat().join(', ') || null,
  others: tellers.filter((name) => headers[name] !== undefined),
})
