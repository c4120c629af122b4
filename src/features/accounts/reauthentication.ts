import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import { type Clock, secondsBetween } from '../../lib/clock.js'
import type { Store } from '../../stores/store.js'
import type { Attempts } from '../limits/attempts.js'
import type { Passwords } from '../passwords/passwords.js'
import type { User } from './store.js'

/** Proof, for what could take an account away, that its owner is there now: a recent sign-in, or the password once more. */
type Deps = {
  store: Pick<Store, 'users' | 'sessions'>
  attempts: Attempts
  passwords: Pick<Passwords, 'requireRoom' | 'verify'>
  clock: Clock
}

const recentSeconds = 600

/** The password, where it was sent, and the session that asks. */
export type OwnerProof = { password?: string | undefined; sessionId: string }

export const createReauthentication = ({ store, attempts, passwords, clock }: Deps) => {
  const present = async (id: string): Promise<User> => {
    const user = await store.users.find(id)
    if (user === undefined) throw new AuthError('invalid_token')
    return user
  }

  /**
   * The account as it is now, not as it was remembered for a second. Guesses are counted together with those at the login.
   *
   * @throws AuthError `wrong_password`, `too_many_attempts`, `overloaded`
   */
  const requirePassword = async (id: string, password: string, caller: Caller): Promise<User> => {
    passwords.requireRoom('change')
    const user = await present(id)
    return attempts.during({ userId: id }, caller, async (attempt) => {
      if (await passwords.verify(password, user.passwordHash, 'change')) return user
      await attempts.refuse(attempt, caller, { type: 'password.change_failed', subjectId: id })
      throw new AuthError('wrong_password')
    })
  }

  /** A session that took the place of one of a service of before was not opened by anybody. */
  const requireRecent = async (userId: string, sessionId: string): Promise<void> => {
    const session = await store.sessions.find(sessionId)
    const isRecent =
      session?.userId === userId &&
      session.revokedAt === null &&
      session.method !== 'legacy' &&
      secondsBetween(session.createdAt, clock()) <= recentSeconds
    if (!isRecent) throw new AuthError('reauthentication_required')
  }

  return {
    /**
     * For what a recent sign-in is enough.
     *
     * @throws AuthError `reauthentication_required`, `wrong_password`, `too_many_attempts`
     */
    require: async (userId: string, proof: OwnerProof, caller: Caller): Promise<User> => {
      if (proof.password !== undefined) return requirePassword(userId, proof.password, caller)
      await requireRecent(userId, proof.sessionId)
      return present(userId)
    },
    /**
     * For what asks for the password of whoever has one; others have to have signed in a short time ago.
     *
     * @param field where the password is sent
     * @throws AuthError `reauthentication_required`, `wrong_password`, `too_many_attempts`, `invalid_body` when it is missing
     */
    requirePasswordIfAny: async (
      userId: string,
      proof: OwnerProof,
      caller: Caller,
      field: string,
    ): Promise<User> => {
      if (proof.password !== undefined) return requirePassword(userId, proof.password, caller)
      const user = await present(userId)
      if (user.passwordHash !== null) throw missing(field)
      await requireRecent(userId, proof.sessionId)
      return user
    },
  }
}
const missing = (field: string): AuthError =>
  new AuthError('invalid_body', {
    fields: [{ field, code: 'required', detail: 'The present password is required.' }],
  })

export type Reauthentication = ReturnType<typeof createReauthentication>
