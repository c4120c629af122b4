import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { constants } from 'node:os'
import { join } from 'node:path'
import { type ServiceKind, services } from '../../scripts/find-services.mjs'
import { doorOf, findAbandoned, makeRunFolder, removeRun } from './place.js'
import { killAll } from './program.js'
import { createSharedServers } from './shared-servers.js'

let end: (() => Promise<void>) | undefined

/** Around all tests of a run. vitest calls it once for each project; the first to come opens, and closes. */
export const setup = async (): Promise<void> => {
  const given = process.env.TEST_SERVICES_FOLDER
  if (given !== undefined && existsSync(doorOf(given))) return
  const folder = makeRunFolder()
  process.env.TEST_SERVICES_FOLDER = folder // the processes of the tests inherit it
  for (const abandoned of findAbandoned()) removeRun(abandoned)
  const servers = createSharedServers()
  const door = createDoor(servers)
  door.listen(doorOf(folder))
  await once(door, 'listening')
  const forgetSignals = endOnSignals(folder)
  end = async () => {
    forgetSignals()
    door.close()
    await servers.stop()
    noteVersions(folder)
    removeRun(folder)
  }
}

/** vitest goes without a word to us when it is interrupted: nothing that takes time can be done then. */
const endOnSignals = (folder: string): (() => void) => {
  const leave = (signal: NodeJS.Signals) => process.exit(128 + constants.signals[signal])
  const clearAtOnce = () => {
    killAll()
    removeRun(folder)
  }
  const signals = ['SIGTERM', 'SIGHUP'] as const
  process.once('exit', clearAtOnce)
  for (const signal of signals) process.once(signal, leave)
  return () => {
    process.off('exit', clearAtOnce)
    for (const signal of signals) process.off(signal, leave)
  }
}

export const teardown = (): Promise<void> => end?.() ?? Promise.resolve()

/** For the last lines of `npm test`, which name what the tests have really met. */
const noteVersions = (folder: string): void => {
  const file = process.env.TEST_SERVICES_VERSIONS
  if (file === undefined) return
  const met = readdirSync(folder).flatMap((name) => {
    const [, kind] = /^version-(.+)$/.exec(name) ?? []
    return kind === undefined ? [] : [[kind, readFileSync(join(folder, name), 'utf8')]]
  })
  writeFileSync(file, JSON.stringify(Object.fromEntries(met)))
}

/** Through it the processes of the tests ask for servers. It is a file in our folder, so nobody else finds it. */
const createDoor = ({ open }: ReturnType<typeof createSharedServers>): Server =>
  createServer((request, response) => {
    const kind = Object.keys(services).find((name) => request.url === `/${name}`)
    open(kind as ServiceKind).then(
      (login) => response.end(JSON.stringify(login)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
