import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Server } from '../contenders.js'
import { freePort, root, startNode, untilHealthy } from '../processes.js'
import { bareRateOf } from './bare.js'
import { missingPackages } from './install.js'
import type { Peer } from './peer.js'
import { meetWithTokenPairs } from './token-pairs.js'

/** Express with jsonwebtoken and bcryptjs on SQLite: what most tutorials build. */
export const express: Peer = {
  name: 'express',
  label: 'Express + jsonwebtoken + bcryptjs',
  hash: 'bcryptjs, cost 12',
  missing: () => missingPackages(['express', 'jsonwebtoken', 'bcryptjs', 'better-sqlite3']),
  start: async ({ folder, core }): Promise<Server> => {
    mkdirSync(folder, { recursive: true })
    const port = await freePort()
    const program = startNode([join(root, 'bench/peers/express/server.mjs')], {
      core,
      cwd: folder,
      environment: {
        NODE_ENV: 'production',
        PORT: String(port),
        DATABASE: join(folder, 'express.db'),
        ACCESS_TOKEN_SECRET: 'for the benchmark only, one of two secrets',
        REFRESH_TOKEN_SECRET: 'for the benchmark only, the other of them',
      },
      output: join(folder, 'output.log'),
    })
    await untilHealthy(port, program)
    return { ...program, port }
  },
  meet: (server, _place, people) =>
    meetWithTokenPairs(server, people, [
      {
        name: 'refresh',
        what: 'refresh, rotated and stored',
        equals: 'refresh',
        path: '/auth/refresh',
      },
    ]),
  bareHashRate: (seconds, folder) => bareRateOf('bcryptjs', seconds, folder),
}
