import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ConfigurationError } from '../errors.js'
import { trusted } from '../lib/trusted.js'

/** Drivers are the host's: each is an optional peer, loaded when a URL asks for it. The versions are those we test with. */
const drivers = {
  pg: ['pg@8.23.1'],
  mysql2: ['mysql2@3.24.6'],
  tedious: ['tedious@19.2.2', 'tarn@3.1.2'],
  tarn: ['tedious@19.2.2', 'tarn@3.1.2'],
  mongodb: ['mongodb@7.9.0'],
  ioredis: ['ioredis@6.0.0'],
} as const

/**
 * The module of a driver, found from here or from the folder the process was started in.
 *
 * @param path behind the name, for modules that are not the package's own entry
 * @throws ConfigurationError with the command that installs it
 */
export const loadDriver = <Module>(name: keyof typeof drivers, path = ''): Module => {
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return trusted<Module>(createRequire(from)(`${name}${path}`))
    } catch (error) {
      if (!isMissing(error, name)) throw error
    }
  }
  throw new ConfigurationError([
    {
      option: 'store',
      detail: `needs a driver that is not installed. Run: npm install ${drivers[name].join(' ')}`,
    },
  ])
}

/** Only the driver itself: a broken installation must say what it misses. */
const isMissing = (error: unknown, name: string): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === 'MODULE_NOT_FOUND' &&
  error.message.includes(`'${name}`)
