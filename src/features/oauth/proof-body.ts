import { z } from 'zod'
import { AuthError } from '../../errors.js'
import type { Token } from './social-login.js'

/** What an app sends to prove who its user is, and how it is read. */
export const text = z.string().max(2048)
export const verifier = z
  .string()
  .regex(/^[\w.~-]{43,128}$/, 'A verifier has 43 to 128 letters, digits and -._~ (RFC 7636 §4.1).')

/** Exactly one kind of proof. */
export const proof = {
  code: text.optional(),
  code_verifier: verifier.optional(),
  redirect_uri: text.optional(),
  id_token: z.string().max(8192).optional(),
  nonce: z.string().min(8).max(255).optional(),
}
type ProofBody = z.output<z.ZodObject<typeof proof>>

/** @throws AuthError `missing_token`, `invalid_body` unless it is exactly one kind of proof */
export const tokenOf = (body: ProofBody, accessToken?: string): Token => {
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
