import type { Head, Heads } from './checkpoints.js'
import type { AuthEvent, ChainedEvent, Recorder } from './store.js'
import type { TrailKey } from './trail-key.js'

/**
 * Lanes: chains that one process writes side by side. A transaction has a lane for itself while it lasts, so nobody waits
 * for anybody, in this process or in the database.
 *
 * A lane is used again only after its transaction has certainly been committed. Of any other nobody knows whether its
 * events are there (an answer may be lost, a store may not be able to undo), so that lane ends there for good.
 */
export type Lease = {
  /** The event in its place behind those that were added before. */
  add(event: AuthEvent): ChainedEvent
  /** All that was added is safe in the store. */
  confirm(): void
  /** It is not known to be. */
  abandon(): void
}

export const createLanes = (recorder: Pick<Recorder, 'id' | 'mac'>, key: TrailKey) => {
  const heads: Head[] = []
  const free: number[] = []
  let abandoned = 0

  const lease = (): Lease => {
    const lane = free.pop() ?? heads.push({ number: 0, mac: recorder.mac }) - 1
    const chain = chainOf(recorder.id, lane)
    let head = heads[lane] ?? { number: 0, mac: recorder.mac }
    return {
      add: (event) => {
        const chained = { chain: '', number: 0, mac: '', ...event } // one hidden class (docs/performance.md)
        chained.chain = chain
        chained.number = head.number + 1
        chained.mac = key.eventMac(head.mac, chained)
        head = { number: chained.number, mac: chained.mac }
        return chained
      },
      confirm: () => {
        heads[lane] = head
        free.push(lane)
      },
      abandon: () => {
        abandoned += 1
      },
    }
  }

  return {
    lease,
    /** Of all lanes that have an event. */
    heads: (): Heads => new Map([...heads.entries()].filter(([, { number }]) => number > 0)),
    abandoned: () => abandoned,
  }
}
export type Lanes = ReturnType<typeof createLanes>

export const chainOf = (recorderId: string, lane: number): string => `${recorderId}.${lane}`

/** Undefined for what is no chain. */
export const readChain = (chain: string): { recorderId: string; lane: number } | undefined => {
  const [, recorderId, lane] = /^([0-9a-f]{16})\.(0|[1-9]\d{0,14})$/.exec(chain) ?? []
  return recorderId === undefined ? undefined : { recorderId, lane: Number(lane) }
}
