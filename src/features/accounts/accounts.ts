import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import type { Clock } from '../../lib/clock.js'
import type { EmailAddress, EmailRule } from '../../lib/email-address.js'
import type { Store } from '../../stores/store.js'
import type { EventType } from '../events/event-types.js'
import type { Events } from '../events/events.js'
import type { Passwords } from '../passwords/passwords.js'
import type { HashPurpose } from '../passwords/purposes.js'
import { type Grant, type Profile, profileOf } from '../sessions/grant.js'
import type { LiveSessions } from '../sessions/live-sessions.js'
import type { Sessions } from '../sessions/sessions.js'
import {
  type NewAccount,
  type ProfileEdit,
  readEdit,
  readNewAccount,
  wordsOf,
} from './account-input.js'
import { canonicalUsername, requireSomeIdentity } from './identity.js'
import { createIds, type IdKind } from './ids.js'
import type { OwnerProof, Reauthentication } from './reauthentication.js'
import type { User } from './store.js'

/** Accounts: who there is, what they are called, and the password each is known by. */
type Deps = {
  store: Pick<Store, 'users' | 'sessions'>
  events: Events
  clock: Clock
  reauthentication: Reauthentication
  passwords: Passwords
  sessions: Sessions
  live: LiveSessions
  settings: { emails: EmailRule; ids: IdKind }
}

type Making = {
  type: EventType
  purpose: HashPurpose
  roles?: readonly string[] | undefined
}
type Identity = { email: EmailAddress | undefined; username: string | undefined }

