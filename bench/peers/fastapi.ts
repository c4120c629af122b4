import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../processes.js'
import { bareRateOf } from './bare.js'
import type { Peer } from './peer.js'
import { startPeer } from './start.js'
import { meetWithTokenPairs } from './token-pairs.js'

/** A FastAPI service of the kind latchkey replaces, on the packages that the system has. */
const home = join(root, 'bench/peers/fastapi')
const needed = ['fastapi', 'uvicorn', 'sqlalchemy', 'jose', 'bcrypt']

/** The system's own Python first: another one on the PATH seldom has its packages. */
const findPython = (): string | undefined =>
  ['/usr/bin/python3', 'python3'].find(
    (python) => spawnSync(python, ['-c', `import ${needed.join(', ')}`]).status === 0,
  )

/** Searched for once; empty when there is none. */
const known: { python?: string } = {}
const python = (): string => {
  known.python ??= findPython() ?? ''
  return known.python
}

export const fastapi: Peer = {
  name: 'fastapi',
  label: 'FastAPI + SQLAlchemy + bcrypt',
  hash: 'bcrypt, cost 12',
  missing: () => (python() === '' ? `no python3 has ${needed.join(', ')}` : undefined),
  start: (place) =>
    startPeer(
      (port) => [python(), '-m', 'uvicorn', 'app.main:app', ...words(port)],
      place,
      {
        PYTHONDONTWRITEBYTECODE: '1',
        JWT_SECRET_KEY: 'for the benchmark only, one of two secrets',
        JWT_REFRESH_SECRET_KEY: 'for the benchmark only, the other of them',
        DATABASE_URL: `sqlite:///${join(place.folder, 'app.db')}`,
        RATE_LIMIT_REQUESTS: '1000000000', // all load comes from one address
      },
      home,
    ),
  meet: (server, _place, people) =>
    meetWithTokenPairs(server, people, [
      { name: 'refresh', what: 'refresh', equals: 'refresh', path: '/auth/refresh' },
      {
        name: 'unstored',
        what: 'refresh, nothing stored',
        equals: undefined,
        path: '/auth/refresh-unstored',
      },
    ]),
  bareHashRate: (seconds, folder) =>
    bareRateOf([python(), join(home, 'bare_bcrypt.py')], { seconds, folder }),
}

/** A line for every request would cost time that a service of this kind need not spend. */
const words = (port: number): string[] => [
  '--host',
  '127.0.0.1',
  '--port',
  String(port),
  '--no-access-log',
]
