import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { ServiceKind } from '../../scripts/find-services.mjs'
import { doorOf, runFolder } from './place.js'
import type { Login } from './service.js'
import { createSharedServers } from './shared-servers.js'

const ownServers = createSharedServers()

/** How to reach the run's server of a kind. Outside of a run (a measurement, say) it lives as long as this process. */
export const sharedServer = async (kind: ServiceKind): Promise<Login> => {
  const door = doorOf(runFolder())
  return existsSync(door) ? ask(door, kind) : ownServers.open(kind)
}

const ask = (socketPath: string, kind: ServiceKind): Promise<Login> =>
  new Promise((resolve, reject) => {
    const asking = request({ socketPath, path: `/${kind}`, agent: false }, (answer) => {
      text(answer).then((said) => {
        if (answer.statusCode === 200) resolve(JSON.parse(said))
        else reject(new Error(said))
      }, reject)
    })
    asking.once('error', reject).end()
  })
