import { join } from 'node:path'
import { root } from '../processes.js'
import { bareRateOf } from './bare.js'
import { missingPackages } from './install.js'
import type { Peer } from './peer.js'
import { startPeer } from './start.js'
import { meetWithTokenPairs } from './token-pairs.js'

/** Express with jsonwebtoken and bcryptjs on SQLite: what most tutorials build. */
const program = [process.execPath, join(root, 'bench/peers/express/server.mjs')]

export const express: Peer = {
  name: 'express',
  label: 'Express + jsonwebtoken + bcryptjs',
  hash: 'bcryptjs, cost 12',
  missing: () => missingPackages(['express', 'jsonwebtoken', 'bcryptjs', 'better-sqlite3']),
  start: (place) =>
    startPeer(() => program, place, {
      NODE_ENV: 'production',
      DATABASE: join(place.folder, 'express.db'),
      ACCESS_TOKEN_SECRET: 'for the benchmark only, one of two secrets',
      REFRESH_TOKEN_SECRET: 'for the benchmark only, the other of them',
    }),
  meet: (server, _place, people) =>
    meetWithTokenPairs(server, people, [
      { name: 'refresh', what: 'refresh', equals: 'refresh', path: '/auth/refresh' },
    ]),
  bareHashRate: (seconds, folder) =>
    bareRateOf([process.execPath, join(root, 'bench/peers/bare-hash.mjs'), 'bcryptjs'], {
      seconds,
      folder,
    }),
}
