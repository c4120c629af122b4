import { createHmac } from 'node:crypto'
import type { AuthEvent, ChainedEvent, Recorder } from './store.js'

/** The chain: each event carries a keyed hash over itself and the event before it in its lane. */
export type Value = string | number | null

/** 16 bytes in hex: nobody without the key finds another text with the same hash. */
export const macOf = (key: Buffer, before: string, values: readonly Value[]): string =>
  createHmac('sha256', key)
    .update(canonical([before, ...values]))
    .digest('hex')
    .slice(0, 32)

/** Everything that is kept of an event. Its sequence is where the store put it: in a lane it grows with the number. */
export const eventValues = (event: Omit<ChainedEvent, 'mac'>): Value[] => [
  'event',
  event.chain,
  event.number,
  event.id,
  event.type,
  event.at.getTime(),
  event.outcome,
  event.actorId,
  event.subjectId,
  event.sessionId,
  event.address,
  event.userAgent,
  event.requestId,
  sorted(event.details),
]

/** What never changes about a recorder; its checkpoint and its bases are signed. */
export const recorderValues = ({
  id,
  number,
  startedAt,
  isTrailEmpty,
}: RecorderOrigin): Value[] => ['recorder', id, number, startedAt.getTime(), isTrailEmpty ? 1 : 0]
export type RecorderOrigin = Pick<Recorder, 'id' | 'number' | 'startedAt' | 'isTrailEmpty'>

/** Before the first recorder there is none. */
export const noRecorderMac = ''

/** Kind and length stand before each value, so that no two lists have the same text; null is no empty text. */
const canonical = (values: readonly Value[]): string => values.map(marked).join('')

const marked = (value: Value): string => {
  if (value === null) return 'n;'
  const text = String(value)
  return `${kinds[typeof value] ?? 'x'}${text.length}:${text};`
}

/** A store may hand out what is neither, where somebody has written into it: then nothing fits. */
const kinds: Partial<Record<string, string>> = { string: 's', number: 'd' }

/** Stores may give members back in another order. */
const sorted = (details: AuthEvent['details']): string =>
  JSON.stringify(Object.entries(details).sort(([one], [other]) => (one < other ? -1 : 1)))
