import type { ServerSettings } from '../env.js'
import type { WorkerPlace } from './messages.js'

/** What one worker may use of what the settings allow the machine, and what only one of them does. */
export const shareOf = (settings: ServerSettings, place: WorkerPlace): ServerSettings => {
  const { auth, maxConnections } = settings
  const isFirst = place.number === 1
  return {
    ...settings,
    worker: place,
    maxConnections: partOf(maxConnections, place),
    auth: {
      ...auth,
      passwords: {
        ...auth.passwords,
        queue: partOf(auth.passwords?.queue ?? usualQueue, place),
      },
      sessions: { ...auth.sessions, ...(!isFirst && { purge: '0s' }) },
    },
  }
}

const usualQueue = 64

/** All parts together are the whole. */
const partOf = (whole: number, { number, of }: WorkerPlace): number =>
  Math.floor(whole / of) + (number <= whole % of ? 1 : 0)
