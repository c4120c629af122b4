import type { Ports } from '../../stores/store.js'
import { type Checkpoint, readCheckpoint } from './checkpoints.js'
import { type Finding, findingOf, type Tell } from './findings.js'
import { readTrail } from './read-trail.js'
import { createRegistry, type Registry } from './registry.js'
import type { RecordedEvent } from './store.js'
import type { TrailKey } from './trail-key.js'
import { createLaneCheck } from './verify-lanes.js'

/**
 * Verifying: the registry first, then every event in the order of the trail. Whatever a checkpoint speaks of was safe before
 * the checkpoint was written, so servers may go on recording meanwhile.
 */
export type TrailReport = {
  isIntact: boolean
  /** How many events were looked at. */
  events: number
  /** How many of them stand in no chain, and are proved by nothing: a version without chains recorded them. */
  unchained: number
  /** Events that were pruned, and are accounted for. */
  pruned: number
  recorders: number
  /** What is wrong; nobody looks on after the first twenty. */
  findings: Finding[]
}

export type VerifyOptions = {
  /** Checkpoints that were kept elsewhere, as they were written to the log. */
  checkpoints?: readonly string[] | undefined
  onProgress?: ((events: number) => void) | undefined
}

type Deps = { store: Pick<Ports, 'events' | 'recorders'>; keys: readonly TrailKey[] }

const mostFindings = 20
/** So long after the first chain servers of the version before may still record events without chains. */
const upgradeMilliseconds = 86_400_000

/** @throws AuthError `store_unavailable` */
export const verifyTrail = async (
  deps: Deps,
  options: VerifyOptions = {},
): Promise<TrailReport> => {
  for (;;) {
    const { report, registry } = await verifyOnce(deps, options)
    if (report.isIntact || (await isPrunedSince(deps, registry)) === false) return report
  }
}

/** What is pruned while somebody verifies looks as if it was gone. */
const isPrunedSince = async (deps: Deps, before: Registry): Promise<boolean> => {
  const now = createRegistry({ ...deps, tell: () => {} })
  await now.readOn()
  return now.basesText() !== before.basesText()
}

const verifyOnce = async (
  { store, keys }: Deps,
  { checkpoints = [], onProgress = () => {} }: VerifyOptions,
): Promise<{ report: TrailReport; registry: Registry }> => {
  const findings: Finding[] = []
  const tell: Tell = (what) => void findings.push(findingOf(what))
  const isEnough = (): boolean => findings.length >= mostFindings
  const given = newestOf(checkpoints.flatMap((text) => readCheckpoint(keys, text) ?? []))
  const registry = createRegistry({ store, keys, tell })
  const lanes = createLaneCheck({ events: store.events, find: registry.find, given, tell })
  let [events, unchained] = [0, 0]

  await registry.readOn()
  for (const checkpoint of given.values()) expectGiven(checkpoint, registry, tell)
  const onUnreadable = (sequence: number): void => tell({ what: 'unreadable', sequence })
  for await (const event of readTrail(store.events, 0, onUnreadable)) {
    events += 1
    if (isUnchained(event)) {
      unchained += 1
      if (isTooLate(registry, lanes.newestAt())) tell({ what: 'unchained', ...placeOf(event) })
    } else {
      await lanes.check(event)
    }
    if (events % 1000 === 0) onProgress(events)
    if (isEnough()) break
  }
  for (const known of registry.all()) if (!isEnough()) await lanes.expectHeads(known)

  const [pruned, recorders] = [registry.pruned(), registry.count()]
  const isIntact = findings.length === 0
  return { report: { isIntact, events, unchained, pruned, recorders, findings }, registry }
}

export const isUnchained = ({ chain, number, mac }: RecordedEvent): boolean =>
  chain === null && number === null && mac === null

const placeOf = ({ sequence, id }: { sequence: number; id: string }) => ({ sequence, id })

/** Where the trail began with a chain every event has to stand in one; else those of after the upgrade. */
const isTooLate = (registry: Registry, newestAt: number): boolean => {
  const [first] = registry.all()
  if (first === undefined) return false
  const { isTrailEmpty, startedAt } = first.recorder
  return isTrailEmpty || newestAt - startedAt.getTime() > upgradeMilliseconds
}

/** One of each recorder: what the newest says holds for those before it. */
const newestOf = (checkpoints: readonly Checkpoint[]): Map<string, Checkpoint> => {
  const newest = new Map<string, Checkpoint>()
  for (const checkpoint of checkpoints) {
    const { id } = checkpoint.recorder
    if ((newest.get(id)?.number ?? -1) < checkpoint.number) newest.set(id, checkpoint)
  }
  return newest
}

const expectGiven = (given: Checkpoint, registry: Registry, tell: Tell): void => {
  const { id, number, mac } = given.recorder
  const known = registry.get(id)
  if (known === undefined) tell({ what: 'recorder_missing', recorder: id, number })
  else if (known.recorder.mac !== mac) tell({ what: 'recorder_changed', recorder: id, number })
  else if (known.checkpoint !== undefined && known.checkpoint.number < given.number)
    tell({ what: 'checkpoint_older', recorder: id, number })
}
