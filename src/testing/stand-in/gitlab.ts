import { randomBytes } from 'node:crypto'
import { bearerOf, json, type Look } from './look.js'
import { createOpenIdLook, emailClaims, type LookDeps, standardClaims } from './openid-look.js'
import { nameOf, numberOf } from './people.js'

/** GitLab: https://docs.gitlab.com/integration/openid_connect_provider/ */
const issuer = 'https://gitlab.com'

export const gitlabStandIn = (deps: LookDeps): Look =>
  createOpenIdLook(deps, {
    name: 'gitlab',
    title: 'GitLab',
    issuer,
    endpoints: {
      authorization: `${issuer}/oauth/authorize`,
      token: `${issuer}/oauth/token`,
      userinfo: `${issuer}/oauth/userinfo`,
      keys: `${issuer}/oauth/discovery/keys`,
    },
    document: {
      revocation_endpoint: `${issuer}/oauth/revoke`,
      introspection_endpoint: `${issuer}/oauth/introspect`,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      code_challenge_methods_supported: ['plain', 'S256'],
      scopes_supported: ['api', 'read_user', 'openid', 'profile', 'email'],
    },
    claims: (person, scopes) => ({
      ...standardClaims(person, scopes),
      ...(scopes.has('profile') && {
        nickname: person.firstName.toLowerCase(),
        preferred_username: person.firstName.toLowerCase(),
      }),
      ...(scopes.has('email') && emailClaims(person)),
    }),
    tokenMembers: () => ({
      refresh_token: randomBytes(32).toString('hex'),
      expires_in: 7200,
      created_at: Math.floor(Date.now() / 1000),
    }),
    answer: (question, { grants }) => {
      const holder = grants.holder(bearerOf(question) ?? question.query.get('access_token'))
      switch (question.path) {
        case '/gitlab.com/oauth/token/info':
          if (holder === undefined) return json({ error: 'invalid_token' }, 401)
          return json({
            resource_owner_id: numberOf(holder.person),
            scope: [...holder.scopes],
            expires_in: 7199,
            application: { uid: holder.clientId },
            created_at: Math.floor(Date.now() / 1000),
          })
        case '/gitlab.com/api/v4/user':
          if (holder === undefined) return json({ message: '401 Unauthorized' }, 401)
          return json({
            id: numberOf(holder.person),
            username: holder.person.firstName.toLowerCase(),
            name: nameOf(holder.person),
            state: 'active',
            email: holder.person.email,
            confirmed_at: holder.person.emailVerified ? '2024-01-01T00:00:00.000Z' : null,
            avatar_url: holder.person.picture,
          })
        default:
          return undefined
      }
    },
  })
