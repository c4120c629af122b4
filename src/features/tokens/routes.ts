import { hash } from 'node:crypto'
import { type Route, route } from '../../http/route.js'
import { readCompactToken } from './compact-token.js'
import { foreignTokenType } from './token-format.js'
import type { Tokens } from './tokens.js'

/** How long others may keep the key set; a new key is public for longer before it signs. */
const cacheSeconds = 300

export const tokenRoutes = (tokens: Tokens): Route[] => [
  route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    summary: 'Public keys that verify access tokens (RFC 7517)',
    description: 'Empty when a shared secret signs (HS256).',
    tag: 'Keys',
    access: 'public',
    answers: { 200: 'Raw' },
    handle: async () => {
      const body = JSON.stringify(await tokens.jwks())
      return {
        contentType: 'application/json; charset=utf-8',
        body,
        headers: {
          'cache-control': `public, max-age=${cacheSeconds}`,
          etag: `"${hash('sha256', body, 'base64url')}"`,
          'access-control-allow-origin': '*',
          'cross-origin-resource-policy': 'cross-origin',
        },
      }
    },
  }),
]

/** For dialects that have such a route: what everybody who holds the token can read in it. */
export const claimsRoute: Route = route({
  method: 'GET',
  path: '/auth/debug-token',
  summary: 'Read what your access token says',
  tag: 'Account',
  access: 'bearer',
  answers: { 200: 'Claims', 401: ['missing_token', 'invalid_token'] },
  handle: async ({ bearerToken = '' }) => ({
    ...readCompactToken(bearerToken, foreignTokenType)?.payload,
  }),
})
