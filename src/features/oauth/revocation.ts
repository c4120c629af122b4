import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import type { Sessions } from '../sessions/sessions.js'
import type { Tokens } from '../tokens/tokens.js'

/** Revocation: a token that is handed back takes its whole session with it (RFC 7009). */
type Deps = { sessions: Sessions; tokens: Tokens }

export const createRevocation = ({ sessions, tokens }: Deps) => {
  const sessionOf = async (token: string) => {
    try {
      const { sub, sid } = await tokens.verify(token)
      return { userId: sub, id: sid }
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== 'invalid_token') throw error
      return sessions.ofRefreshToken(token)
    }
  }

  /** A token that means nothing is as good as revoked. @throws AuthError `store_unavailable` */
  const revoke = async (token: string, clientId: string, caller: Caller): Promise<void> => {
    const session = await sessionOf(token)
    if (session === undefined) return
    await sessions.revoke(session.userId, session.id, { ...caller, actor: `client:${clientId}` })
  }
  return revoke
}
export type Revoke = ReturnType<typeof createRevocation>
