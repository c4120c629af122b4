import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdapter } from './openid-provider-adapter.js'
import { chooser, isToChoose } from './stand-in/pages.js'
import {
  ada,
  alan,
  emmy,
  grace,
  nameOf,
  personAsked,
  type StandInPerson,
} from './stand-in/people.js'

/**
 * A whole OpenID provider on this machine: the certified `oidc-provider`, with people who need no password. For tests of
 * `OIDC_<NAME>_…` and of everything that speaks OpenID Connect.
 */
export type OpenIdProvider = {
  /** 'http://localhost:49152', for `issuer` */
  issuer: string
  /** Who can sign in, as in a `StandIn`. */
  people: StandInPerson[]
  /**
   * Tokens, as an app has them after a sign-in of its own.
   *
   * @throws Error where the client is not known
   */
  tokens(about: {
    clientId: string
    /** Default: the first of `people` */
    person?: StandInPerson
    nonce?: string
  }): Promise<{ idToken: string; accessToken: string }>
  /** Frees the port. */
  stop(): Promise<void>
}

export type OpenIdClient = {
  id: string
  secret: string
  /** Where its users come back to, to the last character; at latchkey `<baseUrl>/auth/oauth/<name>/callback`. */
  redirectUris: readonly [string, ...string[]]
}

const scopes = 'openid email profile'

/**
 * Starts an OpenID provider on a port of this machine. It needs the package `oidc-provider`, which you install yourself.
 *
 * Who signs in is chosen by `login_hint`: a subject, an address, or 'nobody' for somebody who cancels. Without it browsers
 * get a page, and everything else signs in the first of `people`.
 *
 * @param options `clients`: who may send users; `people`: who can sign in; `port`: default any that is free
 * @throws Error with the command that installs `oidc-provider` where it is missing, and that of `listen`
 * @example
 * const provider = await startOpenIdProvider({
 *   clients: [{ id: 'app', secret: 's', redirectUris: ['http://localhost:8000/auth/oauth/acme/callback'] }],
 * })
 * createAuth({
 *   store: memoryStore(),
 *   oauth: {
 *     providers: [{ name: 'acme', issuer: provider.issuer, clientId: 'app', clientSecret: 's' }],
 *   },
 * })
 */
