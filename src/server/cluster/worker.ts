import cluster from 'node:cluster'
import { trusted } from '../../lib/trusted.js'
import type { Annex } from '../../stores/store.js'
import type { ServerSettings } from '../env.js'
import type { Places } from '../places.js'
import { createAskedCounters } from './asked-counters.js'
import { type FromPrimary, type FromWorker, parsePlace } from './messages.js'
import { shareOf } from './shares.js'
import { createToldPeers } from './told-peers.js'

/** One of several processes that serve on one port; the primary has started it and speaks to it. */
export type WorkerSide = {
  settings: ServerSettings
  /** What it shares with the others. */
  shared: Annex
  /** Says that it serves now. */
  listening(places: Places): void
  /** Another one has taken its place: it finishes what is under way. */
  onRetire(listener: () => void): void
  /** Nobody hands it connections any more. */
  onAbandoned(listener: () => void): void
}

/** @throws Error when nobody has started this process as a worker */
export const createWorkerSide = (given: ServerSettings, placeText: string): WorkerSide => {
  const place = parsePlace(placeText)
  if (place === undefined || !cluster.isWorker)
    throw new Error('--worker is said by latchkey serve --workers to the processes it starts')
  const { counters, answer, giveBack, giveAllBack } = createAskedCounters(send)
  const { peers, hear } = createToldPeers(place.of, send)
  let retire = (): void => {}
  process.on('message', (told: unknown) => {
    const message = trusted<FromPrimary>(told)
    if (message.kind === 'counts') answer(message)
    else if (message.kind === 'recall') giveBack(message.key)
    else if (message.kind === 'retire') retire()
    else hear(message)
  })
  const isCountedElsewhere = given.redisUrl !== undefined
  return {
    settings: shareOf(given, place),
    shared: { peers, ...(!isCountedElsewhere && { counters }) },
    listening: (places) => send({ kind: 'listening', places }),
    onRetire: (listener) => {
      retire = () => {
        giveAllBack()
        listener()
      }
    },
    onAbandoned: (listener) => {
      cluster.worker?.once('disconnect', () => {
        stayAlive()
        listener()
      })
    },
  }
}

/** A worker that cannot start says why, and ends by itself: the pipe to the primary must not keep it. */
export const startOrLetGo = async (start: () => Promise<void>): Promise<void> => {
  try {
    await start()
  } catch (error) {
    stayAlive()
    process.disconnect?.()
    throw error
  }
}

/** Else Node would end it under its work when the pipe closes. */
const stayAlive = (): void => {
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true
}

/** A pipe that is closed says so by itself: `onAbandoned`. */
const send = (message: FromWorker): void => {
  process.send?.(message, undefined, undefined, () => {})
}
