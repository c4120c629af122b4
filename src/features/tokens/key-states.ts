import { addSeconds } from '../../lib/clock.js'
import type { SigningKey } from './store.js'

/** Where a key is in its life. It follows from the times alone, so no instance has to move it along. */
export type KeyState = 'next' | 'active' | 'retiring' | 'gone'

/** A new key is public this long before it signs: longer than anybody may cache the JWKS. */
export const prePublishSeconds = 600
/** An old key stays public for the longest access token, the clock tolerance, and a margin. */
const retentionSeconds = 3600 + 10 + 50

/** @param keys in order of their sequence */
export const keyState = (key: SigningKey, keys: readonly SigningKey[], now: Date): KeyState => {
  // the first key signs at once, also for an instance whose clock is behind that of the one that made it
  const isFirst = keys.every(({ sequence }) => sequence >= key.sequence)
  if (key.activatesAt > now && !isFirst) return 'next'
  const successor = keys.find(
    ({ sequence, activatesAt }) => sequence > key.sequence && activatesAt <= now,
  )
  if (successor === undefined) return 'active'
  return addSeconds(successor.activatesAt, retentionSeconds) > now ? 'retiring' : 'gone'
}
