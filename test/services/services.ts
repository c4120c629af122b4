import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findService, type ServiceKind } from '../../scripts/find-services.mjs'
import { afterThisTest } from './after-test.js'
import { kinds } from './kinds.js'
import { runFolder } from './place.js'
import type { Program } from './program.js'
import type { Login } from './service.js'
import { sharedServer } from './shared.js'

/** A server that tests may use: of the whole run, unless it is asked for as one's own. */
export type Service = Readonly<Login> & {
  /** What the server says it is, such as `15.18` or `MariaDB 10.11.14`. */
  version: string
  /**
   * Makes an empty database and answers with its URL. It is removed when the test that asked has ended; with `keep`, and
   * outside of tests, when the service is stopped.
   */
  fresh(options?: { keep?: boolean }): Promise<string>
  /** Gives it back: what `fresh` has made is removed, and a server of one's own ends. */
  stop(): Promise<void>
}

/** A server nobody else uses, to be treated badly. It writes to disk before it confirms. */
export type OwnService = Omit<Service, 'stop'> &
  Omit<Program, 'stop'> & {
    /** Given a word, the server ends that way and can be started again, on the same port with the same databases. */
    stop(how?: 'fast' | 'immediate'): Promise<void>
  }

type OwnOptions = {
  own: true
  /** Lets nobody in without TLS, under a certificate of the authority in `caFile`. */
  tls?: boolean
  /** Settings in the server's own words (`postgres -c`, `mariadbd --`, `redis.conf`), over ours. */
  settings?: Readonly<Record<string, string>>
}

type OpenService = {
  (kind: ServiceKind): Promise<Service>
  (kind: ServiceKind, options: OwnOptions): Promise<OwnService>
}

/** Whether a server of this kind can be had here; for `describe.skipIf`. `npm test` says in the end what it left out. */
export const isReachable = (kind: ServiceKind): boolean => !('missing' in findService(kind))

/** Whether one can be started here, and so be had as one's own. Who gives us a URL wants that server to live. */
export const isOwnable = (kind: ServiceKind): boolean => 'programs' in findService(kind)

/**
 * Opens a server for tests. All tests of a run share one of each kind, started when it is first asked for. Asking again
 * costs nothing.
 *
 * @example
 * const emptyPlace = async () => (await openService('postgres')).fresh()
 * describe.skipIf(!isReachable('postgres'))('postgres', () => {
 *   storeContract('postgres', async () => sqlStore(await emptyPlace()), { describe, test })
 * })
 */
export const openService = (async (kind, options) => {
  const found = findService(kind)
  if ('missing' in found) throw new Error(`There is no ${kind} here: ${found.missing}`)
  if (options !== undefined) return openOwn(kind, options)
  const login = 'url' in found ? { url: found.url, adminUrl: found.url } : await sharedServer(kind)
  return service(kind, login, await versionOf(kind, login))
}) as OpenService

const openOwn = async (
  kind: ServiceKind,
  { tls = false, settings = {} }: OwnOptions,
): Promise<OwnService> => {
  const { program, remove, ...login } = await kinds[kind].start({ durable: true, tls, settings })
  let removing: Promise<void> | undefined
  return {
    ...service(kind, login, await versionOf(kind, login)),
    ...program,
    stop: async (how) => {
      if (removing === undefined) await program.stop(how ?? 'immediate')
      if (how === undefined) {
        removing ??= remove()
        await removing
      }
    },
  }
}

const service = (kind: ServiceKind, login: Login, version: string): Service => {
  const { create, drop } = kinds[kind]
  const made = new Set<string>()
  const remove = async (url: string): Promise<void> => {
    if (made.delete(url)) await drop(login, url)
  }
  return {
    ...login,
    version,
    fresh: async ({ keep = false } = {}) => {
      const url = await create(login, `latchkey_${randomBytes(6).toString('hex')}`)
      made.add(url)
      if (!keep) await afterThisTest(() => remove(url))
      return url
    },
    stop: async () => {
      for (const url of made) await remove(url)
    },
  }
}

const versions = new Map<string, string>()

/** Also noted down for the last lines of `npm test`, which name what was really there. */
const versionOf = async (kind: ServiceKind, login: Login): Promise<string> => {
  const known = versions.get(login.adminUrl)
  if (known !== undefined) return known
  const version = await kinds[kind].version(login)
  versions.set(login.adminUrl, version)
  writeFileSync(join(runFolder(), `version-${kind}`), version)
  return version
}
