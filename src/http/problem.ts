import { AuthError, catalogue } from '../errors.js'

/** A refusal as problem details (RFC 9457). `detail` is for people, `code` for programs. */
export const problemOf = (error: AuthError, baseUrl: string, requestId: string): object => ({
  type: helpFor(error, baseUrl),
  title: catalogue[error.code].title,
  status: error.status,
  detail: error.message,
  code: error.code,
  request_id: requestId,
  ...(error.provider !== undefined && { provider: error.provider }),
  ...(error.fields.length > 0 && { errors: error.fields }),
})

/** The page that explains its code. */
export const helpFor = ({ code }: AuthError, baseUrl: string): string => `${baseUrl}/errors/${code}`

/** Anything that is not a refusal is a bug: the caller learns only that there was one. */
export const refusalOf = (error: unknown): AuthError =>
  error instanceof AuthError ? error : new AuthError('internal_error', { cause: error })

/** The word that OAuth clients look for (RFC 6749 §5.2), besides the members of a problem. */
export const oauthError = ({ code, status }: AuthError): { error?: string } => {
  if (code === 'invalid_client') return { error: 'invalid_client' }
  return status >= 400 && status < 500 ? { error: 'invalid_request' } : {}
}

/** How to authenticate, for every 401 (RFC 6750 §3): the error is named only when a token was sent. */
export const challengeOf = (error: AuthError): string =>
  error.code === 'invalid_client'
    ? 'Basic realm="latchkey", charset="UTF-8"'
    : bearerChallenge(error)

const bearerChallenge = (error: AuthError): string =>
  error.code === 'invalid_token' || error.code.startsWith('session_')
    ? 'Bearer realm="latchkey", error="invalid_token"'
    : 'Bearer realm="latchkey"'
