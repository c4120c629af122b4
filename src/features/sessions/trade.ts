import { AuthError, isStoreBusyOrAway } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import type { Clock } from '../../lib/clock.js'
import type { Store } from '../../stores/store.js'
import type { User } from '../accounts/store.js'
import type { Events } from '../events/events.js'
import type { LegacyTokens } from './legacy-tokens.js'
import type { LiveSessions } from './live-sessions.js'
import type { Opening } from './opening.js'
import type { Session } from './store.js'

/** Trading a refresh token of the service of before: it is worth one session here, whoever brings it how often. */
type Deps = {
  store: Pick<Store, 'sessions' | 'users' | 'findSessionAndUser'>
  events: Events
  clock: Clock
  live: LiveSessions
  legacy: LegacyTokens
  opening: Pick<Opening, 'begin' | 'makeRoom'>
}

/** What a token is worth: its session, which may have ended since. */
export type Worth = { session: Session; user: User | undefined; isNew: boolean }

type Outcome = 'traded' | 'spent' | 'ended' | 'changed'

/** Everybody who changes the user in between has done so for good. */
const mostAttempts = 5

const spentMeanwhile = new Error('The token was traded meanwhile')

export const createTrade = (deps: Deps) => {
  const { store, events, clock, live, legacy, opening } = deps

  /**
   * The session that this token was traded for, now or before; undefined for what does not even look like one.
   *
   * @throws AuthError `invalid_token`, `session_expired`, `session_revoked`, `store_unavailable`
   */
  const worthOf = async (token: string, caller: Caller): Promise<Worth | undefined> => {
    const id = legacy.spentId(token)
    if (id === undefined) return undefined
    return (await known(id)) ?? trade(id, token, caller, mostAttempts)
  }

  /** Of a token that was traded, without asking the place it came from. */
  const known = async (id: string): Promise<Worth | undefined> => {
    const spent = await store.sessions.find(id)
    if (spent === undefined) return undefined
    const found = await store.findSessionAndUser(legacy.sessionIdOf(spent))
    if (found === undefined || spent.expiresAt <= clock()) throw new AuthError('session_expired')
    return { ...found, isNew: false }
  }

  const trade = async (
    id: string,
    token: string,
    caller: Caller,
    attempts: number,
  ): Promise<Worth> => {
    const found = await legacy.find(token)
    if (found === undefined) throw new AuthError('invalid_token')
    if (found.expiresAt <= clock()) throw new AuthError('session_expired')
    const user = await store.users.find(found.userId)
    if (user === undefined) throw new AuthError('invalid_token')
    if (!user.isActive) throw new AuthError('session_revoked')

    const session = opening.begin(user, caller, 'legacy')
    const spent = legacy.spent(id, found, session)
    const outcome = await commit({ user, session, spent }, caller)
    if (outcome === 'traded') {
      await live.forgetUser(user.id) // it may have taken the place of another session
      return { session, user, isNew: true }
    }
    if (outcome === 'ended') throw new AuthError('session_revoked')
    const before = await known(id)
    if (before !== undefined) return before
    if (attempts === 0) throw new AuthError('store_unavailable')
    return trade(id, token, caller, attempts - 1)
  }

  /** Session, row of the token and events at once; where sessions lie elsewhere, nobody holds what a crash leaves over. */
  const commit = async (
    { user, session, spent }: { user: User; session: Session; spent: Session },
    caller: Caller,
  ): Promise<Outcome> => {
    try {
      return await events.commit(async (ports) => {
        // puts it in order with whoever disables the account, changes the password or trades the same token
        const at = user.lastLoginAt ?? session.createdAt
        if (!(await ports.users.recordLogin(user.id, user.passwordHash, at))) return 'changed'
        if (await ports.sessions.find(spent.id)) return 'spent'
        if (await ports.sessions.find(legacy.endedId(user.id))) return 'ended'
        await ports.sessions.insert(session)
        if (!(await ports.sessions.insertIfAbsent(spent))) throw spentMeanwhile
        const details = { profile: legacy.profile }
        const happening = { subjectId: user.id, sessionId: session.id, details }
        await ports.record('session.traded', caller, happening)
        await opening.makeRoom(ports, session, caller)
        return 'traded'
      })
    } catch (error) {
      if (error !== spentMeanwhile) throw error
      await store.sessions.revoke(session.id, clock()) // it is there only where no transaction could undo it
      return 'spent'
    }
  }

  return {
    worthOf,
    /** The session of a token that is brought back, or undefined when it was worth none. @throws AuthError `store_unavailable` */
    sessionOf: (token: string, caller: Caller): Promise<Session | undefined> =>
      worthOf(token, caller).then((worth) => worth?.session, unlessUnavailable),
  }
}
export type Trade = ReturnType<typeof createTrade>

const unlessUnavailable = (error: unknown): undefined => {
  if (!(error instanceof AuthError) || isStoreBusyOrAway(error)) throw error
}
