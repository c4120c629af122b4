/**
 * Every refusal latchkey can give. `status` and `detail` are what callers see; `help` is what the page of the code says
 * to the person who has to mend it. A thing that goes wrong and is not here is a bug and becomes a plain 500.
 */
export const catalogue = {
  malformed_request: {
    status: 400,
    title: 'Malformed request',
    detail: 'The request could not be understood.',
    help: 'A header is repeated or broken, or the request names two things where one is meant. Send each of Host, Authorization, Content-Type and Origin once.',
  },
  malformed_json: {
    status: 400,
    title: 'Malformed JSON',
    detail: 'The body is not valid JSON.',
    help: 'Send one JSON object in UTF-8 without a byte order mark, without repeated member names, nested at most ten deep.',
  },
  unsupported_provider: {
    status: 400,
    title: 'Login provider not supported',
    detail: 'Signing in through this provider is not possible here.',
    help: 'Check the name of the provider in the address; none is set up under that name. GET /auth/oauth lists those that are.',
  },
  unsupported_proof: {
    status: 400,
    title: 'Proof not supported',
    detail: 'What was sent is not a proof that can be checked with {provider}.',
    help: 'Send a code with its code_verifier and redirect_uri, or an id_token with its nonce. Access tokens are taken only from providers that tell to whom they were issued; GET /auth/oauth says what each provider takes.',
  },
  return_url_not_allowed: {
    status: 400,
    title: 'Return address not allowed',
    detail: 'Browsers are not sent back to that address.',
    help: 'Add the exact address, to the last character, to RETURN_URLS, or send none: then FRONTEND_URL or the first of RETURN_URLS is taken.',
  },
  invalid_state: {
    status: 400,
    title: 'Sign-in not under way',
    detail:
      'This sign-in was not started in this browser, took too long, or has been finished already.',
    help: 'Start again. A sign-in has to be finished within 10 minutes, in the browser in which it was started, and once. Cookies of this site must be allowed.',
  },
  invalid_exchange_code: {
    status: 400,
    title: 'Code not accepted',
    detail: 'The code is unknown, expired or used, or the verifier is not the right one.',
    help: 'A code is worth one exchange within 60 seconds, with the code_verifier whose SHA-256 was given as code_challenge at the start. Start the sign-in again.',
  },
  missing_token: {
    status: 401,
    title: 'Not signed in',
    detail: 'This needs a token, and none was sent.',
    help: 'Send the access token as "Authorization: Bearer <token>", or the refresh token as a cookie or in the body where the route takes one.',
  },
  invalid_token: {
    status: 401,
    title: 'Token not accepted',
    detail: 'The token is malformed, expired, revoked or was not issued here.',
    help: 'Get a new access token with POST /auth/refresh; if that is refused too, sign in again. Check that the clocks agree and that the token was issued by this server.',
  },
  session_revoked: {
    status: 401,
    title: 'Session ended',
    detail: 'This session has been ended. Please sign in again.',
    help: 'Somebody signed out, the password was changed, the account was disabled, or a refresh token was used twice, which may mean that it was stolen. Sign in again.',
  },
  session_expired: {
    status: 401,
    title: 'Session expired',
    detail: 'This session has expired. Please sign in again.',
    help: 'The refresh token was not used in time, or the session reached its absolute limit. Sign in again.',
  },
  invalid_client: {
    status: 401,
    title: 'Client not accepted',
    detail: 'The client id or the client secret is wrong or missing.',
    help: 'Send the id and the secret of a client in OAUTH_CLIENTS, as HTTP Basic authentication or as client_id and client_secret in the form.',
  },
  invalid_credentials: {
    status: 401,
    title: 'Wrong credentials',
    detail: 'The name or the password is wrong.',
    help: 'Check both. The answer is the same whether the account exists or not.',
  },
  provider_denied: {
    status: 401,
    title: 'Sign-in not confirmed',
    detail: 'The sign-in was not confirmed at {provider}.',
    help: 'Somebody cancelled it there, or the provider does not know this application. Try again; if it never works, check the client id, the redirect address and the scopes at the provider.',
  },
  provider_token_rejected: {
    status: 401,
    title: 'Proof not accepted',
    detail: 'What came from {provider} proves nothing here.',
    help: 'The code or token is spent, expired, malformed, signed by nobody we know, or was issued to another application. Start again; the log says at debug level what was wrong.',
  },
  wrong_password: {
    status: 403,
    title: 'Wrong password',
    detail: 'The current password is wrong.',
    help: 'This change needs the present password once more. Send the right one.',
  },
  account_disabled: {
    status: 403,
    title: 'Account disabled',
    detail: 'This account has been disabled.',
    help: 'An administrator disabled the account. Ask them to enable it again.',
  },
  provider_email_missing: {
    status: 403,
    title: 'No confirmed e-mail address',
    detail: '{provider} named no confirmed e-mail address, and a new account needs one.',
    help: 'Confirm an address there and let this application see it, then try again. Whoever has an account here can sign in to it and link the provider.',
  },
  reauthentication_required: {
    status: 403,
    title: 'Recent sign-in needed',
    detail: 'This needs a recent sign-in. Please sign in again, or send the password.',
    help: 'The session was opened more than 10 minutes ago, or not by signing in. Sign in again and repeat the request; whoever has a password may send it with the request instead.',
  },
  origin_not_allowed: {
    status: 403,
    title: 'Origin not allowed',
    detail: 'Requests from this web origin are not accepted.',
    help: 'The page that sent the request is not on this server. Add its exact origin, for example https://app.example.com, to ALLOWED_ORIGINS. A cookie without any sign of where the request comes from needs "Content-Type: application/json" or the header X-Requested-With.',
  },
  address_not_allowed: {
    status: 403,
    title: 'Address not allowed',
    detail: 'Requests from this network address are not accepted.',
    help: 'The address that sent the request is on DENIED_ADDRESSES, or not on ALLOWED_ADDRESSES; for paths under /admin the lists ADMIN_DENIED_ADDRESSES and ADMIN_ALLOWED_ADDRESSES count too. Behind a proxy, TRUSTED_PROXIES must name it.',
  },
  registration_closed: {
    status: 403,
    title: 'Registration closed',
    detail: 'Accounts cannot be changed or made here.',
    help: 'The users of this server live in a store that latchkey may only read. Manage them where they are kept.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    detail: 'There is nothing at this address.',
    help: 'Paths are matched exactly: no trailing slash, no other case, no percent-encoding. GET /openapi.json lists them all.',
  },
  session_not_found: {
    status: 404,
    title: 'Session not found',
    detail: 'You have no such session.',
    help: 'The session has ended already, or it is not yours. GET /auth/sessions lists yours.',
  },
  identity_not_found: {
    status: 404,
    title: 'Linked login not found',
    detail: 'You have no such linked login.',
    help: 'It has been unlinked already, or it is not yours. GET /auth/identities lists yours.',
  },
  account_not_found: {
    status: 404,
    title: 'Account not found',
    detail: 'There is no such account.',
    help: 'Check the e-mail address, username or id. "latchkey users list" shows the accounts.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: 'This address does not take that method.',
    help: 'The Allow header of the answer lists the methods that work.',
  },
  request_timeout: {
    status: 408,
    title: 'Request timeout',
    detail: 'The request did not arrive in time.',
    help: 'Headers have to arrive within 10 seconds, the whole request within 15. Send it again, in one piece.',
  },
  email_taken: {
    status: 409,
    title: 'E-mail address taken',
    detail: 'There is already an account with this e-mail address.',
    help: 'Sign in instead, or use another address. Upper and lower case make no difference.',
  },
  username_taken: {
    status: 409,
    title: 'Username taken',
    detail: 'There is already an account with this username.',
    help: 'Choose another username. Upper and lower case make no difference.',
  },
  account_exists: {
    status: 409,
    title: 'Account exists',
    detail:
      'There is already an account with the e-mail address that {provider} named. Sign in to it and link {provider} there.',
    help: 'Sign in the way you did before, then link the provider (POST /auth/oauth/{provider}/link). If you never made that account and its address was never confirmed, start again with claim=true: the provider confirms that the address is yours, and the password and the sessions that were there before end.',
  },
  identity_taken: {
    status: 409,
    title: 'Login already linked',
    detail: 'This login at {provider} cannot be linked here.',
    help: 'It belongs to an account already. Sign in with it to see which one, or unlink it there first.',
  },
  last_way_in: {
    status: 409,
    title: 'Last way in',
    detail: 'This is the last way in to the account, so it stays.',
    help: 'Link another provider, or set a password (POST /auth/password/change), then unlink this one.',
  },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    detail: 'The body is larger than this server accepts.',
    help: 'The limit is 10 KB unless MAX_REQUEST_BODY_SIZE says otherwise; it counts bytes.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: 'The body must be sent as application/json, not compressed.',
    help: 'Send "Content-Type: application/json" and no Content-Encoding.',
  },
  invalid_body: {
    status: 422,
    title: 'Invalid body',
    detail: 'Some fields are not right; "errors" says which.',
    help: 'Each entry of "errors" names a field, a code and what is wrong. Members that the route does not know are refused too (unknown_field).',
  },
  invalid_query: {
    status: 422,
    title: 'Invalid query',
    detail: 'Some parameters of the address are not right; "errors" says which.',
    help: 'Each entry of "errors" names a parameter, a code and what is wrong. A parameter may come once, and those that the route does not know are refused too (unknown_field).',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    detail: 'Too many requests came from this address. Please try again later.',
    help: 'Wait as long as Retry-After says; the RateLimit headers tell what is left. If many users share the address because a proxy stands in front, name the proxy in TRUSTED_PROXIES; otherwise raise the limit that RateLimit-Policy names with RATE_LIMIT_REQUESTS, RATE_LIMIT_LOGIN, RATE_LIMIT_REGISTER or RATE_LIMIT_REFRESH.',
  },
  too_many_attempts: {
    status: 429,
    title: 'Too many attempts',
    detail: 'There were too many failed attempts. Please wait, and try again then.',
    help: 'The password was not looked at. Wait as long as Retry-After says: the lock ends by itself. The answer is the same whether the account exists or not. "latchkey locks list" shows the locks, "latchkey locks clear" ends them.',
  },
  headers_too_large: {
    status: 431,
    title: 'Headers too large',
    detail: 'The headers of the request are larger than this server accepts.',
    help: 'All headers together may have 16 KB. Look for cookies that have piled up, or for a token that was sent twice.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong on this side.',
    help: 'The log holds the cause under the request_id of the answer.',
  },
  overloaded: {
    status: 503,
    title: 'Busy',
    detail: 'Too much is asked at this moment. Please try again shortly.',
    help: 'As many requests as may wait are waiting already: for a core to check passwords, or for the database. Nothing was changed and no token was spent. Wait as long as Retry-After says. The log names the line that is full and the setting that bounds it (PASSWORD_HASH_QUEUE, DATABASE_QUEUE); a longer line only makes everybody wait longer.',
  },
  provider_unavailable: {
    status: 503,
    title: 'Login provider unavailable',
    detail:
      '{provider} does not answer as it should. Please try again shortly, or sign in another way.',
    help: 'The provider was too slow (10 seconds), ended the connection, sent us elsewhere, answered more than 1 MiB or something that is not in its documents. Other ways in are not concerned. The log has the cause.',
  },
  store_unavailable: {
    status: 503,
    title: 'Store unavailable',
    detail: 'The database cannot be reached or written. Please try again shortly.',
    help: 'Nothing was changed and no token was spent. Look at GET /health/ready and at the log; the disk may be full or read-only.',
  },
  shutting_down: {
    status: 503,
    title: 'Shutting down',
    detail: 'This server is stopping. Please try again shortly.',
    help: 'Another instance, or this one after its restart, will answer.',
  },
} as const satisfies Record<string, CatalogueEntry>

