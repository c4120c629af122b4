import { availableParallelism } from 'node:os'
import type { ServerSettings } from '../env.js'
import type { WorkerPlace } from './messages.js'

/** What one worker may use of what the settings allow the machine, and what only one of them does. */
export const shareOf = (settings: ServerSettings, place: WorkerPlace): ServerSettings => {
  const { auth, maxConnections, databaseQueue } = settings
  const { passwords, oauth, sessions } = auth
  const cores = passwords?.threads ?? availableParallelism()
  return {
    ...settings,
    worker: place,
    maxConnections: partOf(maxConnections, place),
    databaseQueue: partOf(databaseQueue, place),
    auth: {
      ...auth,
      passwords: {
        ...passwords,
        threads: Math.max(1, Math.floor(cores / place.of)),
        queue: partOf(passwords?.queue ?? usual.passwords, place),
      },
      oauth: { ...oauth, queue: partOf(oauth?.queue ?? usual.oauth, place) },
      sessions: { ...sessions, ...(place.number > 1 && { purge: '0s' }) },
    },
  }
}

/** What the options say where nobody says anything. */
const usual = { passwords: 64, oauth: 100 }

/** All parts together are the whole. */
const partOf = (whole: number, { number, of }: WorkerPlace): number =>
  Math.floor(whole / of) + (number <= whole % of ? 1 : 0)
