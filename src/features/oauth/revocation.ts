import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import type { Sessions } from '../sessions/sessions.js'
import type { Tokens } from '../tokens/tokens.js'

/** Revocation: a token that is handed back takes its whole session with it (RFC 7009). */
type Deps = { sessions: Sessions; tokens: Tokens }

export const createRevocation = ({ sessions, tokens }: Deps) => {
  const sessionOf = async (token: string, caller: Caller) => {
    try {
      const { sub, sid } = await tokens.verify(token)
      return { userId: sub, id: sid }
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== 'invalid_token') throw error
      return sessions.ofRefreshToken(token, caller)
    }
  }

  /** A token that means nothing is as good as revoked. @throws AuthError `store_unavailable` */
  const revoke = async (token: string, clientId: string, caller: Caller): Promise<void> => {
    const client = { ...caller, actor: `client:${clientId}` }
    const session = await sessionOf(token, client)
    if (session === undefined) return
    await sessions.revoke(session.userId, session.id, client)
  }
  return revoke
}
export type Revoke = ReturnType<typeof createRevocation>
