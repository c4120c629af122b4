import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { Store } from '../../stores/store.js'
import { canonicalUsername, requireEmail } from '../accounts/identity.js'
import type { User } from '../accounts/store.js'
import type { Events } from '../events/events.js'
import type { Passwords } from '../passwords/passwords.js'
import type { Grant } from '../sessions/grant.js'
import type { Enter } from './enter.js'

/** Login: a name and a password for a session. One sentence for every failure, at one cost. */
type Deps = {
  store: Pick<Store, 'users'>
  events: Events
  clock: Clock
  passwords: Passwords
  enter: Enter
  log: Log
}

export type Credentials = { password: string } & (
  | { email: string; username?: undefined }
  | { username: string; email?: undefined }
)

export const createLogin = ({ store, events, clock, passwords, enter, log }: Deps) => {
  /**
   * @throws AuthError `invalid_credentials`, `account_disabled`, `overloaded`, `invalid_body` for what is no address
   */
  const login = async (credentials: Credentials, caller: Caller): Promise<Grant> => {
    const user = await prove(credentials, caller)
    const grant =
      (await enter(user, caller, 'pwd')) ??
      // the hash changed meanwhile: another login rewrote it, or the password is no longer this one
      (await enter(await prove(credentials, caller), caller, 'pwd')) ??
      (await refuse(user, caller))
    await strengthen(user, credentials.password, caller)
    return grant
  }

  /** The user whose name and password these are. */
  const prove = async (credentials: Credentials, caller: Caller): Promise<User> => {
    const user = await find(credentials)
    const correct = await passwords.verify(credentials.password, user?.passwordHash) // a decoy when nobody is found
    if (!user || !correct) return refuse(user, caller)
    return user
  }

  const find = ({ email, username }: Credentials): Promise<User | undefined> =>
    email === undefined
      ? store.users.findByUsername(canonicalUsername(username))
      : store.users.findByEmail(requireEmail(email).canonical)

  const refuse = async (user: User | undefined, caller: Caller): Promise<never> => {
    const subjectId = user?.id ?? null
    await events.commit(({ record }) =>
      record('login.failed', caller, { actorId: null, subjectId, outcome: 'failure' }),
    )
    throw new AuthError('invalid_credentials')
  }

  /** Rewrites a hash that is weaker than today's: only now is the password at hand. It may fail; the login stands. */
  const strengthen = async (user: User, password: string, caller: Caller): Promise<void> => {
    const old = user.passwordHash
    if (old === null || store.users.isReadOnly || !passwords.isOutdated(old)) return
    try {
      const passwordHash = await passwords.hash(password)
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
