import type { Auth } from '../auth.js'
import type { Arrival } from '../features/oauth/provider-login.js'
import type { Proof } from '../features/oauth/providers.js'
import type { Identity } from '../features/oauth/store.js'
import type { SignedIn } from '../features/sessions/live-sessions.js'
import type { Caller } from '../lib/caller.js'
import { sampleUser } from './samples.js'

/** Somebody whom Google vouches for, as if it had just said so, but for the given part. */
export const arrivalOf = (
  email: string | null,
  subject = '1',
  { provider = 'google', tokens = null, ...part }: ArrivalPart = {},
): Arrival => ({
  provider: { name: provider, title: titles.get(provider) ?? provider },
  proof: {
    person: {
      ...{ subject, email, isEmailConfirmed: true, isEmailAuthoritative: true },
      ...{ firstName: null, lastName: null, picture: null, ...part },
    },
    tokens,
  },
})

type ArrivalPart = Partial<Proof['person']> & { provider?: string; tokens?: Proof['tokens'] }

const titles = new Map([
  ['google', 'Google'],
  ['github', 'GitHub'],
  ['facebook', 'Facebook'],
])

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
