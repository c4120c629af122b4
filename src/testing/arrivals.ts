import type { Auth } from '../auth.js'
import type { Arrival } from '../features/oauth/provider-login.js'
import type { Identity } from '../features/oauth/store.js'
import type { SignedIn } from '../features/sessions/live-sessions.js'
import type { Caller } from '../lib/caller.js'
import { sampleUser } from './samples.js'

/** Somebody whom Google vouches for, as if it had just said so. */
export const arrivalOf = (email: string, subject = '1'): Arrival => ({
  provider: { name: 'google', title: 'Google' },
  proof: {
    person: {
      ...{ subject, email, isEmailConfirmed: true, isEmailAuthoritative: true },
      ...{ firstName: null, lastName: null, picture: null },
    },
    tokens: null,
  },
})

/** Links a Google account to the account of a session. */
export const linkGoogle = (
  auth: Auth,
  { user, session }: SignedIn,
  caller: Caller,
): Promise<Identity> =>
  auth.rooms.social.identities.linkFor(
    { userId: user.id, sessionId: session.id },
    arrivalOf('ada@gmail.com'),
    caller,
  )

/** Somebody of another place, with an account and no password. */
export const importedRow = {
  user: sampleUser({ passwordHash: null }),
  hasId: true,
  identities: [],
  isUnlinked: false,
  password: { hash: null },
}
