import { AuthError } from '../../errors.js'
import { type Clock, epochSeconds } from '../../lib/clock.js'
import type { SessionAndUser, Store } from '../../stores/store.js'
import type { User } from '../accounts/store.js'
import type { RefreshTokens } from '../sessions/refresh-tokens.js'
import type { AccessClaims } from '../tokens/claims.js'
import type { Tokens } from '../tokens/tokens.js'

/** Introspection: what a token is worth at this moment, for services that cannot wait until it expires (RFC 7662). */
export type Introspection =
  | { active: false }
  | {
      active: true
      /** `refresh_token` is ours, so that nobody takes one for an access token. */
      token_type: 'Bearer' | 'refresh_token'
      client_id: string
      username?: string
      sub: string
      aud: string
      iss: string
      iat: number
      exp: number
      sid: string
      jti?: string
    }

type Deps = {
  store: Pick<Store, 'findSessionAndUser' | 'users'>
  tokens: Tokens
  refreshTokens: RefreshTokens
  clock: Clock
}

/** Whatever makes a token worthless, nobody is told which it was (RFC 7662 §2.2). */
const inactive = { active: false } as const

export const createIntrospection = ({ store, tokens, refreshTokens, clock }: Deps) => {
  /** Reads the store each time: a session that ended on another instance is over here too. */
  const standing = async (sessionId: string) => {
    const found = await store.findSessionAndUser(sessionId)
    return found !== undefined && isStanding(found, clock()) ? found : undefined
  }

  const userOf = async (claims: AccessClaims): Promise<User | undefined> => {
    if (!claims.isOnItsOwn) return (await standing(claims.sid))?.user
    const user = await store.users.find(claims.sub)
    return user?.isActive ? user : undefined
  }

  const ofAccessToken = async (token: string): Promise<Introspection> => {
    const claims = await tokens.verify(token).catch(unlessUnavailable)
    if (claims === undefined || claims.exp <= epochSeconds(clock())) return inactive
    const user = await userOf(claims)
    if (user?.id !== claims.sub) return inactive
    const { sub, iat, exp, sid, jti } = claims
    return {
      active: true,
      token_type: 'Bearer',
      ...tokens.about,
      ...(user.username !== null && { username: user.username }),
      ...{ sub, iat, exp, sid, jti },
    }
  }

  const ofRefreshToken = async (token: string): Promise<Introspection> => {
    const claim = refreshTokens.read(token)
    const { session, user } = (claim && (await standing(claim.sessionId))) ?? {}
    if (claim === undefined || session === undefined || user === undefined) return inactive
    if (!refreshTokens.belongsTo(claim, session)) return inactive
    if (claim.generation !== session.generation) return inactive // spent
    return {
      active: true,
      token_type: 'refresh_token',
      ...tokens.about,
      aud: tokens.about.iss, // nobody else takes it
      ...(user.username !== null && { username: user.username }),
      sub: user.id,
      iat: epochSeconds(session.lastUsedAt),
      exp: epochSeconds(session.expiresAt),
      sid: session.id,
    }
  }

  /** @throws AuthError `store_unavailable`: nobody may take silence for an answer */
  const introspect = async (token: string): Promise<Introspection> => {
    const found = await ofAccessToken(token)
    return found.active ? found : ofRefreshToken(token)
  }
  return introspect
}
export type Introspect = ReturnType<typeof createIntrospection>

const isStanding = ({ session, user }: SessionAndUser, now: Date): boolean =>
  session.revokedAt === null &&
  session.expiresAt > now &&
  user?.isActive === true &&
  user.id === session.userId

const unlessUnavailable = (error: unknown): undefined => {
  if (error instanceof AuthError && error.code === 'invalid_token') return undefined
  throw error
}
