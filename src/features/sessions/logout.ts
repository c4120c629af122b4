import type { Caller } from '../../lib/caller.js'
import type { Sessions } from './sessions.js'

/**
 * Two simple ways to sign out, besides the native one. lenient: whoever holds a refresh token ends its session, and one
 * that is worth nothing is no mistake. signed in: an access token is needed, and the session of the refresh cookie ends.
 */
export type LogoutRule = 'lenient' | 'signed in'

/** Ends the session of a refresh token, if there is one and it is that of `ofUser`. */
export const endSessionOf = async (
  sessions: Sessions,
  { token, ofUser }: { token: string | undefined; ofUser?: string },
  caller: Caller,
): Promise<void> => {
  const session = token === undefined ? undefined : await sessions.ofRefreshToken(token, caller)
  if (session === undefined) return
  if (ofUser !== undefined && session.userId !== ofUser) return
  await sessions.revoke(session.userId, session.id, caller)
}
