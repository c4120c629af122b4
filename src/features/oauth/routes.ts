import { z } from 'zod'
import { type Input, type Route, route } from '../../http/route.js'
import type { Clients } from './clients.js'
import type { Introspect } from './introspection.js'
import type { Revoke } from './revocation.js'

/** Parameters that nobody knows are ignored (RFC 6749 §3.2), so the form is open. */
const tokenForm = z.object({
  token: z.string().min(1),
  token_type_hint: z.string().optional().describe('Needed by nobody: tokens tell their kind'),
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
})
type Asked = Input<z.output<typeof tokenForm>> & { clientId: string }

const asked = {
  method: 'POST',
  tag: 'OAuth',
  access: 'client',
  // a service asks for all its users from one address, and its secret is beyond guessing
  limit: 'none',
  encoding: 'form',
  body: tokenForm,
} as const

type Rooms = { clients: Clients; introspect: Introspect; revoke: Revoke }

/** What other services may ask. Without a client nobody may, and there are no such routes. */
export const oauthRoutes = ({ clients, introspect, revoke }: Rooms): Route[] =>
  clients.exist ? [introspectionRoute(introspect), revocationRoute(revoke)] : []

const introspectionRoute = (introspect: Introspect): Route =>
  route({
    ...asked,
    path: '/oauth/introspect',
    summary: 'Ask what a token is worth at this moment (RFC 7662)',
    description:
      'For access and refresh tokens. Whatever is wrong with a token, the answer is `{"active":false}`.',
    answers: { 200: 'Raw', 400: 'malformed_request', 401: 'invalid_client' },
    handle: async ({ body }: Asked) => json(await introspect(body.token)),
  })

const revocationRoute = (revoke: Revoke): Route =>
  route({
    ...asked,
    path: '/oauth/revoke',
    summary: 'End the session of a token (RFC 7009)',
    description: 'For access and refresh tokens. A token that is not known is no mistake.',
    answers: { 200: 'Raw', 400: 'malformed_request', 401: 'invalid_client' },
    handle: async ({ body, clientId, caller }: Asked) => {
      await revoke(body.token, clientId, caller)
      return json({})
    },
  })

const json = (value: object) => ({
  contentType: 'application/json; charset=utf-8',
  body: JSON.stringify(value),
})
