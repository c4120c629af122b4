import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import { type Clock, secondsBetween } from '../../lib/clock.js'
import { addressKey } from '../../lib/ip-address.js'
import { nextTurn } from '../../lib/next-turn.js'
import type { SessionAndUser, Store } from '../../stores/store.js'
import type { User } from '../accounts/store.js'
import type { Events, Recording } from '../events/events.js'
import type { Tokens } from '../tokens/tokens.js'
import type { Grant } from './grant.js'
import type { LegacyTokens } from './legacy-tokens.js'
import type { LiveSessions, SignedIn } from './live-sessions.js'
import { createOpening, type OpeningSettings } from './opening.js'
import type { RefreshClaim, RefreshTokens } from './refresh-tokens.js'
import type { Session } from './store.js'
import { createTrade } from './trade.js'

/** Sessions: one signed-in device each, kept alive by refresh tokens that work exactly once. */
export type SessionSettings = OpeningSettings & {
  /** For so long the predecessor of the live refresh token is answered with the same successor. */
  graceSeconds: number
  /** Whether that holds only for the address and the program that opened the session. */
  isGraceStrict: boolean
  /** Whether a refresh spends the refresh token. Without it a token works until its session ends. */
  rotates: boolean
}

/** The part of a list that is wanted. */
type Page = { afterId?: string | undefined; limit: number }

type Deps = {
  store: Pick<Store, 'sessions' | 'users' | 'findSessionAndUser'>
  events: Events
  clock: Clock
  tokens: Tokens
  refreshTokens: RefreshTokens
  live: LiveSessions
  /** Refresh tokens of the service of before, while there are any. */
  legacy?: LegacyTokens | undefined
  settings: SessionSettings
}

/** The token of before may have been sent by five tabs at the moment of the move, whatever is usual later. */
const leastTradeGrace = 10

