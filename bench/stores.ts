import { isOwnable, openService } from '../test/services/services.js'
import type { StoreName } from './arguments.js'

/** Where latchkey keeps things in a run: a server of its own on this machine, that writes to the disk before it answers. */
export type StorePlace = {
  /** What it says it is. */
  version: string
  /** Settings that lead a latchkey to an empty database. */
  fresh(): Promise<Record<string, string>>
  stop(): Promise<void>
}

const kinds = { postgres: 'postgres', mysql: 'mysql', mongo: 'mongodb', redis: 'redis' } as const

export const isThere = (store: StoreName): boolean => store === 'sqlite' || isOwnable(kinds[store])

export const openPlace = async (store: StoreName): Promise<StorePlace> => {
  if (store === 'sqlite')
    return { version: 'in the process', fresh: async () => ({}), stop: async () => {} }
  const service = await openService(kinds[store], { own: true })
  return {
    version: service.version,
    fresh: async () => settingsOf(store, await service.fresh({ keep: true })),
    stop: () => service.stop(),
  }
}

const settingsOf = (store: StoreName, url: string): Record<string, string> =>
  store === 'redis' ? { SESSION_STORE: 'redis', REDIS_URL: url } : { DATABASE_URL: url }