export type CatalogueEntry = { status: number; title: string; detail: string; help: string }
export type ErrorCode = keyof typeof catalogue

/** One wrong field of a body or parameter of a query. `detail` never repeats the value. */
export type FieldError = { field: string; code: string; detail: string }

/** Why, where dialects word it differently; native answers never tell. */
export type Reason = 'expired' | 'wrong_type' | 'wrong_scheme' | 'unknown_user'

export type AuthErrorOptions = {
  reason?: Reason
  /** The login provider that the sentence names. */
  provider?: { name: string; title: string }
  fields?: readonly FieldError[]
  retryAfterSeconds?: number
  /** Methods that the address does take. */
  allow?: readonly string[]
  cause?: unknown
}

/** A refusal: something the caller may know and can act on. Never holds a token, password, hash or address. */
export class AuthError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly fields: readonly FieldError[]
  readonly retryAfterSeconds: number | undefined
  readonly allow: readonly string[]
  readonly reason: Reason | undefined
  /** Name of the login provider that this is about. */
  readonly provider: string | undefined

  constructor(code: ErrorCode, options: AuthErrorOptions = {}) {
    super(
      catalogue[code].detail.replaceAll('{provider}', options.provider?.title ?? 'the provider'),
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.name = 'AuthError'
    this.code = code
    this.status = catalogue[code].status
    this.fields = options.fields ?? []
    this.allow = options.allow ?? []
    this.reason = options.reason
    this.provider = options.provider?.name
    this.retryAfterSeconds = options.retryAfterSeconds ?? (this.status === 503 ? 1 : undefined)
  }
}

/** Whether the store cannot do it at this moment, because it is away or because too many ask: later it may. */
export const isStoreBusyOrAway = (error: unknown): boolean =>
  error instanceof AuthError && (error.code === 'store_unavailable' || error.code === 'overloaded')

/** Settings that cannot work. Lists every mistake, so that one start is enough to learn them all. */
export class ConfigurationError extends Error {
  readonly mistakes: readonly Mistake[]

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(({ option, detail }) => `${option}: ${detail}`).join('\n'))
    this.name = 'ConfigurationError'
    this.mistakes = mistakes
  }
}

/** One wrong setting: which one, and a sentence that says what is wrong and how to mend it. */
export type Mistake = { option: string; detail: string }
