import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import type { Tokens } from '../tokens/tokens.js'
import type { Sessions } from './sessions.js'
import type { Session } from './store.js'

/** Signing out: whoever holds a token of a session may end it, and as long as it stands the others of the user, too. */
type Deps = { sessions: Sessions; tokens: Tokens }

export type SignOutTokens = { refreshToken?: string | undefined; accessToken?: string | undefined }
/** Which sessions end: this one, all others of the user, or all. */
export type SignOutScope = 'this' | 'others' | 'all'

export const createSignOut = ({ sessions, tokens }: Deps) => {
  /**
   * @throws AuthError `missing_token`, `invalid_token` also when the two tokens are of different sessions,
   *   `session_revoked` when others are to end and the session itself has ended
   */
  const signOut = async (
    held: SignOutTokens,
    scope: SignOutScope,
    caller: Caller,
  ): Promise<void> => {
    const { userId, sessionId } = await whose(held, caller)
    if (scope === 'this') {
      await sessions.revoke(userId, sessionId, caller)
      return
    }
    // whoever was signed out, perhaps as a thief, must not sign out the owner
    if (!(await sessions.stands(sessionId))) throw new AuthError('session_revoked')
    await sessions.endAll(userId, caller, scope === 'others' ? sessionId : undefined)
  }

  const whose = async ({ refreshToken, accessToken }: SignOutTokens, caller: Caller) => {
    const byAccess = accessToken === undefined ? undefined : await ofAccessToken(accessToken)
    if (refreshToken === undefined) {
      if (byAccess === undefined) throw new AuthError('missing_token')
      return byAccess
    }
    const session = await sessions.ofRefreshToken(refreshToken, caller)
    if (session === undefined) {
      if (byAccess !== undefined) return byAccess // a stale cookie must not keep anybody signed in
      throw new AuthError('invalid_token')
    }
    if (byAccess !== undefined && !isOf(byAccess, session)) throw new AuthError('invalid_token')
    return { userId: session.userId, sessionId: session.id }
  }

  const ofAccessToken = async (accessToken: string) => {
    const { sub, sid, isOnItsOwn } = await tokens.verify(accessToken)
    return { userId: sub, sessionId: sid, isOnItsOwn }
  }

  return signOut
}
export type SignOut = ReturnType<typeof createSignOut>

/** A token on its own names no session, but a user. */
const isOf = (
  {
    userId,
    sessionId,
    isOnItsOwn,
  }: { userId: string; sessionId: string; isOnItsOwn?: true | undefined },
  session: Session,
): boolean => (isOnItsOwn ? session.userId === userId : session.id === sessionId)
