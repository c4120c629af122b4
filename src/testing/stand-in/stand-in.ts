import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { acmeStandIn } from './acme.js'
import { type AppleKey, appleStandIn, createAppleKey } from './apple.js'
import { discordStandIn } from './discord.js'
import { facebookStandIn } from './facebook.js'
import { githubStandIn } from './github.js'
import { gitlabStandIn } from './gitlab.js'
import { googleStandIn } from './google.js'
import { linkedinStandIn } from './linkedin.js'
import {
  type Answer,
  type IdTokenParts,
  type IdTokenTwist,
  type KeyRotation,
  type Look,
  notFound,
  type Question,
} from './look.js'
import { microsoftStandIn } from './microsoft.js'
import { ada, alan, emmy, grace, type StandInPerson } from './people.js'

/**
 * Stand-ins for login providers on this machine: the real paths and the real shapes of answers, without a network. What
 * is at `https://accounts.google.com/o/oauth2/v2/auth` is here at `<origin>/accounts.google.com/o/oauth2/v2/auth`; give
 * the origin as `oauth.standIn`.
 *
 * Any client id is known, and its secret is `<client id>-secret`; only Apple wants one that is signed with `appleKey`.
 * `acme` is an OpenID provider of nobody's at `https://id.acme.example`, for what is known by its issuer only.
 * They are strict: a code works once, for its client, its redirect address and its verifier.
 */
export type StandIn = {
  /** 'http://localhost:49152' */
  origin: string
  /**
   * Who can sign in: Ada and Grace with confirmed gmail addresses, Alan with one that was never confirmed, Emmy without
   * one. Add and change as you like. The first one signs in where no `login_hint` names another by subject or address;
   * 'nobody' cancels. Browsers are asked on a page.
   */
  people: StandInPerson[]
  /** Everything that was asked, oldest first. */
  asked: readonly Question[]
  /** What signs client secrets for Apple. */
  appleKey: AppleKey
  /**
   * An access token, as an app has it after a sign-in of its own.
   *
   * @throws Error where there is no such provider
   */
  accessToken(about: {
    provider: ProviderName
    clientId: string
    /** Default: the first of `people` */
    person?: StandInPerson
  }): string
  /**
   * An ID token, as an app has it after a sign-in of its own; with `header`, `claims` and `signedBy` one that is wrong.
   *
   * @throws Error where there is no such provider, or it has no ID tokens
   */
  idToken(
    about: {
      provider: ProviderName
      clientId: string
      /** Default: the first of `people` */
      person?: StandInPerson
      nonce?: string
    } & Partial<IdTokenParts>,
  ): Promise<string>
  /**
   * Makes answers otherwise than they should be, until `straighten`.
   *
   * @param path where a path begins: '/graph.facebook.com', or '' for everything. The newest twist that fits counts
   */
  twist(path: string, twist: Twist): void
  /** Makes ID tokens otherwise than they should be, until `straighten`. */
  twistIdToken(twist: IdTokenTwist): void
  /** Signs with a new key from now on, at one provider or at all. */
  rotateKeys(rotation?: KeyRotation & { provider?: ProviderName }): Promise<void>
  /** Ends all twists. */
  straighten(): void
  /** Frees the port: who asks now is refused the connection. */
  stop(): Promise<void>
}

export type ProviderName =
  | 'google'
  | 'facebook'
  | 'github'
  | 'microsoft'
  | 'apple'
  | 'gitlab'
  | 'discord'
  | 'linkedin'
  | 'acme'

/** Never answers, breaks the connection, or answers something else. */
export type Twist = 'hang' | 'reset' | ((answer: Answer, question: Question) => Answer)

/**
 * Starts the stand-ins on a port of this machine.
 *
 * @param options `port`: default any that is free; `people`: who can sign in
 * @throws Error of `listen`, such as EADDRINUSE
 * @example
 * const standIn = await startStandIn()
 * const auth = createAuth({
 *   store: memoryStore(),
 *   oauth: {
 *     standIn: standIn.origin,
 *     providers: [{ name: 'google', clientId: 'app', clientSecret: 'app-secret' }],
 *   },
 * })
 */
export const startStandIn = async ({
  port = 0,
  people = [ada, grace, alan, emmy].map((person) => ({ ...person })),
}: {
  port?: number
  people?: StandInPerson[]
} = {}): Promise<StandIn> => {
  const asked: Question[] = []
  let twists: { path: string; twist: Twist }[] = []
  let idTokenTwist: IdTokenTwist = () => ({})
  const apple = createAppleKey()
  const deps = { people, twistIdToken: (token: IdTokenParts) => idTokenTwist(token) }
  const looks: readonly Look[] = [
    ...[googleStandIn, facebookStandIn, githubStandIn, microsoftStandIn].map((look) => look(deps)),
    appleStandIn(deps, apple.isSecret),
    ...[gitlabStandIn, discordStandIn, linkedinStandIn, acmeStandIn].map((look) => look(deps)),
  ]

  const lookOf = (provider: ProviderName): Look => {
    const found = looks.find(({ name }) => name === provider)
    if (found === undefined) throw new Error(`The stand-in knows no provider "${provider}"`)
    return found
  }

  const first = (): StandInPerson => {
    const [person] = people
    if (person === undefined) throw new Error('The stand-in has no people')
    return person
  }

  const answerTo = async (question: Question): Promise<Answer> => {
    for (const look of looks) {
      const answer = await look.answer(question)
      if (answer !== undefined) return answer
    }
    return notFound
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const question = await read(request)
    asked.push(question)
    const twist = twists.find(({ path }) => question.path.startsWith(path))?.twist
    if (twist === 'hang') return
    if (twist === 'reset') {
      request.socket.resetAndDestroy()
      return
    }
    const answer = await answerTo(question)
    write(response, twist ? twist(answer, question) : answer)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (!response.headersSent) write(response, { status: 500, body: String(error) })
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })

  return {
    origin: `http://localhost:${portOf(server.address())}`,
    people,
    asked,
    appleKey: apple.key,
    accessToken: ({ provider, clientId, person = first() }) =>
      lookOf(provider).accessToken(person, clientId),
    idToken: async ({ provider, clientId, person = first(), nonce, ...twist }) => {
      const { idTokens } = lookOf(provider)
      if (idTokens === undefined) throw new Error(`${provider} has no ID tokens`)
      return idTokens.make({ person, clientId, nonce, twist })
    },
    twist: (path, twist) => {
      twists = [{ path, twist }, ...twists]
    },
    twistIdToken: (twist) => {
      idTokenTwist = twist
    },
    rotateKeys: async ({ provider, ...rotation } = {}) => {
      const rotated = provider === undefined ? looks : [lookOf(provider)]
      await Promise.all(rotated.map(({ idTokens }) => idTokens?.rotate(rotation)))
    },
    straighten: () => {
      twists = []
      idTokenTwist = () => ({})
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const portOf = (address: string | AddressInfo | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0

const read = async (request: IncomingMessage): Promise<Question> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString()
  const url = new URL(request.url ?? '/', 'http://localhost')
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(
    request.headers['content-type'] ?? '',
  )
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    form: new URLSearchParams(isForm ? body : ''),
    body,
  }
}

const write = (
  response: ServerResponse,
  { status = 200, headers = {}, body = '' }: Answer,
): void => {
  response.writeHead(status, headers).end(body)
}
