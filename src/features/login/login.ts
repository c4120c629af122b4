import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import type { Clock } from '../../lib/clock.js'
import type { EmailRule } from '../../lib/email-address.js'
import type { Log } from '../../lib/log.js'
import type { Store } from '../../stores/store.js'
import { canonicalUsername, requireEmail } from '../accounts/identity.js'
import type { User } from '../accounts/store.js'
import type { Events } from '../events/events.js'
import type { Target } from '../limits/attempt-keys.js'
import type { Attempt, Attempts } from '../limits/attempts.js'
import type { Passwords } from '../passwords/passwords.js'
import type { Grant } from '../sessions/grant.js'
import type { Enter, Way } from './enter.js'

/** Login: a name and a password for a session. One sentence for every failure, at one cost. */
type Deps = {
  store: Pick<Store, 'users'>
  events: Events
  clock: Clock
  attempts: Attempts
  passwords: Passwords
  enter: Enter
  log: Log
  emails: EmailRule
}

export type Credentials = { password: string } & (
  | { email: string; username?: undefined }
  | { username: string; email?: undefined }
)

export const createLogin = (deps: Deps) => {
  const { store, events, clock, attempts, passwords, enter, log, emails } = deps

  /**
   * @throws AuthError `invalid_credentials`, `account_disabled`, `too_many_attempts`, `overloaded`, `invalid_body` for what is
   *   no address
   */
  const login = async (credentials: Credentials, caller: Caller): Promise<Grant> => {
    passwords.requireRoom('login')
    const found = await find(credentials)
    const { user, grant } = await attempts.during(
      targetOf(credentials, found, emails),
      caller,
      (attempt) => comeIn(credentials, found, caller, attempt),
    )
    await strengthen(user, credentials.password, caller)
    return grant
  }

  const comeIn = async (
    credentials: Credentials,
    found: User | undefined,
    caller: Caller,
    attempt: Attempt,
  ): Promise<{ user: User; grant: Grant }> => {
    const refuse = () => refuseAttempt(found, caller, attempt)
    const way = { method: 'pwd', alongWith: attempts.forgiveIn(attempt) }
    const user = (await prove(credentials, found)) ?? (await refuse())
    const grant =
      (await enter(user, caller, way)) ??
      // the hash changed meanwhile: another login rewrote it, or the password is no longer this one
      (await enterAgain(credentials, caller, way)) ??
      (await refuse())
    return { user, grant }
  }

  const enterAgain = async (
    credentials: Credentials,
    caller: Caller,
    way: Way,
  ): Promise<Grant | undefined> => {
    const user = await prove(credentials, await find(credentials))
    return user && enter(user, caller, way)
  }

  /** The user, if the password is theirs. */
  const prove = async (
    { password }: Credentials,
    user: User | undefined,
  ): Promise<User | undefined> => {
    const correct = await passwords.verify(password, user?.passwordHash, 'login') // a decoy when nobody is found
    return correct ? user : undefined
  }

  const find = ({ email, username }: Credentials): Promise<User | undefined> =>
    email === undefined
      ? store.users.findByUsername(canonicalUsername(username))
      : store.users.findByEmail(requireEmail(email, emails).canonical)

  const refuseAttempt = async (
    user: User | undefined,
    caller: Caller,
    attempt: Attempt,
  ): Promise<never> => {
    const subjectId = user?.id ?? null
    await attempts.refuse(attempt, caller, { type: 'login.failed', actorId: null, subjectId })
    throw new AuthError('invalid_credentials')
  }

  /** Rewrites a hash that is weaker than today's: only now is the password at hand. It may fail; the login stands. */
  const strengthen = async (user: User, password: string, caller: Caller): Promise<void> => {
    const old = user.passwordHash
    if (old === null || store.users.isReadOnly || !passwords.isOutdated(old)) return
    try {
      const passwordHash = await passwords.hash(password, 'login')
      await events.commit(async ({ users, record }) => {
        if (!(await users.replacePasswordHash(user.id, old, passwordHash, clock()))) return
        await record('password.rehashed', caller, { subjectId: user.id })
      })
    } catch (error) {
      log.warn({ err: error, request_id: caller.requestId }, 'an old hash could not be rewritten')
    }
  }

  return login
}
export type Login = ReturnType<typeof createLogin>

/** Who is counted: the account, by whichever of its names, or a name that none has. */
const targetOf = (
  { email, username }: Credentials,
  user: User | undefined,
  emails: EmailRule,
): Target => {
  if (user !== undefined) return { userId: user.id }
  return {
    name:
      email === undefined
        ? `username ${canonicalUsername(username)}`
        : `email ${requireEmail(email, emails).canonical}`,
  }
}
