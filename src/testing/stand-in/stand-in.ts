import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { googleStandIn } from './google.js'
import {
  type Answer,
  type IdTokenTwist,
  type Look,
  notFound,
  type Question,
  type StandInPerson,
} from './look.js'

/**
 * Stand-ins for login providers, on this machine, for tests and for trying things out: the real paths and the real shapes of
 * answers, without a network. `https://accounts.google.com/o/oauth2/v2/auth` is at
 * `http://localhost:<port>/accounts.google.com/o/oauth2/v2/auth`; give its origin as `oauth.standIn`. Knows every client
 * id; the secret of a client is `<client id>-secret`.
 */
export type StandIn = {
  origin: string
  /** Who can sign in there; the first one does where `login_hint` names nobody. */
  people: StandInPerson[]
  /** Everything that was asked, oldest first. */
  asked: readonly Question[]
  /** Makes answers below a path otherwise than they should be, until `straighten`. */
  twist(path: string, twist: Twist): void
  /** Makes ID tokens otherwise than they should be. */
  twistIdToken(twist: IdTokenTwist): void
  straighten(): void
  stop(): Promise<void>
}

export type Twist = 'hang' | 'reset' | ((answer: Answer) => Answer)
export const startStandIn = async ({ port = 0 } = {}): Promise<StandIn> => {
  const people: StandInPerson[] = [ada, grace]
  const asked: Question[] = []
  const twists = new Map<string, Twist>()
  let idTokenTwist: IdTokenTwist = (token) => token
  const looks: readonly Look[] = [
    await googleStandIn({ people, twistIdToken: (token) => idTokenTwist(token) }),
  ]

  const answerTo = async (question: Question): Promise<Answer> => {
    for (const look of looks) {
      const answer = await look(question)
      if (answer !== undefined) return answer
    }
    return notFound
  }

  const server = createServer(async (request, response) => {
    const question = await read(request)
    asked.push(question)
    const [, twist] = [...twists].find(([path]) => question.path.startsWith(path)) ?? []
    if (twist === 'hang') return
    if (twist === 'reset') {
      request.socket.resetAndDestroy()
      return
    }
    const answer = await answerTo(question)
    write(response, twist ? twist(answer) : answer)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))

  return {
    origin: `http://localhost:${portOf(server.address())}`,
    people,
    asked,
    twist: (path, twist) => void twists.set(path, twist),
    twistIdToken: (twist) => {
      idTokenTwist = twist
    },
    straighten: () => {
      twists.clear()
      idTokenTwist = (token) => token
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export const ada: StandInPerson = {
  subject: '108204268033311374519',
  email: 'ada@gmail.com',
  emailVerified: true,
  firstName: 'Ada',
  lastName: 'Lovelace',
  picture: 'https://example.com/ada.png',
}

export const grace: StandInPerson = {
  subject: '117283946150283746512',
  email: 'grace@gmail.com',
  emailVerified: true,
  firstName: 'Grace',
  lastName: 'Hopper',
  picture: null,
}

const portOf = (address: string | AddressInfo | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0

const read = async (request: IncomingMessage): Promise<Question> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk)
  const url = new URL(request.url ?? '/', 'http://localhost')
  return {
    id: randomBytes(8).toString('hex'),
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    form: new URLSearchParams(Buffer.concat(chunks).toString()),
  }
}

const write = (
  response: ServerResponse,
  { status = 200, headers = {}, body = '' }: Answer,
): void => {
  response.writeHead(status, headers).end(body)
}
