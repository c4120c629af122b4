import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  cycles,
  directions,
  environment,
  exportsOnly,
  honestTypes,
  keepers,
  namedExports,
  names,
  packages,
  packagesOnly,
  sizes,
  typesOnly,
  type Wall,
} from './house/checks.js'
import { readFolders, readSource } from './house/source-file.js'

/** The rooms in build order: each may use itself and those before it. */
const rooms = [
  ...['events', 'jobs', 'metrics', 'limits', 'passwords', 'tokens', 'roles', 'mail', 'links'],
  ...['sessions', 'accounts', 'mfa', 'login', 'oauth', 'webhooks', 'admin'],
]

const lib = 'src/lib/**'
const features = 'src/features/**'
const ports = ['src/features/*/store.ts', 'src/stores/store.ts']
const leaves = [lib, 'src/errors.ts', ...ports]
const core = [
  ...leaves,
  features,
  'src/options.ts',
  'src/option-schema.ts',
  'src/option-pairs.ts',
  'src/auth.ts',
  'src/stores/*.ts',
]

/** Who may import whom. A new line, or a new word in one, is a decision. */
const walls: readonly Wall[] = [
  { place: lib, may: [lib] },
  { place: 'src/errors.ts', may: [] },
  {
    place: 'src/features/*/store.ts',
    may: [lib, ...ports],
    mayTypes: ['src/features/events/event-types.ts'],
  },
  { place: 'src/features/*/*.contract.ts', may: [...leaves, 'src/testing/**'] },
  ...rooms.flatMap((room, position): Wall[] => {
    const known = rooms.slice(0, position + 1).map((name) => `src/features/${name}/**`)
    return [
      { place: `src/features/${room}/routes.ts`, may: [...leaves, ...known, 'src/http/route.ts'] },
      {
        place: `src/features/${room}/social-routes.ts`,
        may: [...leaves, ...known, 'src/http/route.ts'],
      },
      { place: `src/features/${room}/**`, may: [...leaves, ...known] },
    ]
  }),
  // A full disk is a refusal with a status, and refusals live in errors.ts, which itself knows nobody.
  { place: 'src/stores/**', may: [...leaves, 'src/stores/**'] },
  // Queries of the host use the drivers of the store: docs/decisions/0011-the-query-helper.md
  { place: 'src/db/**', may: [lib, 'src/errors.ts', 'src/stores/sql/**', 'src/db/**'] },
  { place: 'src/profiles/**', may: [...leaves, features, 'src/profiles/**'] },
  { place: 'src/option-schema.ts', may: [lib] },
  { place: 'src/option-pairs.ts', may: [lib, 'src/errors.ts'] },
  {
    place: 'src/options.ts',
    may: [...leaves, features, 'src/profiles/**', 'src/option-schema.ts', 'src/option-pairs.ts'],
  },
  { place: 'src/auth.ts', may: [...core, 'src/profiles/**'] },
  { place: 'src/index.ts', may: [...core, 'src/profiles/**'] },
  { place: 'src/http/**', may: [...core, 'src/profiles/**', 'src/http/**'] },
  { place: 'src/verify/**', may: [lib, 'src/verify/**'] },
  { place: 'src/client/**', may: ['src/client/**'], mayTypes: ['src/**'] },
  { place: 'src/server/**', may: ['src/**'] },
  { place: 'src/testing/**', may: ['src/**'] },
]

/** Rooms with a keeper, whatever the walls above would allow. */
const kept = {
  'src/features/*/routes.ts': ['src/http/routes.ts'],
  'src/features/*/social-routes.ts': ['src/http/routes.ts'],
  'src/features/*/*.contract.ts': ['src/testing/**'],
  'src/http/**': [
    'src/features/*/routes.ts',
    'src/features/*/social-routes.ts',
    'src/http/**',
    'src/server/**',
    'src/testing/**',
  ],
  'src/server/**': ['src/server/**'],
  'src/testing/**': [
    'src/testing/**',
    'src/features/*/*.contract.ts',
    'src/server/demo-providers.ts',
  ],
  // the server knows the stand-ins for login providers, and no other part of it
  'src/testing/*.ts': ['src/testing/**', 'src/features/*/*.contract.ts'],
  'src/index.ts': [],
}

/** Packages and the only places that know them. */
const homes = {
  '@clack/prompts': ['src/server/cli/**'],
  '@node-rs/argon2': ['src/features/passwords/**'],
  '@node-rs/bcrypt': ['src/features/passwords/**'],
  '@photostructure/sqlite': ['src/stores/sql/**'],
  bson: ['src/stores/mongo/**'],
  'node:sqlite': ['src/stores/sql/**'],
  commander: ['src/server/cli/**'],
  express: [],
  'antlr4ts-sql': [],
  fastify: ['src/http/fastify.ts'],
  hono: [],
  ioredis: ['src/stores/redis/**'],
  mysql2: ['src/stores/sql/mysql/**'],
  kysely: ['src/stores/sql/**'],
  mongodb: ['src/stores/mongo/**'],
  'openid-client': ['src/features/oauth/**'],
  oauth4webapi: ['src/features/oauth/**'],
  'oidc-provider': ['src/testing/**'],
  pino: ['src/server/**'],
  'pino-pretty': ['src/server/**'],
  'prom-client': ['src/server/metrics/**'],
  tarn: ['src/stores/sql/sqlserver/**'],
  tedious: ['src/stores/sql/sqlserver/**'],
  vitest: ['src/features/*/*.contract.ts', 'src/testing/**'],
}

