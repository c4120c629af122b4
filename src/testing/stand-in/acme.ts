import type { Look } from './look.js'
import { createOpenIdLook, type LookDeps } from './openid-look.js'

/** An OpenID provider of nobody's, for everything that is known by its issuer only. */
const issuer = 'https://id.acme.example'

export const acmeStandIn = (deps: LookDeps): Look =>
  createOpenIdLook(deps, {
    name: 'acme',
    title: 'Acme',
    issuer,
    endpoints: {
      authorization: `${issuer}/authorize`,
      token: `${issuer}/token`,
      userinfo: `${issuer}/userinfo`,
      keys: `${issuer}/keys`,
    },
    besides: { iss: issuer },
    document: {
      authorization_response_iss_parameter_supported: true,
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    },
  })
