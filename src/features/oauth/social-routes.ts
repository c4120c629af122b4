import { z } from 'zod'
import { type Input, type Route, route } from '../../http/route.js'
import { proof, text, tokenOf, verifier } from './proof-body.js'
import type { SocialLogin } from './social-login.js'

const codeChallenge = z
  .string()
  .regex(/^[\w-]{43}$/, 'A challenge is a SHA-256 in base64url (RFC 7636 §4.2).')

const startQuery = z.strictObject({
  return_to: text
    .optional()
    .describe('Where the browser goes in the end; one of RETURN_URLS, to the last character'),
  code_challenge: codeChallenge
    .optional()
    .describe(
      'For apps on other sites: they fetch the grant with a code and the verifier. Without it the grant is a cookie',
    ),
  code_challenge_method: z.literal('S256').optional(),
  claim: z
    .literal('true')
    .optional()
    .describe('Take over an account whose address was never confirmed'),
})

/** Where no cookie may carry the grant, only a code can. */
const startQueryOfApps = startQuery.extend({ code_challenge: codeChallenge })

/** Providers add parameters of their own. Their codes may be long, and so is our state with a long `return_to` in it. */
const callbackQuery = z.object({
  code: z.string().max(4096).optional(),
  state: z.string().max(4096).optional(),
  error: z.string().max(255).optional(),
  iss: z.string().max(512).optional(),
})
/** Node takes 16 KB of headers, the address among them. */
const mostQueryCharacters = 10_240

const tokenBody = z
  .strictObject({ ...proof, claim: z.literal(true).optional() })
  .meta({ examples: [{ id_token: 'the ID token of the provider', nonce: 'n-0S6_WzA2Mj' }] })
const exchangeBody = z.strictObject({ code: text, code_verifier: verifier }).meta({
  examples: [
    {
      code: 'the code that came back',
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    },
  ],
})
const linkBody = z.strictObject({
  return_to: text.optional(),
  password: z.string().max(1024).optional(),
})
const linkedBody = z.strictObject({
  provider: z.string().max(32),
  ...proof,
  password: z.string().max(1024).optional(),
})
const removalBody = z.strictObject({ password: z.string().max(1024).optional() })

const failures = {
  400: ['unsupported_provider', 'unsupported_proof'],
  401: ['missing_token', 'provider_token_rejected'],
  403: ['provider_email_missing', 'account_disabled', 'registration_closed'],
  409: 'account_exists',
  503: 'provider_unavailable',
} as const

const nameIn = ({ params }: Pick<Input<unknown>, 'params'>): string => params.provider ?? ''

/**
 * Signing in through providers, and the logins that a user has linked.
 *
 * @param grantsAsCookie whether a browser may be given its grant as a cookie; without it every visit needs a `code_challenge`
 */
