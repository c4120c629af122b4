import { createSecretKey, randomBytes } from 'node:crypto'
import type { JWTPayload } from 'jose'
import type { LegacyTokenStore } from '../features/sessions/store.js'
import { signToken } from '../features/tokens/sign-token.js'
import { epochSeconds } from '../lib/clock.js'

/** What a service of before would have: its secrets, and its refresh tokens in memory. */
export const accessSecret = randomBytes(32).toString('base64url')
export const refreshSecret = randomBytes(32).toString('base64url')

/** As Python's secrets.token_urlsafe(32) makes them. */
export const opaqueToken = (): string => randomBytes(32).toString('base64url')

/** As PyJWT and python-jose sign them: no key id, the type JWT. */
export const signedToken = (secret: string, claims: JWTPayload): string =>
  signToken('JWT', claims, {
    id: undefined,
    algorithm: 'HS256',
    key: createSecretKey(Buffer.from(secret)),
  })

export const refreshClaims = (sub: string, expiresAt: Date): JWTPayload => ({
  sub,
  type: 'refresh',
  exp: epochSeconds(expiresAt),
})

/** A place for tokens that counts how often it was asked. */
export const legacyStore = () => {
  const kept = new Map<string, { userId: string; expiresAt: Date }>()
  const asked: string[] = []
  const store: LegacyTokenStore = {
    find: async (token, { claimedUserId }) => {
      asked.push(token)
      const found = kept.get(token)
      return claimedUserId === undefined || found?.userId === claimedUserId ? found : undefined
    },
  }
  return { store, kept, asked }
}
