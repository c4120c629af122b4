import { createSecretKey, hash, randomUUID } from 'node:crypto'
import type { JWTPayload } from 'jose'
import { AuthError } from '../../errors.js'
import { createBoundedMap } from '../../lib/bounded-map.js'
import { type Clock, epochSeconds } from '../../lib/clock.js'
import type { User } from '../accounts/store.js'
import type { Session } from '../sessions/store.js'
import { hasBegun, isSignedBy } from './check-token.js'
import { type AccessClaims, readClaims, toleranceSeconds } from './claims.js'
import { type CompactToken, hasTokenShape, readCompactToken } from './compact-token.js'
import type { Keys } from './keys.js'
import { type Signer, signToken } from './sign-token.js'
import { foreignTokenType, ownKeyId, readForeignClaims, type TokenFormat } from './token-format.js'

/** Tokens: short-lived access tokens (RFC 9068), signed with one key for one purpose, checked before they are believed. */
export type TokenSettings = {
  issuer: string
  audience: string
  /** Lifetime in seconds, 60 to 3600. */
  expiresSeconds: number
  /** Signs HS256 with this instead of ES256 with generated keys. */
  secret: string | undefined
  /** Claims of the host's own; they never replace ours. */
  claims: ((user: User) => Record<string, unknown>) | undefined
  /** Another form of access tokens than RFC 9068, with `secret` only. */
  format?: TokenFormat | undefined
  /** Tokens of that form that were not made here are believed until then. Without it: for ever, where `format` is theirs. */
  legacy?: { format: TokenFormat; until: Date } | undefined
}

type Deps = { settings: TokenSettings; keys: Keys; clock: Clock }

export const tokenType = 'at+jwt'
const clientId = 'latchkey'
const rememberedTokens = 10_000

export const createTokens = ({ settings, keys, clock }: Deps) => {
  const { issuer, audience, expiresSeconds, format, legacy } = settings
  const secretKey =
    settings.secret === undefined ? undefined : createSecretKey(Buffer.from(settings.secret))
  const verified = createBoundedMap<AccessClaims>(rememberedTokens)
  keys.onChange(() => verified.clear())

  const signer = async (): Promise<Signer> =>
    secretKey === undefined ? keys.signer() : { id: undefined, algorithm: 'HS256', key: secretKey }

  const verifier = async (keyId: string | undefined) => {
    if (secretKey !== undefined) {
      return keyId === undefined ? { algorithm: 'HS256', key: secretKey } : undefined
    }
    return keyId === undefined ? undefined : keys.verifier(keyId)
  }

  /** An access token for this session of this user. */
  const issue = async (user: User, session: Session): Promise<string> => {
    const issuedAt = epochSeconds(clock())
    const expiresAt = issuedAt + expiresSeconds
    if (format !== undefined) {
      const own = { ...(await signer()), id: ownKeyId }
      return signToken(foreignTokenType, format.claims({ user, issuedAt, expiresAt }), own)
    }
    const payload = {
      ...settings.claims?.(user),
      iss: issuer,
      sub: user.id,
      aud: audience,
      exp: expiresAt,
      iat: issuedAt,
      jti: randomUUID(),
      sid: session.id,
      client_id: clientId,
      roles: user.roles,
      // how and when somebody signed in at the service of before, nobody here knows
      ...(session.method !== 'legacy' && {
        auth_time: epochSeconds(session.createdAt),
        amr: [session.method],
      }),
    }
    return signToken(tokenType, payload, await signer())
  }

  /** @throws AuthError `invalid_token` */
  const verify = async (token: string): Promise<AccessClaims> => {
    if (!hasTokenShape(token)) throw new AuthError('invalid_token')
    const fingerprint = hash('sha256', token, 'base64url')
    const remembered = verified.get(fingerprint)
    const claims = remembered ?? (await verifyAnew(token))
    if (claims.isForeign && legacy && legacy.until <= clock()) {
      verified.delete(fingerprint)
      throw new AuthError('invalid_token')
    }
    if (claims.exp + toleranceSeconds <= epochSeconds(clock())) {
      verified.delete(fingerprint)
      throw new AuthError('invalid_token', { reason: 'expired' })
    }
    if (remembered === undefined) verified.set(fingerprint, claims)
    return claims
  }

  const verifyAnew = async (token: string): Promise<AccessClaims> => {
    if (format === undefined && legacy === undefined) return verifyFully(token)
    const parts = readCompactToken(token, foreignTokenType)
    if (parts === undefined && format === undefined) return verifyFully(token)
    const isOurs = parts?.keyId === ownKeyId && format !== undefined
    const theirs = isOurs ? format : (legacy?.format ?? format)
    if (parts === undefined || theirs === undefined) throw new AuthError('invalid_token')
    const claims = verifyForeign(token, parts, theirs)
    return isOurs ? claims : { ...claims, isForeign: true }
  }

  const verifyFully = async (token: string): Promise<AccessClaims> => {
    const parts = readCompactToken(token, tokenType)
    const found = parts && (await verifier(parts.keyId))
    if (parts === undefined || found === undefined || !isSignedBy(token, parts, found))
      throw new AuthError('invalid_token')
    const now = epochSeconds(clock())
    const payload: JWTPayload = { ...parts.payload }
    const claims = readClaims(payload, now + toleranceSeconds)
    const isMeantHere = payload.iss === issuer && payload.aud === audience
    if (claims === undefined || !isMeantHere || !hasBegun(payload, now))
      throw new AuthError('invalid_token')
    return claims
  }

  /** @throws AuthError `invalid_token` */
  const verifyForeign = (token: string, parts: CompactToken, format: TokenFormat): AccessClaims => {
    const signer = secretKey && { algorithm: 'HS256', key: secretKey }
    const isOurs = signer !== undefined && isSignedBy(token, parts, signer)
    if (!isOurs || !hasBegun(parts.payload, epochSeconds(clock())))
      throw new AuthError('invalid_token')
    return readForeignClaims({ ...parts.payload }, { format, expiresSeconds, token })
  }

  return {
    issue,
    verify,
    expiresSeconds,
    /** What all tokens of this server have in common. */
    about: { iss: issuer, aud: audience, client_id: clientId },
    /** Public signing keys; empty when a shared secret signs (RFC 7517). */
    jwks: async () => (secretKey === undefined ? keys.jwks() : { keys: [] }),
    ready: async (): Promise<void> => {
      if (secretKey === undefined) await keys.ready()
    },
  }
}
export type Tokens = ReturnType<typeof createTokens>
