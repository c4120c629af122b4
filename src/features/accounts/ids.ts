import { randomBytes, randomInt } from 'node:crypto'
import { createId } from '../../lib/id.js'
import type { UserStore } from './store.js'

/**
 * What ids of new accounts look like; everywhere else an id is a text that means nothing. integer: 1, 2, 3, …; objectid:
 * the 24 hex digits of MongoDB; username: the name itself, which the account keeps.
 */
export const idKinds = ['uuid', 'integer', 'objectid', 'username'] as const
export type IdKind = (typeof idKinds)[number]

type Deps = { users: Pick<UserStore, 'makeId' | 'nextNumber'>; kind: IdKind }

/** Places that make ids in their own way do so, whatever is asked for. */
export const createIds = ({ users, kind }: Deps) => {
  const objectId = createObjectIds()

  return async ({
    username,
    now,
  }: {
    username: string | undefined
    now: Date
  }): Promise<string> => {
    const ofPlace = await users.makeId?.()
    if (ofPlace !== undefined) return ofPlace
    if (kind === 'integer' && users.nextNumber) return String(await users.nextNumber())
    if (kind === 'objectid') return objectId(now)
    return kind === 'username' && username !== undefined ? username : createId(now)
  }
}

/** Seconds, five random bytes of this process, and a counter (BSON specification, ObjectId). */
const createObjectIds = (): ((now: Date) => string) => {
  const middle = randomBytes(5).toString('hex')
  let count = randomInt(0xff_ffff)
  return (now) => {
    count = (count + 1) % 0x100_0000
    const seconds = Math.floor(now.getTime() / 1000)
    return `${seconds.toString(16).padStart(8, '0')}${middle}${count.toString(16).padStart(6, '0')}`
  }
}
