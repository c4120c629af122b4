import type { JWTPayload } from 'jose'

/** What an access token says, as far as latchkey itself relies on it (RFC 9068 §2.2). Instants in seconds since 1970. */
export type AccessClaims = {
  sub: string
  /** The session the token belongs to. */
  sid: string
  jti: string
  iat: number
  exp: number
  /** True for a token that names no session: `sid` is a fingerprint of the token then, and it stands until it expires. */
  isOnItsOwn?: true
  /** True for a token of another service with the same secret, which may be believed for a while only. */
  isForeign?: true
}

/** Clocks of two machines may differ by so much. */
export const toleranceSeconds = 10

const longestLifetimeSeconds = 3600

/** Claims of the right kinds, or undefined. The library compares times but also takes fractions, 1e400 and no `iat`. */
export const readClaims = (payload: JWTPayload, latestIssue: number): AccessClaims | undefined => {
  const { sub, jti, iat, exp, aud }: JWTPayload = payload
  const sid: unknown = payload.sid
  if (!isText(sub) || !isText(sid) || !isText(jti)) return undefined
  if (!isInstant(iat) || !isInstant(exp) || typeof aud !== 'string') return undefined
  if (iat > latestIssue || exp <= iat || exp > iat + longestLifetimeSeconds) return undefined
  return { sub, sid, jti, iat, exp }
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= 255

const isInstant = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0
