import { createSecretKey, randomBytes } from 'node:crypto'
import type { JWTPayload } from 'jose'
import { createAuth } from '../auth.js'
import type { LegacyTokenStore } from '../features/sessions/store.js'
import { signToken } from '../features/tokens/sign-token.js'
import type { Caller } from '../lib/caller.js'
import { epochSeconds } from '../lib/clock.js'
import type { TestAuth } from './test-auth.js'

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

/** One of Ada's tokens is traded, beside her auth object, which hears of it. */
export const tradeOne = async ({ auth, ada, clock, events }: TestAuth, caller: Caller) => {
  const { store: tokens, kept } = legacyStore()
  const token = opaqueToken()
  const { id: userId } = await auth.users.find(ada.email)
  kept.set(token, { userId, expiresAt: new Date('9999-12-31') })
  const onEvent = (event: TestAuth['events'][number]) => void events.push(event)
  const legacy = { until: '9999-12-31', profile: 'cookie', tokens } as const
  const { store } = auth
  return createAuth({ store, clock, onEvent, legacy }).refresh(token, caller)
}
