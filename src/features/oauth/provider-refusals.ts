import { ClientError, ResponseBodyError } from 'openid-client'
import { AuthError } from '../../errors.js'
import type { Provider } from './providers/provider.js'

/**
 * What went wrong with a provider, as a refusal: it says that our proof is worth nothing, or it does not speak as it
 * should. Neither tells the caller more; the cause is for the log, and holds neither tokens nor secrets.
 */
export const refusalOf =
  (provider: Pick<Provider, 'name' | 'title'>) =>
  (error: unknown): never => {
    const ours = causeOf(error)
    if (ours) throw ours
    const isRejected = error instanceof ResponseBodyError ? error.status < 500 : isAboutProof(error)
    throw new AuthError(isRejected ? 'provider_token_rejected' : 'provider_unavailable', {
      provider,
      cause: new Error(wordsOf(error)),
    })
  }

/** For what we ask of a provider before anybody has proved anything: whatever goes wrong there is its own. */
export const outOfService =
  (provider: Pick<Provider, 'name' | 'title'>) =>
  (error: unknown): never => {
    const cause = new Error(wordsOf(error))
    throw causeOf(error) ?? new AuthError('provider_unavailable', { provider, cause })
  }

/** A refusal of ours that went through the library on its way. */
const causeOf = (error: unknown): AuthError | undefined => {
  if (error instanceof AuthError) return error
  return error instanceof Error && error.cause !== undefined ? causeOf(error.cause) : undefined
}

/** Claims, signatures and forms of an ID token that do not hold. */
const proofCodes: ReadonlySet<string> = new Set([
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_UNSUPPORTED_OPERATION',
  'OAUTH_MISSING_SERVER_METADATA',
])

const isAboutProof = (error: unknown): boolean =>
  error instanceof ClientError && proofCodes.has(error.code ?? '')

/** The library's sentence; what it found hangs on `cause`, which may hold tokens and stays behind. */
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')
