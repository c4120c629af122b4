import { hash } from 'node:crypto'
import type { JWTPayload } from 'jose'
import { AuthError } from '../../errors.js'
import { formatUuid } from '../../lib/id.js'
import type { User } from '../accounts/store.js'
import type { AccessClaims } from './claims.js'

/** Access tokens in the form of another service (RFC 7519), instead of that of RFC 9068. Signed with a shared secret. */
export type TokenFormat = {
  /** Everything the token says. Instants in seconds since 1970. */
  claims(about: { user: User; issuedAt: number; expiresAt: number }): JWTPayload
  /** What the claim `type` must say; without it no such claim is asked for. */
  type?: string
  /** What the claim `sub` holds. Default: the id of the user */
  subject?: 'username'
}

/** The header parameter `typ` of such tokens. */
export const foreignTokenType = 'JWT'

/** Marks those that were made here: tokens of the service of before have no key id. */
export const ownKeyId = 'latchkey'

/** @throws AuthError `invalid_token` */
export const readForeignClaims = (
  payload: JWTPayload,
  { format, expiresSeconds, token }: { format: TokenFormat; expiresSeconds: number; token: string },
): AccessClaims => {
  const { sub, exp, iat }: JWTPayload = payload
  if (format.type !== undefined && payload.type !== format.type)
    throw new AuthError('invalid_token', { reason: 'wrong_type' })
  if (typeof sub !== 'string' || sub === '' || sub.length > 255 || !isInstant(exp))
    throw new AuthError('invalid_token')
  const id = formatUuid(hash('sha256', token, 'buffer').subarray(0, 16))
  const issuedAt = isInstant(iat) ? iat : exp - expiresSeconds
  return { sub, exp, iat: issuedAt, sid: id, jti: id, isOnItsOwn: true }
}

const isInstant = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0
