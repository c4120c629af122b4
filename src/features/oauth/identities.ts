import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import type { Clock } from '../../lib/clock.js'
import { type EmailRule, parseEmailAddress } from '../../lib/email-address.js'
import type { Store } from '../../stores/store.js'
import type { OwnerProof, Reauthentication } from '../accounts/reauthentication.js'
import type { User } from '../accounts/store.js'
import type { Events, Recording } from '../events/events.js'
import type { LiveSessions } from '../sessions/live-sessions.js'
import type { Sessions } from '../sessions/sessions.js'
import type { IdentityRecords } from './identity-records.js'
import type { Arrival } from './provider-login.js'
import type { Providers } from './providers.js'
import type { Identity } from './store.js'

/** Logins at providers that a user has linked: what they are, one more, one less. */
type Deps = {
  store: Pick<Store, 'identities'>
  events: Events
  clock: Clock
  sessions: Pick<Sessions, 'endAllIn'>
  live: LiveSessions
  providers: Pick<Providers, 'names'>
  reauthentication: Reauthentication
  records: IdentityRecords
  emails: EmailRule
}

export const createIdentities = (deps: Deps) => {
  const { store, events, clock, sessions, live, providers, reauthentication, records, emails } =
    deps

  /**
   * Links a login to the account of a session that stands.
   *
   * @throws AuthError `identity_taken`, `session_revoked`, `account_disabled`
   */
  const linkFor = async (
    { userId, sessionId }: { userId: string; sessionId: string },
    { provider, proof }: Arrival,
    caller: Caller,
  ): Promise<Identity> => {
    const identity = records.make(userId, provider, proof)
    const linked = await events.commit(async (ports) => {
      const { identities, users, record } = ports
      const user = await hold(ports, { userId, sessionId })
      if (!(await identities.insertIfAbsent(identity))) return false
      const details = { provider: provider.name }
      await record('identity.linked', caller, { subjectId: userId, sessionId, details })
      if (!users.isReadOnly && provesAddress(user, proof.person)) {
        const canonicalEmail = user.canonicalEmail ?? ''
        await users.verifyEmail(userId, { canonicalEmail, dropsPassword: false, now: clock() })
      }
      return true
    })
    if (!linked) return known(userId, { provider, proof })
    await live.forgetUser(userId)
    return identity
  }

  /**
   * The account, held until the link is written: whoever takes it over, disables it or changes its password, and ends its
   * sessions, comes before or after.
   */
  const hold = async (
    { users, sessions: inside }: Pick<Recording, 'users' | 'sessions'>,
    { userId, sessionId }: { userId: string; sessionId: string },
  ): Promise<User> => {
    const now = clock()
    if (!users.isReadOnly) await users.updateProfile(userId, {}, now)
    const [user, session] = [await users.find(userId), await inside.find(sessionId)]
    const stands = session?.userId === userId && !session.revokedAt && session.expiresAt > now
    if (user === undefined || !stands) throw new AuthError('session_revoked')
    if (!user.isActive) throw new AuthError('account_disabled')
    return user
  }

  /** To link twice what is one's own already is no mistake. */
  const known = async (userId: string, { provider, proof }: Arrival): Promise<Identity> => {
    const present = await store.identities.find(provider.name, proof.person.subject)
    if (present?.userId !== userId) throw new AuthError('identity_taken', { provider })
    return present
  }

  /** Whoever holds the account also holds its address, by the word of a provider that can tell. */
  const provesAddress = (user: User, { email, isEmailAuthoritative }: Arrival['proof']['person']) =>
    !user.emailVerified &&
    isEmailAuthoritative &&
    email !== null &&
    parseEmailAddress(email, emails)?.canonical === user.canonicalEmail

  /**
   * Unlinks one of the user's logins, unless nothing else would let them in, and ends all other sessions.
   *
   * @throws AuthError `identity_not_found`, `last_way_in`, `reauthentication_required`, `wrong_password`
   */
  const unlink = async (
    { userId, id }: { userId: string; id: string },
    proof: OwnerProof,
    caller: Caller,
  ): Promise<void> => {
    const { sessionId } = proof
    const user = await reauthentication.require(userId, proof, caller)
    const leavesOneOf = user.passwordHash === null ? providers.names : undefined
    const outcome = await events.commit(async (ports) => {
      const result = await ports.identities.remove({ userId, id, leavesOneOf })
      if (result !== 'removed') return result
      // whoever came in by it may not be wanted any more
      await sessions.endAllIn(ports, userId, sessionId)
      await ports.record('identity.unlinked', caller, { subjectId: userId, sessionId })
      return result
    })
    await live.forgetUser(userId)
    if (outcome === 'missing') throw new AuthError('identity_not_found')
    if (outcome === 'last') throw new AuthError('last_way_in')
  }

  return {
    list: (userId: string): Promise<Identity[]> => store.identities.list(userId),
    linkFor,
    unlink,
  }
}
export type Identities = ReturnType<typeof createIdentities>
