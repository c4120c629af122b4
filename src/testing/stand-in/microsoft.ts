import { randomBytes } from 'node:crypto'
import { type Look, pathOf } from './look.js'
import { createOpenIdLook, type LookDeps, standardClaims } from './openid-look.js'
import { nameOf } from './people.js'

/**
 * Microsoft: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc. Discovery of `common` says the issuer
 * with a gap, `{tenantid}`; the tokens of personal accounts fill it with the tenant of those. No claim says whether an
 * address was confirmed.
 */
const host = 'https://login.microsoftonline.com'
const personalTenant = '9188040d-6c67-4c5b-b112-36a304b66dad'
const tenants = ['common', 'organizations', 'consumers', personalTenant]

export const microsoftStandIn = (deps: LookDeps): Look => {
  const endpoints = {
    authorization: `${host}/common/oauth2/v2.0/authorize`,
    token: `${host}/common/oauth2/v2.0/token`,
    keys: `${host}/common/discovery/v2.0/keys`,
    userinfo: 'https://graph.microsoft.com/oidc/userinfo',
  }
  const aliases = tenants.flatMap((tenant) =>
    [endpoints.authorization, endpoints.token, endpoints.keys].map((url) => [
      pathOf(url.replace('common', tenant)),
      pathOf(url),
    ]),
  )

  return createOpenIdLook(deps, {
    name: 'microsoft',
    title: 'Microsoft',
    issuer: `${host}/{tenantid}/v2.0`,
    discovery: ['common', 'organizations'].map(discoveryOf),
    tokenIssuer: `${host}/${personalTenant}/v2.0`,
    endpoints,
    aliases: Object.fromEntries(aliases),
    document: documentMembers,
    ofKeys: { issuer: `${host}/${personalTenant}/v2.0` },
    claims: (person, scopes) => {
      const { email_verified: _unsaid, ...claims } = standardClaims(person, scopes)
      return claims
    },
    tokenClaims: (person) => ({
      ver: '2.0',
      tid: personalTenant,
      oid: `00000000-0000-0000-0000-${person.subject.padStart(12, '0').slice(-12)}`,
      name: nameOf(person),
      ...(person.email !== null && { preferred_username: person.email }),
    }),
    tokenMembers: (scopes) => ({
      ext_expires_in: 3599,
      ...(scopes.has('offline_access') && {
        refresh_token: `M.${randomBytes(24).toString('base64url')}`,
      }),
    }),
    // of one tenant, the issuer is whole
    answer: ({ path }) =>
      ['consumers', personalTenant].map(discoveryOf).map(pathOf).includes(path)
        ? {
            headers: { 'content-type': 'application/json; charset=utf-8' },
            body: JSON.stringify({
              issuer: `${host}/${personalTenant}/v2.0`,
              authorization_endpoint: endpoints.authorization.replace('common', 'consumers'),
              token_endpoint: endpoints.token.replace('common', 'consumers'),
              jwks_uri: endpoints.keys.replace('common', 'consumers'),
              userinfo_endpoint: endpoints.userinfo,
              response_types_supported: ['code'],
              id_token_signing_alg_values_supported: ['RS256'],
              ...documentMembers,
            }),
          }
        : undefined,
  })
}

const discoveryOf = (tenant: string): string =>
  `${host}/${tenant}/v2.0/.well-known/openid-configuration`

const documentMembers = {
  token_endpoint_auth_methods_supported: [
    'client_secret_post',
    'private_key_jwt',
    'client_secret_basic',
  ],
  response_modes_supported: ['query', 'fragment', 'form_post'],
  subject_types_supported: ['pairwise'],
  scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
}
