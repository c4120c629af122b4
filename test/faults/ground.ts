import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceKind } from '../../scripts/find-services.mjs'
import { type StartOptions, startServer, type TestServer } from '../servers.js'
import { type OwnService, openService } from '../services/services.js'
import { createLook, type Look } from './look.js'
import { outsideOf, type Place, places } from './places.js'

export type GroundName = keyof typeof places

/** How a database server goes away. */
export const outages = ['stopped', 'frozen', 'killed'] as const

/** An empty place and everything that stands on it. */
export type Ground = {
  name: GroundName
  /** Where its servers run. They share a key file there, and the database if it is a file. */
  folder: string
  env: Readonly<Record<string, string>>
  databaseUrl: string
  look: Look
  /** One more server here; it ends with the ground. */
  start(options?: StartOptions): Promise<TestServer>
  /** The database server, when it is nobody else's: to be stopped, frozen and killed. */
  own(): OwnService
  breakDown(way: (typeof outages)[number]): Promise<{ mend(): Promise<void> }>
  close(): Promise<void>
}

export type OpenOptions = {
  /** Whether the database server is to be ours alone, to be stopped, frozen and killed. */
  own?: boolean
}
export const openGround = async (
  name: GroundName,
  { own = false }: OpenOptions,
): Promise<Ground> => {
  const place: Place = places[name]
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-test-'))
  const closing: (() => Promise<void>)[] = []
  const url = async (kind: ServiceKind): Promise<string> => {
    const service = await openService(kind)
    closing.push(() => service.stop())
    return service.fresh({ keep: true })
  }

  let ownService: OwnService | undefined
  const databaseUrl = await (async () => {
    if (place.base === 'sqlite') return `sqlite:${join(folder, 'data', 'latchkey.db')}`
    if (!own && place.settings === undefined) return url(place.base)
    const service = await openService(place.base, {
      own: true,
      ...(place.settings && { settings: place.settings }),
    })
    ownService = service
    closing.push(() => service.stop())
    return service.url
  })()
  const redisUrl = place.sessions && (await url(place.sessions))
  const env = {
    BASE_URL: 'http://localhost:8000', // one service: tokens of each server are good at all others
    DATABASE_URL: databaseUrl,
    ...(redisUrl !== undefined && { SESSION_STORE: 'redis', REDIS_URL: redisUrl }),
  }

  const ownDatabase = (): OwnService => {
    if (ownService === undefined) throw new Error(`The database of ${name} is not ours alone`)
    return ownService
  }
  const started: TestServer[] = []
  return {
    name,
    folder,
    env,
    databaseUrl,
    look: createLook(outsideOf(place, databaseUrl, redisUrl)),
    start: async (options = {}) => {
      const server = await startServer({ folder, ...options, env: { ...env, ...options.env } })
      started.push(server)
      return server
    },
    own: ownDatabase,
    breakDown: async (way) => {
      const { pause, resume, start, stop, kill } = ownDatabase()
      if (way === 'frozen') {
        pause()
        return { mend: async () => resume() }
      }
      await (way === 'stopped' ? stop('immediate') : kill())
      return { mend: start }
    },
    close: async () => {
      for (const server of started.toReversed()) await server.stop()
      for (const close of closing.toReversed()) await close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
