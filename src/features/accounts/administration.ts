import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import type { Clock } from '../../lib/clock.js'
import { type EmailRule, parseEmailAddress } from '../../lib/email-address.js'
import type { Store } from '../../stores/store.js'
import type { Events } from '../events/events.js'
import type { Passwords } from '../passwords/passwords.js'
import { type Profile, profileOf } from '../sessions/grant.js'
import type { LiveSessions } from '../sessions/live-sessions.js'
import type { Sessions } from '../sessions/sessions.js'
import { type NewAccount, wordsOf } from './account-input.js'
import type { Accounts } from './accounts.js'
import { canonicalUsername, requireRoles } from './identity.js'
import type { User } from './store.js'

/** Administration: what an operator does to the accounts of others. Whoever calls it has been let in already. */
type Deps = {
  store: Pick<Store, 'users'>
  events: Events
  clock: Clock
  passwords: Passwords
  accounts: Accounts
  live: LiveSessions
  sessions: Pick<Sessions, 'endAllIn'>
  emails: EmailRule
}

export const createAdministration = (deps: Deps) => {
  const { store, events, clock, passwords, accounts, live, emails } = deps
  const { endAllIn } = deps.sessions

  /** By id, e-mail address or username. @throws AuthError `account_not_found` */
  const require = async (name: string): Promise<User> => {
    const email = parseEmailAddress(name, emails === 'folded' ? 'folded' : 'kept')
    const user = email
      ? await store.users.findByEmail(email.canonical)
      : ((await store.users.find(name)) ??
        (await store.users.findByUsername(canonicalUsername(name))) ??
        (await store.users.findByEmail(name)))
    if (user === undefined) throw new AuthError('account_not_found')
    return user
  }

  /** A disabled account cannot come in, and its sessions end. */
  const setActive = async (name: string, isActive: boolean, caller: Caller): Promise<Profile> => {
    const user = await require(name)
    await events.commit(async ({ users, sessions, record }) => {
      if (!(await users.setActive(user.id, isActive, clock())))
        throw new AuthError('account_not_found')
      if (!isActive) await endAllIn({ sessions }, user.id)
      await record(isActive ? 'account.enabled' : 'account.disabled', caller, {
        subjectId: user.id,
      })
    })
    await live.forgetUser(user.id)
    return profileOf({ ...user, isActive })
  }

  /** Sets a password and ends all sessions and locks: the way back for who is locked out. @throws AuthError `invalid_body`, `account_not_found` */
  const resetPassword = async (
    name: string,
    password: string,
    caller: Caller,
  ): Promise<Profile> => {
    const user = await require(name)
    passwords.requireAcceptable(password, wordsOf(user))
    const passwordHash = await passwords.hash(password, 'recovery')
    const replaced = await events.commit(async ({ users, sessions, attempts, record }) => {
      if (!(await users.replacePasswordHash(user.id, user.passwordHash, passwordHash, clock())))
        return false
      await endAllIn({ sessions }, user.id)
      await attempts.clearAll({ subjectId: user.id })
      await record('password.reset', caller, { subjectId: user.id })
      return true
    })
    await live.forgetUser(user.id)
    return replaced ? profileOf(user) : resetPassword(name, password, caller) // changed meanwhile: ours is later
  }

  return {
    create: async (
      { roles = [], ...input }: NewAccount & { roles?: readonly string[] | undefined },
      caller: Caller,
    ): Promise<Profile> => {
      const made = {
        type: 'account.created',
        purpose: 'administration',
        roles: requireRoles(roles),
      } as const
      return profileOf(await accounts.create(input, caller, made))
    },
    find: async (name: string): Promise<Profile> => profileOf(await require(name)),
    /** In order of creation, at most `limit` (up to 1,000) behind `afterId`. */
    list: async ({
      afterId,
      limit = 100,
    }: {
      afterId?: string
      limit?: number
    } = {}): Promise<Profile[]> =>
      (await store.users.list({ afterId, limit: Math.min(limit, 1000) })).map(profileOf),
    setActive,
    resetPassword,
  }
}
export type Administration = ReturnType<typeof createAdministration>
