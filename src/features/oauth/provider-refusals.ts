import * as oauth from 'oauth4webapi'
import { ClientError } from 'openid-client'
import { ZodError } from 'zod'
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
    throw new AuthError(isAboutProof(error) ? 'provider_token_rejected' : 'provider_unavailable', {
      provider,
      cause: new Error(wordsOf(error)),
    })
  }

/** It is asked too often, or waited too long for us: no word about what we sent. */
export const isTooMuch = (status: number): boolean => status === 408 || status === 429

/** A refusal of ours that went through the library on its way. */
const causeOf = (error: unknown): AuthError | undefined => {
  if (error instanceof AuthError) return error
  return error instanceof Error && error.cause !== undefined ? causeOf(error.cause) : undefined
}

/** Claims, signatures and forms of an ID token that do not hold. */
const proofCodes: ReadonlySet<string> = new Set([
  oauth.JWT_CLAIM_COMPARISON,
  oauth.JWT_TIMESTAMP_CHECK,
  oauth.JSON_ATTRIBUTE_COMPARISON,
  oauth.INVALID_RESPONSE,
  oauth.KEY_SELECTION,
  oauth.UNSUPPORTED_OPERATION,
  oauth.MISSING_SERVER_METADATA,
])

const isAboutProof = (error: unknown): boolean => {
  if (error instanceof oauth.ResponseBodyError) return !isTooMuch(error.status)
  if (error instanceof oauth.WWWAuthenticateChallengeError) return !isTooMuch(error.status)
  return isOfLibrary(error) && proofCodes.has(error.code ?? '')
}

const isOfLibrary = (error: unknown): error is Error & { code?: string | undefined } =>
  error instanceof ClientError ||
  error instanceof oauth.OperationProcessingError ||
  error instanceof oauth.UnsupportedOperationError

/**
 * The library's sentence and the provider's word for it (RFC 6749 §5.2); what it found hangs on `cause`, which may hold
 * tokens and stays behind. Of an answer that does not fit its schema only the places are told.
 */
const wordsOf = (error: unknown): string => {
  if (error instanceof oauth.ResponseBodyError)
    return /^[\w.-]{1,64}$/.test(error.error) ? `it answered ${error.error}` : error.message
  if (error instanceof ZodError)
    return `its answer cannot be read: ${error.issues.map(({ path }) => path.join('.')).join(', ')}`
  return error instanceof Error ? error.message : 'unknown'
}
