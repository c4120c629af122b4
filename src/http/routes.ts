import type { Auth } from '../auth.js'
import { accountRoutes } from '../features/accounts/routes.js'
import { loginRoutes } from '../features/login/routes.js'
import { oauthRoutes } from '../features/oauth/routes.js'
import { exchangeRoute, socialRoutes } from '../features/oauth/social-routes.js'
import { sessionRoutes } from '../features/sessions/routes.js'
import { claimsRoute, tokenRoutes } from '../features/tokens/routes.js'
import { inDialect } from './dialect.js'
import { inEnvelope } from './in-envelope.js'
import type { Route } from './route.js'
import { serviceRoutes } from './service-routes.js'

/**
 * Everything that can be asked over HTTP, and also stands under /v1. `others` are a host's own, such as pages; `isReady`
 * is a host's own say in /health/ready.
 */
export const routesOf = (
  auth: Auth,
  others: readonly Route[] = [],
  isReady: () => boolean = () => true,
): Route[] => {
  const routes = inDialect(
    [
      // POST /auth/register, /auth/login
      ...loginRoutes(auth.rooms, {
        enumeration: auth.options.enumeration,
        signsIn: auth.dialect.accounts.signsIn,
      }),
      // POST /auth/refresh, /auth/logout · GET /auth/sessions · DELETE /auth/sessions/{id}
      ...sessionRoutes(auth.rooms, { logout: auth.dialect.logout }),
      // GET PATCH DELETE /auth/me · POST /auth/password/change
      ...accountRoutes(auth.rooms.accounts),
      // GET /auth/oauth · GET POST /auth/oauth/{provider} and what belongs to it · /auth/identities
      ...(auth.dialect.wire
        ? [exchangeRoute(auth.rooms.social)]
        : socialRoutes(auth.rooms.social, auth.options.http.refreshTokenTransport !== 'body')),
      // POST /oauth/introspect, /oauth/revoke, where there are clients
      ...oauthRoutes(auth.rooms),
      // GET /.well-known/jwks.json
      ...tokenRoutes(auth.rooms.tokens),
      // GET /, /health, /health/live, /health/ready
      ...serviceRoutes(auth, others, isReady),
      ...others,
      // GET /auth/debug-token, only where a dialect names it
      ...(auth.dialect.wire ? [claimsRoute] : []),
    ],
    auth.dialect.wire,
  )
  const isNative = auth.dialect.wire === undefined
  return isNative && auth.options.http.responseFormat === 'envelope' ? inEnvelope(routes) : routes
}