export const createSessions = (deps: Deps) => {
  const { store, events, clock, tokens, refreshTokens, live, legacy, settings } = deps

  const opening = createOpening({ clock, settings })
  const { expiry } = opening

  const grant = async (user: User, session: Session): Promise<Grant> => ({
    accessToken: await tokens.issue(user, session),
    expiresInSeconds: tokens.expiresSeconds,
    refreshToken: refreshTokens.make(session, session.generation, user),
    refreshExpiresInSeconds: Math.ceil(secondsBetween(clock(), session.expiresAt)),
  })

  const trade = legacy && createTrade({ store, events, clock, live, legacy, opening })

  /**
   * Trades a refresh token for its successor.
   *
   * @throws AuthError `invalid_token`, `session_expired`, `session_revoked`, `store_unavailable`
   */
  const refresh = async (token: string, caller: Caller): Promise<Grant> => {
    const claim = refreshTokens.read(token)
    if (claim === undefined) return refreshByLegacy(token, caller)
    const { session, user } = await requireLive(claim)
    if (!user?.isActive) throw new AuthError('session_revoked')

    if (claim.generation < session.generation) return repeat(claim, session, user, caller)
    if (!settings.rotates) return keep(user, session, caller)
    // A token ahead of its row was issued, too: the store lost what it had confirmed. Its holder loses nothing.
    const advanced = await advance(user, session, caller, claim.generation + 1)
    return advanced ?? refresh(token, caller) // another caller was first
  }

  const notARefreshToken = (token: string): AuthError =>
    new AuthError(
      'invalid_token',
      refreshTokens.isOfOtherType?.(token) ? { reason: 'wrong_type' } : {},
    )

  /** A token of the service of before is to its session what the predecessor of its first token would be. */
  const refreshByLegacy = async (token: string, caller: Caller): Promise<Grant> => {
    const worth = await trade?.worthOf(token, caller)
    if (worth === undefined) throw notARefreshToken(token)
    const { session, user, isNew } = worth
    requireStanding(session)
    if (!user?.isActive) throw new AuthError('session_revoked')
    if (isNew) return { ...(await grant(user, session)), isTraded: true }
    const again = settings.rotates
      ? repeat({ generation: -1 }, session, user, caller, leastTradeGrace)
      : keep(user, session, caller) // as every token there, it works until its session ends
    return { ...(await again), isTraded: true }
  }

  const keep = async (user: User, session: Session, caller: Caller): Promise<Grant> => {
    const happening = { subjectId: user.id, sessionId: session.id }
    await events.commit(({ record }) => record('session.refreshed', caller, happening))
    return grant(user, session)
  }

  const requireLive = async (claim: RefreshClaim): Promise<SessionAndUser> => {
    const found = await store.findSessionAndUser(claim.sessionId)
    if (found === undefined || !refreshTokens.belongsTo(claim, found.session))
      throw new AuthError('invalid_token')
    requireStanding(found.session)
    return found
  }

  const requireStanding = ({ revokedAt, expiresAt }: Session): void => {
    if (revokedAt !== null) throw new AuthError('session_revoked')
    if (expiresAt <= clock()) throw new AuthError('session_expired')
  }

  /**
   * The tokens of the session one generation on, or at `next`, or undefined when another caller advanced or ended it first.
   * They are made while the store is busy with the commit, and given to nobody before it is done.
   */
  const advance = async (
    user: User,
    session: Session,
    caller: Caller,
    next = session.generation + 1,
  ): Promise<Grant | undefined> => {
    const advanced = await events.commit(async (ports) => {
      const { id, userId, generation } = session
      const now = clock()
      const expiresAt = expiry(session.createdAt, now)
      if (!(await ports.sessions.rotate({ id, generation, next, now, expiresAt }))) return undefined
      await ports.record('session.refreshed', caller, { subjectId: userId, sessionId: id })
      const after = { ...session, generation: next, lastUsedAt: now, expiresAt }
      return { grant: meanwhile(() => grant(user, after)) }
    })
    return advanced?.grant
  }

  /** The predecessor may come twice in a lost answer or a second tab; anything else that comes twice was stolen. */
  const repeat = async (
    claim: Pick<RefreshClaim, 'generation'>,
    session: Session,
    user: User,
    caller: Caller,
    leastGrace = 0,
  ): Promise<Grant> => {
    const happening = { subjectId: session.userId, sessionId: session.id }
    const grace = Math.max(settings.graceSeconds, leastGrace)
    const isPredecessor = claim.generation === session.generation - 1
    const isInTime = grace > 0 && secondsBetween(session.lastUsedAt, clock()) <= grace
    const isAllowed = !settings.isGraceStrict || isFromSameDevice(session, caller)
    if (isPredecessor && isInTime && isAllowed) {
      await events.commit(({ record }) => record('session.replayed', caller, happening))
      return grant(user, session)
    }
    // owner and thief hold the same token, and nobody can tell them apart: RFC 9700 §4.14.2
    await events.commit(async ({ sessions, record }) => {
      if (!(await sessions.revoke(session.id, clock()))) return
      await record('session.reused', caller, { ...happening, outcome: 'failure' })
    })
    await live.forget(session.id)
    throw new AuthError('session_revoked')
  }

  /** Who holds this access token, if the session behind it still stands. @throws AuthError `invalid_token` */
  const authenticate = async (accessToken: string): Promise<SignedIn> =>
    live.require(await tokens.verify(accessToken))

  /** Ends one session of the user. @throws AuthError `session_not_found` also for those of others */
  const end = async (userId: string, sessionId: string, caller: Caller): Promise<void> => {
    const session = await store.sessions.find(sessionId)
    const stands = session?.userId === userId && session.expiresAt > clock()
    if (!stands || !(await revoke(userId, sessionId, caller)))
      throw new AuthError('session_not_found')
  }

  const revoke = async (userId: string, sessionId: string, caller: Caller): Promise<boolean> => {
    const ended = await events.commit(async ({ sessions, record }) => {
      if (!(await sessions.revoke(sessionId, clock()))) return false
      await record('session.ended', caller, { subjectId: userId, sessionId })
      return true
    })
    await live.forget(sessionId)
    return ended
  }

  /**
   * Ends all sessions of a user, or all but one, inside of a transaction; returns how many. Tokens of the service of before
   * that nobody has brought yet end with them.
   */
  const endAllIn = async (
    { sessions }: Pick<Recording, 'sessions'>,
    userId: string,
    exceptId?: string,
  ): Promise<number> => {
    const now = clock()
    if (legacy && !legacy.isOver()) await sessions.insertIfAbsent(legacy.ended(userId, now))
    return sessions.revokeAll(userId, now, exceptId)
  }

  /** Ends all sessions of the user, or all but one. */
  const endAll = async (userId: string, caller: Caller, exceptId?: string): Promise<void> => {
    await events.commit(async ({ sessions, record }) => {
      const count = await endAllIn({ sessions }, userId, exceptId)
      if (count > 0)
        await record('sessions.ended', caller, { subjectId: userId, details: { count } })
    })
    await live.forgetUser(userId)
  }

  return {
    open: opening.open,
    grant,
    advance,
    refresh,
    authenticate,
    end,
    revoke,
    endAll,
    endAllIn,
    /** Newest first, a page at a time: the next page starts behind the last id of this one. */
    list: (userId: string, page: Page = { limit: 100 }): Promise<Session[]> =>
      store.sessions.listLive({ userId, now: clock(), ...page }),
    find: (id: string): Promise<Session | undefined> => store.sessions.find(id),
    /** Whether it has neither ended nor expired. */
    stands: async (id: string): Promise<boolean> => {
      const session = await store.sessions.find(id)
      return session !== undefined && session.revokedAt === null && session.expiresAt > clock()
    },
    /**
     * The session a refresh token belongs to, live or not, or undefined. One of the service of before has one from then on,
     * so that it can be ended.
     */
    ofRefreshToken: async (token: string, caller: Caller): Promise<Session | undefined> => {
      const claim = refreshTokens.read(token)
      if (claim === undefined) return trade?.sessionOf(token, caller)
      const session = await store.sessions.find(claim.sessionId)
      return session && refreshTokens.belongsTo(claim, session) ? session : undefined
    },
  }
}
export type Sessions = ReturnType<typeof createSessions>

/** As far as a session shows, which keeps from where it was opened. */
const isFromSameDevice = (session: Session, { address, userAgent }: Caller): boolean =>
  addressKey(address) === addressKey(session.address ?? undefined) &&
  (userAgent ?? null) === session.userAgent

/** Begins when what is under way has been handed on. Nobody may come for the result. */
const meanwhile = <Result>(make: () => Promise<Result>): Promise<Result> => {
  const made = nextTurn().then(make)
  made.catch(() => {}) // whoever does come is told
  return made
}