/** Tables are read by looking up, not aloud, so they may be long. */
const tables = ['src/errors.ts', 'src/server/env.ts', '**/migrations/**', 'src/profiles/**']

const rules = {
  'rooms import only the rooms they may know': directions(walls),
  'some rooms are entered by one door only': keepers(kept),
  'packages stay where they are at home': packages(homes),
  'the two small libraries stay small': packagesOnly({
    'src/verify/**': ['jose'],
    'src/client/**': [],
  }),
  'settings are read from the environment in one place': environment('src/server/env.ts'),
  'nothing imports itself around a corner': cycles,
  'ports hold types only': typesOnly(ports),
  'the front door holds exports only': exportsOnly('src/index.ts'),
  'no inner barrels, and no names that say nothing': names,
  'files stay under 300 lines': sizes(300, tables),
  'types are never overruled outside lib': honestTypes([lib, 'test/**', 'bench/**']),
  'everything is exported by name': namedExports,
}

/** The whole house, and the yard around it. */
const house = readFolders(fileURLToPath(new URL('..', import.meta.url)), [
  ...['src', 'test', 'examples', 'bench', 'scripts'],
])

describe('the house', () => {
  test.each(Object.entries(rules))('%s', (_, check) => {
    expect(check(house)).toEqual([])
  })
})

/** A rule that cannot be broken proves nothing: each of these must be noticed by the rule named beside it. */
const breaches: readonly [keyof typeof rules, Record<string, string>][] = [
  ['rooms import only the rooms they may know', { 'src/lib/a.ts': "import '../errors.js'" }],
  ['rooms import only the rooms they may know', { 'src/errors.ts': "export * from './lib/a.js'" }],
  [
    'rooms import only the rooms they may know',
    { 'src/stores/sql/a.ts': "import '../../features/login/login.js'" },
  ],
  [
    'rooms import only the rooms they may know',
    { 'src/features/events/a.ts': "import type { A } from '../login/a.js'" },
  ],
  [
    'rooms import only the rooms they may know',
    { 'src/features/login/a.ts': "import '../../http/route.js'" },
  ],
  [
    'rooms import only the rooms they may know',
    { 'src/auth.ts': "const a = await import('./http/node.js')" },
  ],
  [
    'rooms import only the rooms they may know',
    { 'src/client/a.ts': "import { a } from '../errors.js'" },
  ],
  ['rooms import only the rooms they may know', { 'src/attic/a.ts': '' }],
  [
    'rooms import only the rooms they may know',
    { 'src/db/a.ts': "import '../stores/memory/memory.js'" },
  ],
  [
    'some rooms are entered by one door only',
    { 'src/http/run.ts': "import '../features/login/routes.js'" },
  ],
  [
    'some rooms are entered by one door only',
    { 'src/server/a.ts': "import '../testing/testing.js'" },
  ],
  [
    'some rooms are entered by one door only',
    { 'src/server/a.ts': "import '../testing/stand-in/stand-in.js'" },
  ],
  [
    'some rooms are entered by one door only',
    { 'src/server/demo-providers.ts': "import '../testing/test-auth.js'" },
  ],
  [
    'packages stay where they are at home',
    { 'src/http/node.ts': "import type { A } from 'fastify'" },
  ],
  [
    'packages stay where they are at home',
    { 'src/auth.ts': "type A = import('kysely').Kysely<unknown>" },
  ],
  ['the two small libraries stay small', { 'src/verify/a.ts': "import { z } from 'zod'" }],
  [
    'settings are read from the environment in one place',
    { 'src/auth.ts': 'const a = process.env.A' },
  ],
  [
    'settings are read from the environment in one place',
    { 'src/auth.ts': "const a = process['env']" },
  ],
  [
    'settings are read from the environment in one place',
    { 'src/auth.ts': 'const { env } = process' },
  ],
  [
    'settings are read from the environment in one place',
    { 'src/auth.ts': "import { env } from 'node:process'" },
  ],
  [
    'nothing imports itself around a corner',
    { 'src/lib/a.ts': "import './b.js'", 'src/lib/b.ts': "import './a.js'" },
  ],
  ['ports hold types only', { 'src/features/login/store.ts': 'export const a = 1' }],
  ['the front door holds exports only', { 'src/index.ts': 'console.log(1)' }],
  ['no inner barrels, and no names that say nothing', { 'src/http/index.ts': '' }],
  ['no inner barrels, and no names that say nothing', { 'src/lib/utils/a.ts': '' }],
  ['files stay under 300 lines', { 'src/auth.ts': '\n'.repeat(301) }],
  ['types are never overruled outside lib', { 'src/auth.ts': 'const a = b as string' }],
  ['types are never overruled outside lib', { 'src/auth.ts': 'const a: any = 1' }],
  ['everything is exported by name', { 'src/auth.ts': 'export default () => {}' }],
]

const excerpt = (files: Record<string, string>) =>
  Object.entries(files).join(' ').slice(0, 80).trim()

describe('a breach is noticed', () => {
  const titled = breaches.map(([rule, files]) => ({ rule, files, text: excerpt(files) }))
  test.each(titled)('$rule: $text', ({ rule, files }) => {
    const sources = Object.entries(files).map(([path, text]) => readSource(path, text))

    expect(rules[rule](sources)).not.toEqual([])
  })

  test('ordinary code breaks nothing', () => {
    const text =
      "import { a as b } from '../sessions/a.js' // as any\nexport const c = [b, 'as any'] as const\n"
    const files = [readSource('src/features/login/a.ts', text)]

    expect(Object.values(rules).flatMap((check) => check(files))).toEqual([])
  })
})
