import { AuthError } from '../../errors.js'
import { createBoundedMap } from '../../lib/bounded-map.js'
import { type Clock, secondsBetween } from '../../lib/clock.js'
import type { News, Peers } from '../../lib/peers.js'
import { canonicalUsername } from '../../lib/username.js'
import type { SessionAndUser, Store } from '../../stores/store.js'
import type { User } from '../accounts/store.js'
import { type AccessClaims, toleranceSeconds } from '../tokens/claims.js'
import type { TokenFormat } from '../tokens/token-format.js'
import type { Session } from './store.js'

/** A user in a session that stands at this moment. */
export type SignedIn = { user: User; session: Session }

/** Live sessions: looked up in the store, remembered for at most one second, forgotten at once when ended here. */
const rememberedSeconds = 1
const rememberedSessions = 10_000

export const createLiveSessions = ({
  store,
  clock,
  subject,
  peers,
}: {
  store: Pick<Store, 'findSessionAndUser' | 'users'>
  clock: Clock
  /** What tokens on their own name the user by. Default: the id */
  subject?: TokenFormat['subject'] | undefined
  /** They forget what ends here, and we what ends there. */
  peers?: Peers | undefined
}) => {
  const remembered = createBoundedMap<SignedIn & { since: Date }>(rememberedSessions)
  let turnedAt = clock()
  let endings = 0

  const remember = (sessionId: string, found: SignedIn & { since: Date }): void => {
    const age = Math.abs(secondsBetween(turnedAt, found.since)) // a clock may be set back
    if (age >= rememberedSeconds) {
      remembered.turn() // those of more than a second ago would only take memory
      turnedAt = found.since
    }
    remembered.set(sessionId, found)
  }

  /** @throws AuthError `invalid_token` when the session has ended or its user may not be here */
  const require = async (claims: AccessClaims): Promise<SignedIn> => {
    const { sid } = claims
    const now = clock()
    const known = remembered.get(sid)
    if (known !== undefined && isOf(known, claims) && stands(known, now)) {
      const age = secondsBetween(known.since, now)
      if (age >= 0 && age < rememberedSeconds) return known
    }
    const endingsBefore = endings
    const { session, user } = (await find(claims)) ?? {}
    const found = session && user && { session, user }
    if (found === undefined || !isOf(found, claims) || !stands(found, now)) {
      remembered.delete(sid)
      throw new AuthError('invalid_token', user === undefined ? { reason: 'unknown_user' } : {})
    }
    const fresh = { since: now, ...found }
    // what ended while the store was asked may be what it answered with
    if (endings === endingsBefore) remember(sid, fresh)
    return fresh
  }

  const find = async (claims: AccessClaims): Promise<Partial<SessionAndUser> | undefined> => {
    if (!claims.isOnItsOwn) return store.findSessionAndUser(claims.sid)
    const user = await findSubject(claims.sub)
    return user && { session: sessionOf(claims, user), user }
  }

  const findSubject = (name: string): Promise<User | undefined> =>
    subject === 'username'
      ? store.users.findByUsername(canonicalUsername(name))
      : store.users.find(name)

  const isOf = ({ user }: SignedIn, { sub, isOnItsOwn }: AccessClaims): boolean =>
    (isOnItsOwn && subject === 'username') || user.id === sub

  const drop = (news: News): void => {
    endings += 1
    if (news.about === 'session') remembered.delete(news.id)
    if (news.about === 'user') remembered.deleteWhere(({ user }) => user.id === news.id)
  }
  peers?.listen(drop)

  const tell = (news: News): Promise<void> | undefined => {
    drop(news)
    return peers?.tell(news)
  }

  return {
    require,
    /** Whoever awaits it can be sure that no process of this machine lets the session in any more. */
    forget: (sessionId: string) => tell({ about: 'session', id: sessionId }),
    /** The same for all sessions of a user. */
    forgetUser: (userId: string) => tell({ about: 'user', id: userId }),
  }
}
export type LiveSessions = ReturnType<typeof createLiveSessions>

/** A token on its own is all the session there is, and is kept nowhere. */
const sessionOf = ({ sid, iat, exp }: AccessClaims, user: User): Session => ({
  id: sid,
  userId: user.id,
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

const stands = ({ session, user }: SignedIn, now: Date): boolean =>
  session.userId === user.id &&
  user.isActive &&
  session.revokedAt === null &&
  session.expiresAt > now
