import { AuthError } from '../../errors.js'
import type { Ports } from '../../stores/store.js'
import { noRecorderMac } from './chain.js'
import { type Bases, type Checkpoint, readBases, readCheckpoint } from './checkpoints.js'
import type { Tell } from './findings.js'
import type { Recorder } from './store.js'
import type { TrailKey } from './trail-key.js'

/** The registry: all recorders in a chain of their own, each with what is signed about it. */
export type KnownRecorder = {
  recorder: Recorder
  /** Undefined when none of ours fits: then nothing can be said of its events. */
  key: TrailKey | undefined
  checkpoint: Checkpoint | undefined
  bases: Bases | undefined
}

type Deps = { store: Pick<Ports, 'recorders'>; keys: readonly TrailKey[]; tell: Tell }

const pageSize = 200

export const createRegistry = ({ store, keys, tell }: Deps) => {
  const known = new Map<string, KnownRecorder>()
  let last: Pick<Recorder, 'number' | 'mac'> = { number: 0, mac: noRecorderMac }

  /** Reads those that have come since it was last asked for. */
  const readOn = async (): Promise<void> => {
    for (;;) {
      const query = { afterNumber: last.number, limit: pageSize }
      const page = await store.recorders.list(query).catch(unreadable)
      for (const recorder of page) {
        known.set(recorder.id, examine(recorder))
        last = recorder
      }
      if (page.length < pageSize) return
    }
  }

  /** What no driver can read is somebody's work. */
  const unreadable = (error: unknown): Recorder[] => {
    if (error instanceof AuthError) throw error
    tell({ what: 'recorder_changed', number: last.number + 1 })
    return []
  }

  const examine = (recorder: Recorder): KnownRecorder => {
    const checkpoint = readCheckpoint(keys, recorder.checkpoint)
    const follows = recorder.number === last.number + 1
    const chained = follows
      ? keys.find((key) => key.recorderMac(last.mac, recorder) === recorder.mac)
      : checkpoint?.key
    if (!follows) tell({ what: 'recorder_missing', recorder: recorder.id, number: recorder.number })
    if (chained === undefined) tell({ what: 'recorder_changed', recorder: recorder.id })
    const isCheckpointOurs = checkpoint !== undefined && belongs(checkpoint, recorder)
    if (!isCheckpointOurs) tell({ what: 'checkpoint_changed', recorder: recorder.id })
    return {
      recorder,
      key: chained ?? checkpoint?.key,
      checkpoint: isCheckpointOurs ? checkpoint : undefined,
      bases: basesOf(recorder),
    }
  }

  const basesOf = (recorder: Recorder): Bases | undefined => {
    if (recorder.bases === '' && recorder.basesNumber === 0) return undefined
    const bases = readBases(keys, recorder.bases)
    const isOurs = bases?.recorderId === recorder.id && bases.number === recorder.basesNumber
    if (!isOurs) tell({ what: 'bases_changed', recorder: recorder.id })
    return isOurs ? bases : undefined
  }

  return {
    readOn,
    all: (): Iterable<KnownRecorder> => known.values(),
    count: () => known.size,
    get: (id: string) => known.get(id),
    /** Says what was just written. */
    rebase: (known: KnownRecorder, bases: Bases): void => {
      known.recorder.basesNumber = bases.number
      known.bases = bases
    },
    /** How many events were pruned. */
    pruned: () =>
      [...known.values()]
        .flatMap(({ bases }) => [...(bases?.lanes.values() ?? [])])
        .reduce((sum, { to }) => sum + to.number, 0),
    /** Another text for other bases. */
    basesText: () => [...known.values()].map(({ recorder }) => recorder.bases).join(),
    /** Of one that registered a moment ago, too. */
    find: async (id: string): Promise<KnownRecorder | undefined> => {
      if (!known.has(id)) await readOn()
      return known.get(id)
    },
  }
}
export type Registry = ReturnType<typeof createRegistry>

const belongs = (checkpoint: Checkpoint, { id, mac, number, checkpointNumber }: Recorder) =>
  checkpoint.recorder.id === id &&
  checkpoint.recorder.mac === mac &&
  checkpoint.recorder.number === number &&
  checkpoint.number === checkpointNumber
