import { existsSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }

/** Every name a user can import, door by door. Adding one is a decision; removing one breaks somebody. */
const doors: Record<string, readonly string[]> = {
  '.': [
    ...['AuthError', 'ConfigurationError', 'alertTypes', 'catalogue', 'createAuth'],
    ...['eventTypes', 'usersFrom', 'withPorts'],
  ],
  './http': ['openApiDocument', 'route', 'routesOf', 'signedInFrom', 'toFetch', 'toNode'],
  './fastify': ['latchkey'],
  './sql': ['sqlLegacyTokens', 'sqlStore'],
  './mongo': ['mongoLegacyTokens', 'mongoStore'],
  './redis': ['redisLegacyTokens', 'redisLimits', 'redisPorts'],
  './memory': ['memoryStore'],
  './db': ['DatabaseError', 'createDb', 'list'],
  './server': [
    ...['ConfigurationError', 'openAuth', 'openStore', 'pageRoutes', 'readSettings'],
    'startServer',
  ],
  './testing': [
    ...['createTestAuth', 'createTestClock', 'startOpenIdProvider', 'startStandIn'],
    'storeContract',
  ],
}

const fromRoot = (path: string) => new URL(`../${path}`, import.meta.url)

const { './package.json': _, ...exported } = manifest.exports

describe('what the built package offers', () => {
  test('has exactly the doors of the table', () => {
    expect(Object.keys(exported)).toEqual(Object.keys(doors))
  })

  test.each(Object.entries(exported))('%s offers the names of the table', async (door, files) => {
    const module: object = await import(fromRoot(files.default).href)

    expect(Object.keys(module).sort()).toEqual(doors[door]?.toSorted())
    expect(existsSync(fromRoot(files.types))).toBe(true)
  })

  test('the command can be run', () => {
    const command = fileURLToPath(fromRoot(manifest.bin.latchkey))

    expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    expect(statSync(command).mode & 0o111).toBe(0o111)
  })
})
