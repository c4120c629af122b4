import type { Grants } from './grants.js'
import { type Answer, bearerOf, json, type Look, type Question } from './look.js'
import { createOpenIdLook, emailClaims, type LookDeps, standardClaims } from './openid-look.js'
import { nameOf, type StandInPerson } from './people.js'

/** Google: https://developers.google.com/identity/openid-connect/openid-connect */
const issuer = 'https://accounts.google.com'
const emailScope = 'https://www.googleapis.com/auth/userinfo.email'
const profileScope = 'https://www.googleapis.com/auth/userinfo.profile'

export const googleStandIn = (deps: LookDeps): Look =>
  createOpenIdLook(deps, {
    name: 'google',
    title: 'Google',
    issuer,
    tokenPrefix: 'ya29.',
    endpoints: {
      authorization: `${issuer}/o/oauth2/v2/auth`,
      token: 'https://oauth2.googleapis.com/token',
      userinfo: 'https://openidconnect.googleapis.com/v1/userinfo',
      keys: 'https://www.googleapis.com/oauth2/v3/certs',
    },
    placeOf: (path) =>
      path === '/www.googleapis.com/oauth2/v3/userinfo'
        ? '/openidconnect.googleapis.com/v1/userinfo'
        : path,
    document: {
      device_authorization_endpoint: 'https://oauth2.googleapis.com/device/code',
      revocation_endpoint: 'https://oauth2.googleapis.com/revoke',
      response_types_supported: ['code', 'token', 'id_token', 'code id_token', 'none'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      code_challenge_methods_supported: ['plain', 'S256'],
    },
    scopes: (text) =>
      text
        .split(' ')
        .map((scope) => ({ [emailScope]: 'email', [profileScope]: 'profile' })[scope] ?? scope),
    claims: (person, scopes) => ({
      ...standardClaims(person, scopes),
      ...(person.hostedDomain && { hd: person.hostedDomain }),
    }),
    tokenClaims: (_, clientId) => ({ azp: clientId }),
    answer: (question, { grants }) => {
      switch (question.path) {
        case '/oauth2.googleapis.com/tokeninfo':
        case '/www.googleapis.com/oauth2/v3/tokeninfo':
          return tokenInfo(question, grants)
        case '/www.googleapis.com/oauth2/v2/userinfo':
        case '/www.googleapis.com/oauth2/v1/userinfo':
          return olderUserinfo(question, grants)
        default:
          return undefined
      }
    },
  })

/** Numbers and truth values are texts here, as they are there. */
const tokenInfo = ({ query, form }: Question, grants: Grants): Answer => {
  const holder = grants.holder(query.get('access_token') ?? form.get('access_token'))
  if (holder === undefined)
    return json({ error: 'invalid_token', error_description: 'Invalid Value' }, 400)
  const { person, clientId, scopes } = holder
  return json({
    azp: clientId,
    aud: clientId,
    sub: person.subject,
    scope: `openid ${emailScope} ${profileScope}`,
    exp: String(Math.floor(Date.now() / 1000) + 3599),
    expires_in: '3599',
    ...(scopes.has('email') && textual(emailClaims(person))),
    access_type: 'online',
  })
}

const textual = (claims: object): object =>
  Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, String(value)]))

/** From before OpenID Connect: `id` and `verified_email`. */
const olderUserinfo = (question: Question, grants: Grants): Answer => {
  const holder = grants.holder(bearerOf(question) ?? question.query.get('access_token'))
  if (holder === undefined)
    return json(
      {
        error: {
          code: 401,
          message: 'Request is missing required authentication credential.',
          status: 'UNAUTHENTICATED',
        },
      },
      401,
    )
  return json(olderClaims(holder.person))
}

const olderClaims = (person: StandInPerson) => ({
  id: person.subject,
  ...(person.email !== null && { email: person.email, verified_email: person.emailVerified }),
  name: nameOf(person),
  given_name: person.firstName,
  family_name: person.lastName,
  ...(person.picture !== null && { picture: person.picture }),
  ...(person.hostedDomain && { hd: person.hostedDomain }),
})