export const startOpenIdProvider = async ({
  clients,
  people = [ada, grace, alan, emmy].map((person) => ({ ...person })),
  port = 0,
}: {
  clients: readonly OpenIdClient[]
  people?: StandInPerson[]
  port?: number
}): Promise<OpenIdProvider> => {
  const { Provider } = await load()
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const issuer = `http://localhost:${portOf(server.address())}`
  const provider = new Provider(issuer, {
    ...settings,
    adapter: createAdapter(),
    clients: clients.map(asRegistered),
    cookies: { keys: [randomBytes(32).toString('hex')] },
    jwks: { keys: [newKey()] },
    findAccount: (_, subject) => {
      const person = people.find((one) => one.subject === subject)
      return person && { accountId: subject, claims: () => claimsOf(person) }
    },
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      })
      grant.addOIDCScope(scopes)
      await grant.save()
      return grant
    },
  })
  const answer = provider.callback()
  const mark = randomBytes(16).toString('hex')

  /** The whole way of a browser, up to where it leaves: nobody has to be asked for anything. */
  const travel = async (query: URLSearchParams): Promise<Response> => {
    const cookies = new Map<string, string>()
    let url = `${issuer}/auth?${query}`
    for (let steps = 10; steps > 0; steps -= 1) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie, [markHeader]: mark, accept: 'text/html' },
      })
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        cookies.set(name, value)
      }
      const location = response.headers.get('location')
      if (location === null) return response
      url = new URL(location, url).href
      if (!url.startsWith(`${issuer}/`)) return response
      await response.body?.cancel()
    }
    throw new Error('The OpenID provider went around in circles')
  }

  const authorize = async (
    { headers }: IncomingMessage,
    response: ServerResponse,
    query: URLSearchParams,
  ): Promise<void> => {
    const person = personAsked(query, people)
    if (isToChoose({ query, headers }, person)) {
      const page = chooser({ title: 'OpenID', path: '/auth', query, people })
      response.writeHead(200, page.headers).end(page.body)
      return
    }
    const known = new URLSearchParams([...query].filter(([name]) => !name.startsWith('stand_in_')))
    known.set('login_hint', person?.subject ?? 'nobody')
    const end = await travel(known)
    const location = end.headers.get('location')
    response
      .writeHead(end.status, {
        'content-type': end.headers.get('content-type') ?? 'text/plain',
        ...(location !== null && { location }),
      })
      .end(await end.text())
  }

  const interact = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { params } = await provider.interactionDetails(request, response)
    const person = people.find(({ subject }) => subject === params.login_hint)
    await provider.interactionFinished(
      request,
      response,
      person === undefined
        ? { error: 'access_denied', error_description: 'The user has cancelled.' }
        : { login: { accountId: person.subject } },
    )
  }

  server.on('request', (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', issuer)
    const isInner = request.headers[markHeader] === mark
    const work = async (): Promise<void> => {
      if (pathname === '/auth' && !isInner) await authorize(request, response, searchParams)
      else if (pathname.startsWith('/interaction/')) await interact(request, response)
      else await answer(request, response)
    }
    work().catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500)
      response.end(String(error))
    })
  })

  return {
    issuer,
    people,
    tokens: async ({ clientId, person = people[0], nonce }) => {
      const client = clients.find(({ id }) => id === clientId)
      if (client === undefined) throw new Error(`The OpenID provider knows no client "${clientId}"`)
      const [redirectUri] = client.redirectUris
      const end = await travel(
        new URLSearchParams({
          ...{ client_id: clientId, response_type: 'code', scope: scopes },
          ...{ redirect_uri: redirectUri, login_hint: person?.subject ?? 'nobody' },
          ...(nonce !== undefined && { nonce }),
        }),
      )
      const back = new URL(end.headers.get('location') ?? issuer)
      return redeem(`${issuer}/token`, client, back.searchParams.get('code') ?? '')
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const markHeader = 'x-latchkey-inner'

const settings = {
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['name', 'given_name', 'family_name', 'picture'],
  },
  conformIdTokenClaims: false, // ID tokens say who somebody is, as those of most providers do
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  ttl: {
    AccessToken: 3600,
    AuthorizationCode: 60,
    Grant: 3600,
    IdToken: 3600,
    Interaction: 600,
    Session: 600,
  },
}

const asRegistered = ({ id, secret, redirectUris }: OpenIdClient): object => ({
  client_id: id,
  client_secret: secret,
  redirect_uris: redirectUris,
  grant_types: ['authorization_code'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_post',
})

const claimsOf = (person: StandInPerson): object => ({
  sub: person.subject,
  ...(person.email !== null && { email: person.email, email_verified: person.emailVerified }),
  name: nameOf(person),
  given_name: person.firstName,
  family_name: person.lastName,
  ...(person.picture !== null && { picture: person.picture }),
})

const redeem = async (endpoint: string, client: OpenIdClient, code: string) => {
  const response = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ grant_type: 'authorization_code', code, redirect_uri: client.redirectUris[0] },
      ...{ client_id: client.id, client_secret: client.secret },
    }),
  })
  const said: { id_token?: string; access_token?: string } = JSON.parse(await response.text())
  if (said.id_token === undefined || said.access_token === undefined)
    throw new Error(`The OpenID provider gave no tokens (${response.status})`)
  return { idToken: said.id_token, accessToken: said.access_token }
}

const newKey = (): object => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  ...{ alg: 'RS256', use: 'sig', kid: 'stand-in-1' },
})

const portOf = (address: string | AddressInfo | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0

/** An optional peer: who starts no OpenID provider needs none. */
const load = async () => {
  try {
    return await import('oidc-provider')
  } catch (error) {
    const isMissing =
      error instanceof Error &&
      'code' in error &&
      error.code === 'ERR_MODULE_NOT_FOUND' &&
      error.message.includes("'oidc-provider'")
    if (!isMissing) throw error
    throw new Error(
      'startOpenIdProvider needs a package that is not installed. Run: npm install --save-dev oidc-provider@9.13.3',
      { cause: error },
    )
  }
}
