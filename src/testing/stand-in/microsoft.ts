import { randomBytes } from 'node:crypto'
import { json, type Look } from './look.js'
import { createOpenIdLook, type LookDeps, standardClaims } from './openid-look.js'
import { nameOf, type StandInPerson } from './people.js'

/**
 * Microsoft: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc. Of `common` and `organizations`
 * discovery says the issuer with a gap, `{tenantid}`, which each token fills with the tenant of its account: the one of
 * personal accounts at `common` and `consumers`, one that is made up at `organizations`, and else the one in the path.
 * Nothing says whether an address was confirmed; the claims are those of an app that asks for `email` and `xms_edov`.
 */
const host = 'https://login.microsoftonline.com'
const personalTenant = '9188040d-6c67-4c5b-b112-36a304b66dad'
const workTenant = '72f988bf-0000-4000-8000-2d7cd011db47'
const place = /^\/login\.microsoftonline\.com\/(common|organizations|consumers|[\da-f-]{36})(\/.*)$/
const discovery = '/v2.0/.well-known/openid-configuration'

export const microsoftStandIn = (deps: LookDeps): Look =>
  createOpenIdLook(deps, {
    name: 'microsoft',
    title: 'Microsoft',
    issuer: `${host}/{tenantid}/v2.0`,
    discovery: [],
    ofKeys: { issuer: `${host}/{tenantid}/v2.0` },
    endpoints: endpointsOf('common'),
    placeOf: (path) => path.replace(place, '/login.microsoftonline.com/common$2'),
    claims: (person, scopes) => {
      const { email_verified: _unsaid, ...claims } = standardClaims(person, scopes)
      return claims
    },
    tokenClaims: (person, _, path) => tokenClaims(person, tenantIn(path)),
    tokenMembers: (scopes) => ({
      ext_expires_in: 3599,
      ...(scopes.has('offline_access') && {
        refresh_token: `M.${randomBytes(24).toString('base64url')}`,
      }),
    }),
    answer: ({ path }) => {
      const [, tenant, rest] = place.exec(path) ?? []
      return tenant !== undefined && rest === discovery ? json(documentOf(tenant)) : undefined
    },
  })

const tenantIn = (path = ''): string => {
  const [, tenant = 'common'] = place.exec(path) ?? []
  if (tenant === 'common' || tenant === 'consumers') return personalTenant
  return tenant === 'organizations' ? workTenant : tenant
}

const tokenClaims = (person: StandInPerson, tenant: string) => ({
  iss: `${host}/${tenant}/v2.0`,
  ver: '2.0',
  tid: tenant,
  oid: `00000000-0000-0000-0000-${person.subject.padStart(12, '0').slice(-12)}`,
  name: nameOf(person),
  ...(person.email !== null && {
    preferred_username: person.email,
    xms_edov: person.emailVerified,
  }),
})

const endpointsOf = (tenant: string) => ({
  authorization: `${host}/${tenant}/oauth2/v2.0/authorize`,
  token: `${host}/${tenant}/oauth2/v2.0/token`,
  keys: `${host}/${tenant}/discovery/v2.0/keys`,
  userinfo: 'https://graph.microsoft.com/oidc/userinfo',
})

const documentOf = (tenant: string) => {
  const { authorization, token, keys, userinfo } = endpointsOf(tenant)
  const isOpen = tenant === 'common' || tenant === 'organizations'
  return {
    issuer: `${host}/${isOpen ? '{tenantid}' : tenantIn(`/login.microsoftonline.com/${tenant}/`)}/v2.0`,
    authorization_endpoint: authorization,
    token_endpoint: token,
    jwks_uri: keys,
    userinfo_endpoint: userinfo,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
  }
}
