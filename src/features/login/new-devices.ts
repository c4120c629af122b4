import type { Caller } from '../../lib/caller.js'
import type { Clock } from '../../lib/clock.js'
import { addressKey } from '../../lib/ip-address.js'
import type { Log } from '../../lib/log.js'
import type { Ports } from '../../stores/store.js'
import type { User } from '../accounts/store.js'
import type { KnownDevices } from '../limits/known-devices.js'
import type { Session } from '../sessions/store.js'

/** New devices: whether a user comes from where nothing shows that they were there before. */
type Deps = {
  knownDevices: KnownDevices
  clock: Clock
  log: Log
}

/** So many sessions are looked at, newest first: most people come back from where they were lately. */
const pages = [3, 97]

export const createNewDevices = ({ knownDevices, clock, log }: Deps) => {
  const seemsNew = async (
    { users, sessions }: Pick<Ports, 'users' | 'sessions'>,
    user: User,
    caller: Caller,
  ): Promise<boolean> => {
    if (caller.address === undefined && caller.userAgent === undefined) return false
    if (knownDevices.knows(caller.device, user.id) !== undefined) return false
    // users of the host's own may keep no time of their last login; then their sessions tell
    const isFirstLogin = user.lastLoginAt === null
    if (isFirstLogin && !users.isReadOnly) return false
    const whose = { userId: user.id, now: clock() }
    let afterId: string | undefined
    for (const limit of pages) {
      const live = await sessions.listLive({ afterId, limit, ...whose })
      const oldest = live.at(-1)
      if (isFirstLogin && afterId === undefined && oldest === undefined) return false
      if (live.some((session) => isLike(caller, session))) return false
      if (live.length < limit) return true
      afterId = oldest?.id
    }
    return true
  }

  return {
    /**
     * False at the first login, and where there is nothing to tell by. Asked before the session is opened, in the step that
     * opens it. Keeps nobody out, and never fails.
     */
    isNew: async (
      ports: Pick<Ports, 'users' | 'sessions'>,
      user: User,
      caller: Caller,
    ): Promise<boolean> => {
      try {
        return await seemsNew(ports, user, caller)
      } catch (error) {
        log.warn({ err: error, request_id: caller.requestId }, 'a device could not be told')
        return false
      }
    },
  }
}
export type NewDevices = ReturnType<typeof createNewDevices>

const isLike = (caller: Caller, session: Session): boolean =>
  (caller.userAgent !== undefined && caller.userAgent === session.userAgent) ||
  (caller.address !== undefined &&
    session.address !== null &&
    addressKey(caller.address) === addressKey(session.address))
