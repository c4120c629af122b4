import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import type { Clock } from '../../lib/clock.js'
import type { User } from '../accounts/store.js'
import type { Events, Recording } from '../events/events.js'
import type { KnownDevices } from '../limits/known-devices.js'
import { type Grant, profileOf } from '../sessions/grant.js'
import type { LiveSessions } from '../sessions/live-sessions.js'
import type { Sessions } from '../sessions/sessions.js'
import type { NewDevices } from './new-devices.js'

/** The one door: every way in ends here, and what may keep somebody out is asked here and nowhere else. */
type Deps = {
  events: Events
  sessions: Sessions
  live: LiveSessions
  knownDevices: KnownDevices
  newDevices: NewDevices
  clock: Clock
}

/** How somebody comes in. */
export type Way = {
  /** As sessions and events name it. */
  method: string
  /** Whether it still leads here, asked and held in the step that opens the session: it may just be taken away. */
  isOpen?(ports: Recording): Promise<boolean>
  /** What else comes true with the session, as the last thing in that step. It may be run again. */
  alongWith?(ports: Recording): Promise<void>
}

export const createEnter = (deps: Deps) => {
  const { events, sessions, live, knownDevices, newDevices, clock } = deps

  /**
   * Starts a session for a user who has proved who they are.
   *
   * @returns undefined when the account, its password or the way in changed since they were read: the proof is worth nothing then
   * @throws AuthError `account_disabled`
   */
  const enter = async (user: User, caller: Caller, way: Way): Promise<Grant | undefined> => {
    if (!user.isActive) {
      await events.commit(({ record }) =>
        record('login.refused', caller, {
          subjectId: user.id,
          outcome: 'failure',
          details: { reason: 'disabled' },
        }),
      )
      throw new AuthError('account_disabled')
    }
    const now = clock()
    const opened = await events.commit(async (ports) => {
      if (way.isOpen && !(await way.isOpen(ports))) return undefined
      const [isRecorded, isNewDevice] = await Promise.all([
        ports.users.recordLogin(user.id, user.passwordHash, now),
        newDevices.isNew(ports, user, caller),
      ])
      if (!isRecorded) return undefined
      const { session, endedCount } = await sessions.open(ports, user, caller, way.method)
      const happening = {
        subjectId: user.id,
        sessionId: session.id,
        details: { method: way.method },
      }
      await ports.record('login.succeeded', caller, happening)
      if (isNewDevice) await ports.record('login.new_device', caller, happening)
      await way.alongWith?.(ports)
      return { session, endedCount }
    })
    if (opened === undefined) return undefined
    if (opened.endedCount > 0) await live.forgetUser(user.id)
    return {
      user: profileOf({ ...user, lastLoginAt: now }),
      device: knownDevices.remember(caller.device, user.id),
      ...(await sessions.grant(user, opened.session)),
    }
  }
  return enter
}
export type Enter = ReturnType<typeof createEnter>
