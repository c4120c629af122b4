import { randomBytes } from 'node:crypto'
import { isStoreBusyOrAway } from '../../errors.js'
import type { Clock } from '../../lib/clock.js'
import { secondsBetween } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { Ports } from '../../stores/store.js'
import { noRecorderMac } from './chain.js'
import { type Checkpoint, writeCheckpoint } from './checkpoints.js'
import { createLanes, type Lanes, type Lease } from './lanes.js'
import type { Recorder } from './store.js'
import type { TrailKey } from './trail-key.js'

/**
 * Recorders: a process makes itself known before its first event. From then on it says about once a second, in its own
 * row, how far its lanes have come, so that a trail that was cut off is found out.
 */
type Deps = {
  store: Pick<Ports, 'recorders' | 'events'>
  key: TrailKey
  clock: Clock
  log: Log
}

type Working = { recorder: Recorder; lanes: Lanes }

const checkpointMilliseconds = 1000
const loggedSeconds = 300
/** A checkpoint names every lane, so a process with many that it cannot use any more begins anew. */
const mostAbandoned = 100

export const createRecorders = ({ store, key, clock, log }: Deps) => {
  let current: Promise<Working> | undefined
  const behind = new Set<Working>()
  let timer: NodeJS.Timeout | undefined
  let loggedAt: Date | undefined
  let isClosed = false
  let writing: Promise<void> = Promise.resolve()

  const begin = async (): Promise<Working> => {
    const recorder = await register({ store, key, clock })
    loggedAt ??= recorder.startedAt
    return { recorder, lanes: createLanes(recorder, key) }
  }

  const working = (): Promise<Working> => {
    current ??= begin().catch((error: unknown) => {
      current = undefined
      throw error
    })
    return current
  }

  /** Whoever records asks for this first, outside of the transaction; a lane is taken with the first event. */
  const lessor = async (): Promise<() => Lease> => {
    const by = await working()
    return () => {
      const lease = by.lanes.lease()
      return {
        add: lease.add,
        confirm: () => {
          lease.confirm()
          fallBehind(by)
        },
        abandon: () => {
          lease.abandon()
          if (by.lanes.abandoned() === mostAbandoned) current = undefined
        },
      }
    }
  }

  const fallBehind = (by: Working): void => {
    behind.add(by)
    if (isClosed) return
    timer ??= setTimeout(() => void writeByItself(), checkpointMilliseconds).unref()
  }

  const writeByItself = async (): Promise<void> => {
    const isDue = loggedAt === undefined || secondsBetween(loggedAt, clock()) >= loggedSeconds
    await write(isDue)
    timer = undefined
    for (const by of behind) fallBehind(by)
  }

  /** One after the other: a newer checkpoint must not be overtaken. */
  const write = (isLogged: boolean): Promise<void> => {
    writing = writing.then(() => writeAll(isLogged))
    return writing
  }

  /** What could not be written is tried again with the next. */
  const writeAll = async (isLogged: boolean): Promise<void> => {
    for (const by of [...behind]) {
      behind.delete(by)
      try {
        await writeOne(by, isLogged)
      } catch (error) {
        behind.add(by)
        const isAway = isStoreBusyOrAway(error)
        log[isAway ? 'debug' : 'error']({ err: error }, 'a checkpoint could not be written')
      }
    }
  }

  const writeOne = async (by: Working, isLogged: boolean): Promise<void> => {
    const { recorder, lanes } = by
    recorder.checkpointNumber += 1
    const checkpoint = checkpointOf(key, recorder, { at: clock(), heads: lanes.heads() })
    const { id, checkpointNumber } = recorder
    const isWritten = await store.recorders.writeCheckpoint(id, checkpointNumber, checkpoint)
    if (!isWritten) {
      current = undefined // what is recorded from now on can be proved again
      log.error({ checkpoint }, 'the trail was changed: it does not know this process any more')
    } else if (isLogged) {
      loggedAt = clock()
      log.info({ checkpoint }, 'how far the trail has come')
    }
  }

  return {
    lessor,
    /** Writes the last checkpoints. Nothing is recorded after this. */
    close: async (): Promise<void> => {
      isClosed = true
      clearTimeout(timer)
      const last = await current?.catch(() => undefined)
      if (last !== undefined) behind.add(last)
      await write(true)
    },
  }
}
export type Recorders = ReturnType<typeof createRecorders>

/** @throws AuthError `store_unavailable` */
const register = async ({ store, key, clock }: Omit<Deps, 'log'>): Promise<Recorder> => {
  for (;;) {
    const before = await store.recorders.last()
    const origin = {
      id: randomBytes(8).toString('hex'),
      number: (before?.number ?? 0) + 1,
      startedAt: clock(),
      isTrailEmpty: before === undefined && (await store.events.list({ limit: 1 })).length === 0,
    }
    const recorder: Recorder = {
      ...origin,
      mac: key.recorderMac(before?.mac ?? noRecorderMac, origin),
      checkpoint: '',
      checkpointNumber: 0,
      bases: '',
      basesNumber: 0,
    }
    recorder.checkpoint = checkpointOf(key, recorder, { at: origin.startedAt, heads: new Map() })
    if (await store.recorders.append(recorder)) return recorder
  }
}

const checkpointOf = (
  key: TrailKey,
  recorder: Recorder,
  { at, heads }: Pick<Checkpoint, 'at' | 'heads'>,
): string => writeCheckpoint(key, { recorder, number: recorder.checkpointNumber, at, heads })