export const createAccounts = (deps: Deps) => {
  const { store, events, clock, reauthentication, passwords, sessions, live, settings } = deps
  const { emails } = settings
  const makeId = createIds({ users: store.users, kind: settings.ids })

  /**
   * Adds an account.
   *
   * @throws AuthError `invalid_body`, `email_taken`, `username_taken`, `overloaded`
   */
  const create = async (
    input: NewAccount,
    caller: Caller,
    { type, purpose, roles = [] }: Making,
  ): Promise<User> => {
    const fields = readNewAccount(input, { passwords, emails })
    await refuseTaken(fields) // spares the hash; the store decides again below
    const passwordHash = await passwords.hash(input.password, purpose)
    const user = { ...(await blank(fields)), passwordHash, roles }
    const outcome = await events.commit(async ({ users, record }) => {
      const result = await users.createIfAbsent(user)
      if (result === 'created') await record(type, caller, { subjectId: user.id })
      return result
    })
    if (outcome !== 'created') throw new AuthError(outcome)
    return user
  }

  /**
   * Adds an account, or notes for the owner of the one that is there that somebody tried. Both cost the same, and whoever
   * asks learns nothing of it.
   *
   * @throws AuthError `invalid_body`, `overloaded`
   */
  const createQuietly = async (input: NewAccount, caller: Caller): Promise<void> => {
    const fields = readNewAccount(input, { passwords, emails })
    const passwordHash = await passwords.hash(input.password, 'registration')
    const user = { ...(await blank(fields)), passwordHash }
    await events.commit(async ({ users, record }) => {
      const result = await users.createIfAbsent(user)
      if (result === 'created') {
        await record('account.registered', caller, { subjectId: user.id })
        return
      }
      const owner = await (result === 'email_taken'
        ? users.findByEmail(user.canonicalEmail ?? '')
        : users.findByUsername(user.canonicalUsername ?? ''))
      const happening = { actorId: null, subjectId: owner?.id ?? null, outcome: 'failure' } as const
      await record('registration.repeated', caller, happening)
    })
  }

  /** A new account that nobody can come in to yet. */
  const blank = async ({
    email,
    username,
    firstName,
    lastName,
  }: Identity & Pick<User, 'firstName' | 'lastName'>): Promise<User> => {
    const now = clock()
    return {
      id: await makeId({ username, now }),
      email: email?.typed ?? null,
      canonicalEmail: email?.canonical ?? null,
      username: username ?? null,
      canonicalUsername: username === undefined ? null : canonicalUsername(username),
      firstName,
      lastName,
      emailVerified: false,
      isActive: true,
      roles: [],
      passwordHash: null,
      createdAt: now,
      updatedAt: now,
      lastLoginAt: null,
    }
  }

  const refuseTaken = async ({ email, username }: Identity): Promise<void> => {
    if (email && (await store.users.findByEmail(email.canonical)))
      throw new AuthError('email_taken')
    if (username && (await store.users.findByUsername(canonicalUsername(username)))) {
      throw new AuthError('username_taken')
    }
  }

  const updateProfile = async (user: User, edit: ProfileEdit, caller: Caller): Promise<Profile> => {
    const change = readEdit(edit)
    if (change.username === null) requireSomeIdentity('username', user.email, null)
    const outcome = await events.commit(async ({ users, record }) => {
      const result = await users.updateProfile(user.id, change, clock())
      if (result === 'updated') await record('account.updated', caller, { subjectId: user.id })
      return result
    })
    await live.forgetUser(user.id)
    if (outcome === 'username_taken') throw new AuthError('username_taken')
    const updated = outcome === 'updated' ? await store.users.find(user.id) : undefined
    if (updated === undefined) throw new AuthError('invalid_token')
    return profileOf(updated)
  }

  /**
   * Replaces the password and ends all other sessions; this one goes on with new tokens.
   *
   * @throws AuthError `wrong_password`, `too_many_attempts`, `invalid_body`, `overloaded`, `session_revoked`, and
   *   `reauthentication_required` for an account that has no password yet, whose session was not opened a short time ago
   */
  const changePassword = async (
    { user: { id }, sessionId }: { user: Pick<User, 'id'>; sessionId: string },
    { current, next }: { current?: string | undefined; next: string },
    caller: Caller,
  ): Promise<Grant> => {
    const proof = { password: current, sessionId }
    const user = await reauthentication.requirePasswordIfAny(id, proof, caller, 'current_password')
    passwords.requireAcceptable(next, wordsOf(user), 'new_password')
    const passwordHash = await passwords.hash(next, 'change')
    const changed = await events.commit(async ({ users, sessions: inside, record }) => {
      const now = clock()
      if (!(await users.replacePasswordHash(user.id, user.passwordHash, passwordHash, now)))
        return false
      // it may have ended while the new one was hashed: then somebody else has this account now
      const session = await inside.find(sessionId)
      if (session?.userId !== user.id || session.revokedAt) throw new AuthError('session_revoked')
      await sessions.endAllIn({ sessions: inside }, user.id, sessionId)
      await record('password.changed', caller, { subjectId: user.id, sessionId })
      return true
    })
    await live.forgetUser(user.id)
    if (!changed) throw new AuthError('wrong_password') // it was changed meanwhile
    return renew(user, sessionId, caller)
  }

  /** New tokens for a session that may be refreshed by somebody else at the same time. */
  const renew = async (user: User, sessionId: string, caller: Caller): Promise<Grant> => {
    for (;;) {
      const session = await sessions.find(sessionId)
      if (session === undefined || session.revokedAt !== null)
        throw new AuthError('session_revoked')
      const grant = await sessions.advance(user, session, caller)
      if (grant !== undefined) return grant
    }
  }

  /**
   * @param proof the password; for an account without one its session, if that was opened a short time ago
   * @throws AuthError `wrong_password`, `too_many_attempts`, `reauthentication_required`
   */
  const remove = async (
    { id }: Pick<User, 'id'>,
    proof: string | OwnerProof,
    caller: Caller,
  ): Promise<void> => {
    const given = typeof proof === 'string' ? { password: proof, sessionId: '' } : proof
    await reauthentication.requirePasswordIfAny(id, given, caller, 'password')
    await events.commit(async ({ users, sessions, attempts, identities, record }) => {
      await sessions.removeAll(id)
      await identities.removeAll(id)
      await attempts.clearAll({ subjectId: id })
      if (await users.remove(id)) await record('account.deleted', caller, { subjectId: id })
    })
    await live.forgetUser(id)
  }

  return { create, createQuietly, blank, updateProfile, changePassword, remove }
}
export type Accounts = ReturnType<typeof createAccounts>