export const socialRoutes = (social: SocialLogin, grantsAsCookie: boolean): Route[] => [
  route({
    method: 'GET',
    path: '/auth/oauth',
    summary: 'The login providers that are set up',
    tag: 'Signing in',
    access: 'public',
    answers: { 200: 'Providers' },
    handle: async () => social.providers.list(),
  }),
  route({
    method: 'GET',
    path: '/auth/oauth/{provider}',
    summary: 'Send a browser to a provider to sign in',
    description:
      'The browser comes back to `return_to` with the grant as a cookie, or, with a `code_challenge`, with `?code=` for POST /auth/oauth/exchange. What went wrong comes back as `?error=` with one of our codes.',
    tag: 'Signing in',
    access: 'public',
    cookie: 'oauth browser',
    isVisited: true,
    startsInApps: !grantsAsCookie,
    query: grantsAsCookie ? startQuery : startQueryOfApps,
    answers: {
      303: 'Onward',
      400: ['unsupported_provider', 'return_url_not_allowed'],
      503: 'provider_unavailable',
    },
    handle: ({ query, browserCookie, ...input }) =>
      social.redirects.start(
        nameIn(input),
        {
          returnTo: query.return_to,
          codeChallenge: query.code_challenge,
          claim: query.claim && true,
        },
        browserCookie,
      ),
  }),
  route({
    method: 'GET',
    path: '/auth/oauth/{provider}/callback',
    summary: 'Where a provider sends the browser back to',
    tag: 'Signing in',
    access: 'public',
    cookie: 'oauth browser',
    isVisited: true,
    startsInApps: !grantsAsCookie,
    limit: { name: 'login' },
    query: callbackQuery,
    mostQueryCharacters,
    answers: { 303: 'Onward', 400: ['unsupported_provider', 'invalid_state'] },
    handle: ({ query, browserCookie, caller, ...input }) =>
      social.redirects.finish(nameIn(input), query, browserCookie, caller),
  }),
  route({
    method: 'POST',
    path: '/auth/oauth/{provider}/callback',
    summary: 'Where a provider posts its answer to, if it does so',
    description:
      'Sends the browser on to the same address with `code`, `state`, `error` and `iss`, and does nothing else. Only for providers that answer with `response_mode=form_post`.',
    tag: 'Signing in',
    access: 'public',
    isVisited: true,
    startsInApps: !grantsAsCookie,
    anyOrigin: true,
    encoding: 'form',
    body: callbackQuery,
    answers: {
      303: 'Onward',
      400: ['unsupported_provider', 'malformed_request'],
      405: 'method_not_allowed',
    },
    handle: async ({ body, ...input }) => social.redirects.relay(nameIn(input), body),
  }),
  exchangeRoute(social),
  route({
    method: 'POST',
    path: '/auth/oauth/exchange',
    summary: 'Trade the code of a finished sign-in for its tokens',
    description:
      'The code is worth one exchange within 60 seconds, with the verifier of the `code_challenge`.',
    tag: 'Signing in',
    access: 'public',
    limit: { name: 'login' },
    body: exchangeBody,
    answers: { 200: 'Grant', 400: 'invalid_exchange_code', 403: 'account_disabled' },
    handle: ({ body, caller }) => social.exchange(body.code, body.code_verifier, caller),
  }),
  route({
    method: 'POST',
    path: '/auth/oauth/{provider}/link',
    summary: 'Begin to link a provider to your account',
    description:
      'Send the browser to the `location` of the answer. It comes back to `return_to` with `?linked=` and the name of the provider, or `?error=`. Needs a sign-in within the last 10 minutes, or the password.',
    tag: 'Account',
    access: 'bearer',
    cookie: 'oauth browser',
    body: linkBody,
    bodyOptional: true,
    answers: {
      200: 'Departure',
      400: ['unsupported_provider', 'return_url_not_allowed'],
      401: ['missing_token', 'invalid_token'],
      403: ['reauthentication_required', 'wrong_password'],
      429: 'too_many_attempts',
      503: 'provider_unavailable',
    },
    handle: ({ signedIn: { user, session }, body, browserCookie: browser, caller, ...input }) =>
      social.startLink(
        nameIn(input),
        { userId: user.id, proof: { password: body.password, sessionId: session.id }, browser },
        { returnTo: body.return_to },
        caller,
      ),
  }),
  route({
    method: 'GET',
    path: '/auth/identities',
    summary: 'Your linked logins',
    tag: 'Account',
    access: 'bearer',
    answers: { 200: 'Identities', 401: ['missing_token', 'invalid_token'] },
    handle: ({ signedIn: { user } }) => social.identities.list(user.id),
  }),
  route({
    method: 'POST',
    path: '/auth/identities',
    summary: 'Link a provider by what it gave to your app',
    description: 'Needs a sign-in within the last 10 minutes, or the password.',
    tag: 'Account',
    access: 'bearer',
    limit: { name: 'login' },
    body: linkedBody,
    answers: {
      201: 'Identity',
      400: ['unsupported_provider', 'unsupported_proof'],
      401: ['missing_token', 'invalid_token', 'provider_token_rejected'],
      403: ['reauthentication_required', 'wrong_password'],
      409: 'identity_taken',
      429: 'too_many_attempts',
      503: 'provider_unavailable',
    },
    handle: ({ signedIn: { user, session }, body, caller }) =>
      social.link(
        body.provider,
        { userId: user.id, proof: { password: body.password, sessionId: session.id } },
        tokenOf(body),
        caller,
      ),
  }),
  route({
    method: 'DELETE',
    path: '/auth/identities/{id}',
    summary: 'Unlink a login',
    description:
      'All other sessions end. The last way in to an account stays. Needs a sign-in within the last 10 minutes, or the password.',
    tag: 'Account',
    access: 'bearer',
    body: removalBody,
    bodyOptional: true,
    answers: {
      204: 'Empty',
      401: ['missing_token', 'invalid_token'],
      403: ['reauthentication_required', 'wrong_password'],
      404: 'identity_not_found',
      409: 'last_way_in',
      429: 'too_many_attempts',
    },
    handle: async ({ signedIn: { user, session }, params, body, caller }) => {
      const proof = { password: body.password, sessionId: session.id }
      await social.identities.unlink({ userId: user.id, id: params.id ?? '' }, proof, caller)
      return { signedOut: false }
    },
  }),
]

/** Also the one route of a dialect that has login providers. */
export const exchangeRoute = (social: SocialLogin): Route =>
  route({
    method: 'POST',
    path: '/auth/oauth/{provider}',
    summary: 'Trade what a provider gave to your app for tokens',
    description:
      'One of three: the access token of the provider as `Authorization: Bearer`; `code`, `code_verifier` and `redirect_uri`; `id_token` and `nonce`. An access token counts only where the provider confirms that it was issued to this application.',
    tag: 'Signing in',
    access: 'public or bearer',
    limit: { name: 'login' },
    body: tokenBody,
    bodyOptional: true,
    answers: { 200: 'Grant', ...failures },
    handle: ({ body, bearerToken, caller, ...input }) =>
      social.trade(
        nameIn(input),
        { token: tokenOf(body ?? {}, bearerToken), claim: body?.claim },
        caller,
      ),
  })
