import type { News } from '../../lib/peers.js'
import type { Places } from '../places.js'

/** What workers and the primary say to each other. All of it is JSON on a pipe. */
export type FromWorker =
  | { kind: 'listening'; places: Places }
  /** Counts what one event-loop turn brought. */
  | { kind: 'hits'; batch: number; hits: readonly KeyHits[] }
  /** What it was lent and has not used, of the window that ends then. */
  | { kind: 'returned'; key: string; unused: number; endsAt: number }
  | { kind: 'news'; id: number; news: News }
  /** What was told has been done. */
  | { kind: 'heard'; id: number }

export type FromPrimary =
  /** In the order of the hits. */
  | { kind: 'counts'; batch: number; counts: readonly KeyCount[] }
  /** Asks for what is left of what it was lent of a key. */
  | { kind: 'recall'; key: string }
  | { kind: 'news'; id: number; news: News }
  /** All others have heard it. */
  | { kind: 'heard'; id: number }
  /** Another one has taken its place. */
  | { kind: 'retire' }

/** A worker, as the primary reaches it. */
export type Line = { send(message: FromPrimary): void }

/** So many hits of one key in a window of so many seconds, of which `most` are allowed. */
export type KeyHits = readonly [
  key: string,
  windowSeconds: number,
  times: number,
  most: number,
  mayBorrow: boolean,
]

/** The count after the last of the hits; the next so many numbers are lent to who asked, to count by itself. */
export type KeyCount = readonly [last: number, endsAt: number, lent: number]

/** Which worker a process is, of how many: '2/4' on its command line. */
export type WorkerPlace = { number: number; of: number }

export const placeText = ({ number, of }: WorkerPlace): string => `${number}/${of}`

export const parsePlace = (text: string): WorkerPlace | undefined => {
  const [, number, of] = /^([1-9]\d{0,2})\/([1-9]\d{0,2})$/.exec(text) ?? []
  return number === undefined ? undefined : { number: Number(number), of: Number(of) }
}
