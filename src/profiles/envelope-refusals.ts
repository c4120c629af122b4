import { AuthError, type ErrorCode } from '../errors.js'
import type { Refusal, Refused } from './dialect.js'
import { envelopedRefusal } from './enveloped.js'
import { detailRefusals, type Sentences, sentenceFor } from './fastapi.js'

/** How the envelope service refuses. */
const sentences: Sentences = {
  email_taken: [400, 'Email already registered'],
  unsupported_provider: [400, 'Unsupported OAuth provider'],
  // its clients have access tokens and nothing else
  unsupported_proof: [400, 'Unsupported OAuth provider'],
  invalid_credentials: [401, 'Incorrect email or password'],
  account_disabled: [401, 'Incorrect email or password'],
  missing_token: [401, 'Not authenticated'],
  invalid_token: [401, 'JWT 解碼失敗'],
  'invalid_token wrong_scheme': [401, 'Not authenticated'],
  'POST /auth/refresh missing_token': [401, 'Refresh token not found in cookies'],
  'POST /auth/refresh invalid_token': [401, 'Invalid refresh token'],
  session_expired: [401, 'Invalid refresh token'],
  session_revoked: [401, 'Invalid refresh token'],
}

/**
 * Whatever is wrong with a provider's token, or stands between its owner and an account, is one refusal there. A provider
 * that is away is none of it: 503, and the same token may be sent again.
 */
const providerFaults: ReadonlySet<ErrorCode> = new Set([
  'provider_token_rejected',
  'provider_email_missing',
  'account_exists',
  'account_disabled',
  'registration_closed',
  'invalid_credentials',
])

const wordsFor = (error: AuthError, about: Refused): readonly [number, string] => {
  const isOfProvider = about.method === 'POST' && about.path.startsWith('/auth/oauth/')
  if (isOfProvider && providerFaults.has(error.code)) return [401, 'OAuth authentication failed']
  return sentenceFor(sentences, error, about)
}

/** error_code and message, by status. */
const refusals: Readonly<Record<number, readonly [string, string]>> = {
  400: ['REQUEST_FAILED', 'The request failed'],
  401: ['AUTHENTICATION_FAILED', 'Authentication failed'],
  403: ['AUTHORIZATION_FAILED', 'This is not allowed'],
  404: ['NOT_FOUND', 'There is nothing at this address'],
  405: ['METHOD_NOT_ALLOWED', 'This address does not take that method'],
  408: ['REQUEST_TIMEOUT', 'The request did not arrive in time'],
  409: ['CONFLICT', 'This is taken already'],
  413: ['PAYLOAD_TOO_LARGE', 'The body is too large'],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'The body must be JSON'],
  429: ['TOO_MANY_REQUESTS', 'Too many requests'],
  431: ['HEADERS_TOO_LARGE', 'The headers are too large'],
  500: ['INTERNAL_SERVER_ERROR', 'Something went wrong on this side'],
  503: ['SERVICE_UNAVAILABLE', 'The service is not available at this moment'],
}

const failed = ['REQUEST_FAILED', 'The request failed'] as const

/** What is wrong with a body is said as the framework says it, without the envelope. */
const bare = detailRefusals({})
const bodyFaults: ReadonlySet<string> = new Set(['malformed_json', 'invalid_body'])

/** What is a first name to us is a username to them. */
const asSent = ({ code, fields, cause }: AuthError): AuthError =>
  new AuthError(code, {
    cause,
    fields: fields.map((fault) =>
      fault.field === 'first_name' ? { ...fault, field: 'username' } : fault,
    ),
  })

export const refuse = (error: AuthError, about: Refused): Refusal => {
  if (bodyFaults.has(error.code)) return bare(asSent(error), about)
  const [status, detail] = wordsFor(error, about)
  const [code, message] = refusals[status] ?? failed
  const body = envelopedRefusal({ status, message, code, details: { detail } })
  if (status === 401 && about.path === '/auth/debug-token') return { status: 200, body: told(body) }
  return { status, body, ...(status === 401 && { headers: ['www-authenticate', 'Bearer'] }) }
}

/** That route failed with the shape of a success. */
const told = ({
  error_code: _code,
  details: _details,
  ...rest
}: ReturnType<typeof envelopedRefusal>): object => rest
