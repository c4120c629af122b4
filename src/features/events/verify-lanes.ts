import type { Checkpoint, Head } from './checkpoints.js'
import type { Tell } from './findings.js'
import { chainOf, readChain } from './lanes.js'
import { readTrail } from './read-trail.js'
import type { KnownRecorder } from './registry.js'
import type { EventStore, RecordedEvent } from './store.js'

/** The lanes as they are found in the trail: each event has to follow the one before it. */
type Seen = Head & { sequence: number }

type Deps = {
  events: Pick<EventStore, 'list'>
  find(recorderId: string): Promise<KnownRecorder | undefined>
  /** Checkpoints that were kept elsewhere, by recorder. */
  given: ReadonlyMap<string, Checkpoint>
  tell: Tell
}

export const createLaneCheck = ({ events, find, given, tell }: Deps) => {
  const lanes = new Map<string, Seen>()
  let newestAt = 0

  const check = async (event: RecordedEvent): Promise<void> => {
    const { chain, number, mac, sequence, id } = event
    if (chain === null || number === null || mac === null)
      return tell({ what: 'changed', sequence, id, chain, number })
    const place = readChain(chain)
    const known = place && (await find(place.recorderId))
    if (place === undefined || known === undefined)
      return tell({ what: 'foreign', sequence, id, chain, number })
    newestAt = Math.max(newestAt, event.at.getTime() || 0)
    let before = seenBefore(known, place.lane, number)
    if (number > before.number + 1) {
      await catchUp(chain, before.sequence, sequence)
      before = seenBefore(known, place.lane, number)
    }
    if (number <= before.number) {
      lanes.set(chain, { ...before, sequence })
      return tell({ what: 'repeated', sequence, id, chain, number })
    }
    lanes.set(chain, { number, mac, sequence })
    if (number > before.number + 1)
      return tell({ what: 'missing', sequence, id, chain, number: before.number + 1 })
    const head = given.get(known.recorder.id)?.heads.get(place.lane)
    const isOther = head?.number === number && head.mac !== mac
    if (isOther || !isAsRecorded(event, before, known))
      tell({ what: 'changed', sequence, id, chain, number })
  }

  /** The last event that was seen, or what is signed about the pruned ones, or the place before the first. */
  const seenBefore = ({ recorder, bases }: KnownRecorder, lane: number, number: number): Seen => {
    const base = bases?.lanes.get(lane)
    const seen = lanes.get(chainOf(recorder.id, lane))
    const isBehindPruned = base !== undefined && number > base.to.number
    if (isBehindPruned && (seen?.number ?? 0) < base.to.number) return { ...base.to, sequence: 0 }
    return seen ?? { ...(base?.from ?? { number: 0, mac: recorder.mac }), sequence: 0 }
  }

  /**
   * A store draws the sequence before a transaction ends, so an event may show later than others with a greater one. What
   * follows it in its lane comes after its end: when that shows, the event does, too.
   */
  const catchUp = async (chain: string, after: number, before: number): Promise<void> => {
    for await (const event of readTrail(events, after, () => {})) {
      if (event.sequence >= before) return
      if (event.chain === chain) await check(event)
    }
  }

  /** Every lane has to be as long as the checkpoints say: those of the registry, and those that were kept elsewhere. */
  const expectHeads = async (known: KnownRecorder): Promise<void> => {
    const { id } = known.recorder
    const heads = [...(known.checkpoint?.heads ?? []), ...(given.get(id)?.heads ?? [])]
    for (const [lane, { number }] of heads) {
      const chain = chainOf(id, lane)
      const last = () => seenBefore(known, lane, Number.POSITIVE_INFINITY)
      if (last().number < number) await catchUp(chain, last().sequence, Number.POSITIVE_INFINITY)
      if (last().number < number)
        tell({ what: 'cut_off', chain, recorder: id, number: last().number + 1 })
    }
  }

  return {
    check,
    expectHeads,
    /** The greatest instant of any event so far. */
    newestAt: () => newestAt,
  }
}

/** Where no key fits the recorder, that is said already. */
const isAsRecorded = (event: RecordedEvent, before: Head, { key }: KnownRecorder): boolean => {
  const { chain, number, mac } = event
  if (key === undefined || chain === null || number === null) return true
  return key.eventMac(before.mac, { ...event, chain, number }) === mac
}
