import type { Auth } from '../auth.js'
import { AuthError } from '../errors.js'
import { type Profile, profileOf } from '../features/sessions/grant.js'
import { bearerToken } from './guard.js'

/**
 * Who is asking, for routes of the host's own. Takes the value of the Authorization header as it came, and gives out
 * nothing that may not be shown to the user.
 *
 * @throws AuthError `missing_token` or `invalid_token` (401), `store_unavailable` (503)
 */
export const signedInFrom = async (
  auth: Pick<Auth, 'authenticate'>,
  authorization: string | undefined,
): Promise<{ user: Profile; sessionId: string }> => {
  const token = bearerToken({ headers: { authorization } })
  if (token === undefined) throw new AuthError('missing_token')
  const { user, session } = await auth.authenticate(token)
  return { user: profileOf(user), sessionId: session.id }
}
