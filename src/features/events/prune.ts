import type { Store } from '../../stores/store.js'
import { type Base, type Head, writeBases } from './checkpoints.js'
import { readChain } from './lanes.js'
import { readTrail } from './read-trail.js'
import { createRegistry, type KnownRecorder, type Registry } from './registry.js'
import type { RecordedEvent } from './store.js'
import type { TrailKey } from './trail-key.js'
import { isUnchained } from './verify.js'

/**
 * Pruning: the oldest events go, lane by lane from its beginning, and what is signed about them stays, so that the rest
 * can still be proved.
 */
type Deps = {
  store: Pick<Store, 'events' | 'recorders' | 'transaction'>
  key: TrailKey
  keys: readonly TrailKey[]
}

export type PruneOptions = {
  /** Events of before this instant go. */
  before: Date
  /** Only counts them. */
  isDryRun: boolean
  onProgress?: ((events: number) => void) | undefined
}

const batchSize = 1000
/** When so many in a row stay, those behind them are newer still. */
const mostKept = 5000

/** Returns how many events went. @throws AuthError `store_unavailable` */
export const pruneTrail = async (
  { store, key, keys }: Deps,
  { before, isDryRun, onProgress = () => {} }: PruneOptions,
): Promise<number> => {
  const registry = createRegistry({ store, keys, tell: () => {} })
  await registry.readOn()
  let removed = 0
  for await (const batch of batches(doomed(store, before))) {
    removed += batch.length
    if (!isDryRun) await remove({ store, key, registry }, batch)
    onProgress(removed)
  }
  return removed
}

/** A lane loses events from its beginning only. */
async function* doomed(
  { events }: Pick<Store, 'events'>,
  before: Date,
): AsyncGenerator<RecordedEvent, void> {
  const keptLanes = new Set<string>()
  let kept = 0
  for await (const event of readTrail(events, 0, () => {})) {
    const { chain } = event
    const isKept = !(event.at < before) || (chain !== null && keptLanes.has(chain))
    kept = isKept ? kept + 1 : 0
    if (kept > mostKept) return
    if (!isKept) yield event
    else if (chain !== null) keptLanes.add(chain)
  }
}

async function* batches(
  events: AsyncIterable<RecordedEvent>,
): AsyncGenerator<RecordedEvent[], void> {
  let batch: RecordedEvent[] = []
  for await (const event of events) {
    batch.push(event)
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

type Tools = { store: Deps['store']; key: TrailKey; registry: Registry }

/** What is signed comes first: where a store cannot do both as one, a crash in between leaves events that are proved. */
const remove = async ({ store, key, registry }: Tools, batch: readonly RecordedEvent[]) => {
  const changes = [...(await piecesOf(batch, registry))].map(([known, pieces]) => {
    const { id, basesNumber } = known.recorder
    const lanes = new Map(known.bases?.lanes)
    for (const [lane, piece] of pieces) lanes.set(lane, baseBehind(known, lane, piece))
    return { known, bases: { recorderId: id, number: basesNumber + 1, lanes } }
  })
  await store.transaction(async ({ recorders, events }) => {
    for (const { bases } of changes) {
      const text = writeBases(key, bases)
      if (!(await recorders.writeBases(bases.recorderId, bases.number, text)))
        throw new Error('Somebody else prunes the trail')
    }
    await events.remove(batch.map(({ sequence }) => sequence))
  })
  for (const { known, bases } of changes) registry.rebase(known, bases)
}

/** What goes of a lane. */
type Piece = { first: number; last: Head }

const piecesOf = async (
  batch: readonly RecordedEvent[],
  registry: Registry,
): Promise<Map<KnownRecorder, Map<number, Piece>>> => {
  const pieces = new Map<KnownRecorder, Map<number, Piece>>()
  for (const event of batch) {
    if (isUnchained(event)) continue
    const place = readChain(event.chain ?? '')
    const known = place && (await registry.find(place.recorderId))
    if (place === undefined || known === undefined) throw new Error('The trail is not intact')
    const ofRecorder = pieces.get(known) ?? new Map<number, Piece>()
    const last = { number: event.number ?? 0, mac: event.mac ?? '' }
    ofRecorder.set(place.lane, { first: ofRecorder.get(place.lane)?.first ?? last.number, last })
    pieces.set(known, ofRecorder)
  }
  return pieces
}

/** Behind a piece. One that was left over from the last time begins where that began. */
const baseBehind = ({ recorder, bases }: KnownRecorder, lane: number, piece: Piece): Base => {
  const start = { number: 0, mac: recorder.mac }
  const { from, to } = bases?.lanes.get(lane) ?? { from: start, to: start }
  return {
    from: piece.first > to.number ? to : from,
    to: piece.last.number > to.number ? piece.last : to,
  }
}
