import { AuthError } from '../../errors.js'
import { createBoundedMap } from '../../lib/bounded-map.js'
import { type Clock, secondsBetween } from '../../lib/clock.js'
import type { SessionAndUser, Store } from '../../stores/store.js'
import type { User } from '../accounts/store.js'
import { type AccessClaims, toleranceSeconds } from '../tokens/claims.js'
import type { Session } from './store.js'

/** A user in a session that stands at this moment. */
export type SignedIn = { user: User; session: Session }

/** Live sessions: looked up in the store, remembered for at most one second, forgotten at once when ended here. */
const rememberedSeconds = 1
const rememberedSessions = 10_000

export const createLiveSessions = ({
  store,
  clock,
}: {
  store: Pick<Store, 'findSessionAndUser' | 'users'>
  clock: Clock
}) => {
  const remembered = createBoundedMap<SignedIn & { since: Date }>(rememberedSessions)

  /** @throws AuthError `invalid_token` when the session has ended or its user may not be here */
  const require = async (claims: AccessClaims): Promise<SignedIn> => {
    const { sid, sub } = claims
    const now = clock()
    const known = remembered.get(sid)
    if (known !== undefined && stands(known, sub, now)) {
      const age = secondsBetween(known.since, now)
      if (age >= 0 && age < rememberedSeconds) return known
    }
    const { session, user } = (await find(claims)) ?? {}
    if (session === undefined || user === undefined || !stands({ session, user }, sub, now)) {
      remembered.delete(sid)
      throw new AuthError('invalid_token', user === undefined ? { reason: 'unknown_user' } : {})
    }
    const found = { session, user, since: now }
    remembered.set(sid, found)
    return found
  }

  const find = async (claims: AccessClaims): Promise<Partial<SessionAndUser> | undefined> =>
    claims.isOnItsOwn
      ? { session: sessionOf(claims), user: await store.users.find(claims.sub) }
      : store.findSessionAndUser(claims.sid)

  return {
    require,
    forget: (sessionId: string): void => remembered.delete(sessionId),
    forgetUser: (userId: string): void => remembered.deleteWhere(({ user }) => user.id === userId),
  }
}
export type LiveSessions = ReturnType<typeof createLiveSessions>

/** A token on its own is all the session there is, and is kept nowhere. */
const sessionOf = ({ sid, sub, iat, exp }: AccessClaims): Session => ({
  id: sid,
  userId: sub,
  nonce: '',
  generation: 0,
  createdAt: new Date(iat * 1000),
  lastUsedAt: new Date(iat * 1000),
  expiresAt: new Date((exp + toleranceSeconds) * 1000),
  revokedAt: null,
  address: null,
  userAgent: null,
  method: 'token',
})

const stands = ({ session, user }: SignedIn, subject: string, now: Date): boolean =>
  session.userId === subject &&
  user.id === subject &&
  user.isActive &&
  session.revokedAt === null &&
  session.expiresAt > now
