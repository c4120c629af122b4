import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestClock } from '../../src/testing/clock.js'

/** An OpenID provider that says whatever a test wants it to say, and counts what it was asked. */
export type SigningKey = { id: string | undefined; privateKey: KeyObject; publicKey: KeyObject }

export type Token = {
  header: Record<string, unknown>
  claims: Record<string, unknown>
  /** What signs; 'nobody' leaves the signature empty, a text is a shared secret. */
  by: KeyObject | 'nobody' | string
}

/** Changes to what would be right; undefined leaves a member out. */
export type Forgery = (token: Token) => Partial<Token>

export const newKey = (id: string | undefined, bits = 2048, exponent = 65_537): SigningKey => ({
  id,
  ...generateKeyPairSync('rsa', { modulusLength: bits, publicExponent: exponent }),
})

/** The key that is there in the beginning: one for all, since to find its primes takes longer than most of what is tried with it. */
const firstKey = newKey('k1')

export const published = ({ id, publicKey }: SigningKey): Record<string, unknown> => ({
  ...publicKey.export({ format: 'jwk' }),
  ...(id !== undefined && { kid: id }),
  use: 'sig',
  alg: 'RS256',
})

export const startForgingProvider = async () => {
  const clock = createTestClock(new Date())
  const asked: string[] = []
  const says = {
    key: firstKey,
    keys: [published(firstKey)],
    document: {},
    forgery: (() => ({})) satisfies Forgery as Forgery,
    userInfo: undefined as object | undefined,
    answers: new Map<string, { status: number; type: string; body: string }>(),
  }

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', issuer).pathname
    asked.push(path)
    const twist = says.answers.get(path)
    const body = twist ? twist.body : JSON.stringify(answerTo(path))
    response.writeHead(twist?.status ?? 200, { 'content-type': twist?.type ?? 'application/json' })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  const issuer = `http://localhost:${typeof address === 'object' ? address?.port : ''}`

  const answerTo = (path: string): object => {
    switch (path) {
      case '/.well-known/openid-configuration':
        return {
          issuer,
          authorization_endpoint: `${issuer}/auth`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          userinfo_endpoint: `${issuer}/userinfo`,
          id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
          ...says.document,
        }
      case '/keys':
        return { keys: says.keys }
      case '/token':
        return { access_token: 'at', token_type: 'Bearer', id_token: idToken() }
      default:
        return says.userInfo ?? { sub: 'ada' }
    }
  }

  /** What this provider signs just now for 'app' and 'nonce-1'. */
  const idToken = (): string => {
    const now = Math.floor(clock().getTime() / 1000)
    const { id, privateKey } = says.key
    const right: Token = {
      header: { alg: 'RS256', typ: 'JWT', ...(id !== undefined && { kid: id }) },
      claims: {
        ...{ iss: issuer, sub: 'ada', aud: 'app', iat: now, exp: now + 300, nonce: 'nonce-1' },
        ...{ email: 'ada@example.com', email_verified: true },
      },
      by: privateKey,
    }
    const { header, claims, by } = { ...right, ...says.forgery(right) }
    const input = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    return `${input}.${signature(input, by)}`
  }

  return {
    issuer,
    clock,
    says,
    idToken,
    /** How often a path was asked for. */
    count: (path: string): number => asked.filter((one) => one === path).length,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
export type ForgingProvider = Awaited<ReturnType<typeof startForgingProvider>>

const signature = (input: string, by: Token['by']): string => {
  if (by === 'nobody') return ''
  if (typeof by === 'string') return createHmac('sha256', by).update(input).digest('base64url')
  return sign('sha256', Buffer.from(input), by).toString('base64url')
}
