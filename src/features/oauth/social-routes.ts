import { z } from 'zod'
import { AuthError } from '../../errors.js'
import { type Input, type Route, route } from '../../http/route.js'
import type { SocialLogin, Token } from './social-login.js'

const text = z.string().max(2048)
const verifier = z
  .string()
  .regex(/^[\w.~-]{43,128}$/, 'A verifier has 43 to 128 letters, digits and -._~ (RFC 7636 §4.1).')

/** Exactly one kind of proof. */
const proof = {
  code: text.optional(),
  code_verifier: verifier.optional(),
  redirect_uri: text.optional(),
  id_token: z.string().max(8192).optional(),
  nonce: z.string().min(8).max(255).optional(),
}
type ProofBody = z.output<z.ZodObject<typeof proof>>

const startQuery = z.strictObject({
  return_to: text
    .optional()
    .describe('Where the browser goes in the end; one of RETURN_URLS, to the last character'),
  code_challenge: z
    .string()
    .regex(/^[\w-]{43}$/, 'A challenge is a SHA-256 in base64url (RFC 7636 §4.2).')
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

/** Providers add parameters of their own. */
const callbackQuery = z.object({
  code: text.optional(),
  state: text.optional(),
  error: text.optional(),
  iss: text.optional(),
})

const tokenBody = z
  .strictObject({ ...proof, claim: z.literal(true).optional() })
  .meta({ examples: [{ id_token: 'eyJhbGciOi…', nonce: 'n-0S6_WzA2Mj' }] })
const exchangeBody = z.strictObject({ code: text, code_verifier: verifier }).meta({
  examples: [{ code: 'v1.…', code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' }],
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

/** Signing in through providers, and the logins that a user has linked. */
export const socialRoutes = (social: SocialLogin): Route[] => [
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
    query: startQuery,
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
    limit: { name: 'login' },
    query: callbackQuery,
    answers: { 303: 'Onward', 400: ['unsupported_provider', 'invalid_state'] },
    handle: ({ query, browserCookie, caller, ...input }) =>
      social.redirects.finish(nameIn(input), query, browserCookie, caller),
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

/** @throws AuthError `missing_token`, `invalid_body` unless it is exactly one kind of proof */
const tokenOf = (body: ProofBody, accessToken?: string): Token => {
  const {
    code,
    code_verifier: codeVerifier,
    redirect_uri: redirectUri,
    id_token: idToken,
    nonce,
  } = body
  const kinds = [code, idToken, accessToken].filter((each) => each !== undefined)
  if (kinds.length === 0) throw new AuthError('missing_token')
  if (kinds.length > 1)
    throw refuse('code', 'unexpected', 'Send one proof: an access token, a code, or an ID token.')
  if (accessToken !== undefined) return { accessToken }
  if (idToken !== undefined) {
    if (nonce === undefined)
      throw refuse('nonce', 'required', 'An ID token counts with the nonce that was asked for.')
    return { idToken, nonce }
  }
  if (code === undefined || codeVerifier === undefined)
    throw refuse('code_verifier', 'required', 'A code counts with its verifier (RFC 7636 §4.5).')
  if (redirectUri === undefined || !URL.canParse(redirectUri) || /[?#]/.test(redirectUri))
    throw refuse(
      'redirect_uri',
      'required',
      'A code counts with the redirect address it was sent to, without a query.',
    )
  return { code, codeVerifier, redirectUri, nonce }
}

const refuse = (field: string, code: string, detail: string): AuthError =>
  new AuthError('invalid_body', { fields: [{ field, code, detail }] })
