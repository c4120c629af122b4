import { randomBytes } from 'node:crypto'
import type { Caller } from '../../lib/caller.js'
import { addSeconds, type Clock } from '../../lib/clock.js'
import { createId } from '../../lib/id.js'
import type { User } from '../accounts/store.js'
import type { Recording } from '../events/events.js'
import type { Session } from './store.js'

/** Opening sessions: what a new one looks like, how long it lasts, and who makes room for it. */
export type OpeningSettings = {
  /** A session that is not refreshed ends after this. */
  refreshSeconds: number
  /** A session ends after this, however often it is refreshed. */
  absoluteSeconds: number
  /** So many one user may have. */
  perUser: number
}

type Deps = { clock: Clock; settings: OpeningSettings }

export const createOpening = ({ clock, settings }: Deps) => {
  const expiry = (createdAt: Date, now: Date): Date => {
    const sliding = addSeconds(now, settings.refreshSeconds)
    const absolute = addSeconds(createdAt, settings.absoluteSeconds)
    return new Date(Math.min(sliding.getTime(), absolute.getTime()))
  }

  /** One that is not kept anywhere yet. */
  const begin = (user: User, caller: Caller, method: string): Session => {
    const now = clock()
    return {
      id: createId(now),
      userId: user.id,
      nonce: randomBytes(16).toString('base64url'),
      generation: 0,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: expiry(now, now),
      revokedAt: null,
      address: caller.address ?? null,
      userAgent: caller.userAgent ?? null,
      method,
    }
  }

  /** Ends the oldest of too many; returns how many. */
  const makeRoom = async (
    ports: Recording,
    { id, userId, createdAt: now }: Session,
    caller: Caller,
  ): Promise<number> => {
    const room = { userId, newestId: id, keep: settings.perUser, now }
    const endedCount = await ports.sessions.revokeBeyond(room)
    if (endedCount > 0) {
      const details = { count: endedCount, reason: 'too_many' }
      await ports.record('sessions.ended', caller, { subjectId: userId, details })
    }
    return endedCount
  }

  /** Opens a session inside the transaction of whatever let the user in; the oldest make room for it. */
  const open = async (
    ports: Recording,
    user: User,
    caller: Caller,
    method: string,
  ): Promise<{ session: Session; endedCount: number }> => {
    const session = begin(user, caller, method)
    await ports.sessions.insert(session)
    return { session, endedCount: await makeRoom(ports, session, caller) }
  }

  return { expiry, begin, makeRoom, open }
}
export type Opening = ReturnType<typeof createOpening>
