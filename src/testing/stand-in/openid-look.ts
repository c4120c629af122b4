import { createGrants, type Grants, type Manner, type Refusal, secretOf } from './grants.js'
import { createIssuer, type Issuer } from './id-tokens.js'
import {
  type Answer,
  bearerOf,
  type IdTokenTwist,
  json,
  type Look,
  pathOf,
  type Question,
} from './look.js'
import { nameOf, type StandInPerson } from './people.js'

/** What the OpenID look-alikes have in common: discovery, authorization, tokens, keys, and who somebody is. */
export type OpenIdManner = Omit<Manner, 'title' | 'people'> & {
  name: string
  title: string
  issuer: string
  /** Where discovery is, where it is not below the issuer. */
  discovery?: readonly string[]
  endpoints: { authorization: string; token: string; keys: string; userinfo?: string }
  /** The path of an endpoint that other paths lead to as well. */
  placeOf?(path: string): string
  /** Further members of the discovery document. */
  document?: Readonly<Record<string, unknown>>
  /** How it says who somebody is. Default: the claims of OpenID Connect Core 1.0 §5.1 for what was asked */
  claims?(person: StandInPerson, scopes: ReadonlySet<string>): Record<string, unknown>
  /** What ID tokens say besides; `path` is where it was asked for, if it was. */
  tokenClaims?(person: StandInPerson, clientId: string, path?: string): Record<string, unknown>
  /** Signs ID tokens also where `openid` was not asked for. */
  hasOpenIdUnasked?: boolean
  /** false: ID tokens repeat no nonce. */
  repeatsNonce?: boolean
  /** Further members of each published key. */
  ofKeys?: object
  /** Further members of the answer of the token endpoint. */
  tokenMembers?(scopes: ReadonlySet<string>): Record<string, unknown>
  /** How it refuses a code. Default: RFC 6749 §5.2 */
  refuse?(reason: Refusal): Answer
  /** What else can be asked. */
  answer?(
    question: Question,
    known: { grants: Grants; idTokens: Issuer },
  ): Promise<Answer | undefined> | Answer | undefined
}

export type LookDeps = { people: StandInPerson[]; twistIdToken: IdTokenTwist }

const allScopes: ReadonlySet<string> = new Set(['openid', 'email', 'profile', 'name'])

export const createOpenIdLook = (
  { people, twistIdToken }: LookDeps,
  manner: OpenIdManner,
): Look & { grants: Grants } => {
  const { name, issuer, endpoints, claims = standardClaims, refuse = refused } = manner
  const grants = createGrants({ ...manner, people })

  const idTokens = createIssuer({
    twist: twistIdToken,
    ...(manner.ofKeys && { ofKeys: manner.ofKeys }),
    claimsOf: ({ person, clientId, nonce, scopes = allScopes, path }) => {
      const now = Math.floor(Date.now() / 1000)
      return {
        ...{ iss: issuer, aud: clientId, iat: now, exp: now + 3600 },
        ...(nonce !== undefined && manner.repeatsNonce !== false && { nonce }),
        ...claims(person, scopes),
        ...manner.tokenClaims?.(person, clientId, path),
      }
    },
  })

  const token = async (question: Question): Promise<Answer> => {
    if (question.method !== 'POST') return json({ error: 'invalid_request' }, 405)
    const redeemed = await grants.redeem(question)
    if (redeemed.refused !== undefined) return refuse(redeemed.refused)
    const { granted, accessToken } = redeemed
    return json({
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 3599,
      scope: [...granted.scopes].join(' '),
      ...((manner.hasOpenIdUnasked || granted.scopes.has('openid')) && {
        id_token: await idTokens.make({ ...granted, path: question.path }),
      }),
      ...manner.tokenMembers?.(granted.scopes),
    })
  }

  const userinfo = (question: Question): Answer => {
    const holder = grants.holder(bearerOf(question))
    if (holder === undefined) return json({ error: 'invalid_token' }, 401)
    return json(claims(holder.person, holder.scopes))
  }

  const document = {
    issuer,
    authorization_endpoint: endpoints.authorization,
    token_endpoint: endpoints.token,
    ...(endpoints.userinfo && { userinfo_endpoint: endpoints.userinfo }),
    jwks_uri: endpoints.keys,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'email', 'profile'],
    ...manner.document,
  }

  type Work = (question: Question) => Promise<Answer> | Answer
  const discover: Work = () => json(document)
  const works = new Map<string, Work>([
    ...(manner.discovery ?? [`${issuer}/.well-known/openid-configuration`]).map(
      (url): [string, Work] => [pathOf(url), discover],
    ),
    [pathOf(endpoints.authorization), grants.authorize],
    [pathOf(endpoints.token), token],
    [pathOf(endpoints.keys), async () => json(await idTokens.published())],
    ...(endpoints.userinfo ? [[pathOf(endpoints.userinfo), userinfo] as const] : []),
  ])

  return {
    name,
    grants,
    idTokens,
    accessToken: (person, clientId) => grants.issue({ person, clientId, scopes: allScopes }),
    answer: (question) => {
      const path = manner.placeOf?.(question.path) ?? question.path
      return works.get(path)?.(question) ?? manner.answer?.(question, { grants, idTokens })
    },
  }
}

/** For what was asked, and no more. */
export const standardClaims = (
  person: StandInPerson,
  scopes: ReadonlySet<string>,
): Record<string, unknown> => ({
  sub: person.subject,
  ...(scopes.has('email') && emailClaims(person)),
  ...(scopes.has('profile') && {
    name: nameOf(person),
    given_name: person.firstName,
    family_name: person.lastName,
    ...(person.picture !== null && { picture: person.picture }),
  }),
})

export const emailClaims = ({ email, emailVerified }: StandInPerson) =>
  email === null ? {} : { email, email_verified: emailVerified }

const refused = (reason: Refusal): Answer => {
  if (reason === 'client') return json({ error: 'invalid_client' }, 401)
  if (reason === 'request') return json({ error: 'invalid_request' }, 400)
  return json({ error: 'invalid_grant', error_description: sentences[reason] }, 400)
}

const sentences: Readonly<Record<Exclude<Refusal, 'client' | 'request'>, string>> = {
  code: 'The code is unknown, was used before, or belongs to another client.',
  redirect_uri: 'The redirect address is not the one that the code was made for.',
  verifier: 'The code verifier does not fit the code challenge.',
}

/** Whether these are the credentials of a client of the stand-in. */
export const areCredentials = ([id, secret]: readonly [string, string]): boolean =>
  id !== '' && secret === secretOf(id)
