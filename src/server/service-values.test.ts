import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspectSettings, type Variables } from './settings.js'

/** What the single settings of other services come to, and what stops the start. */
const folder = mkdtempSync(join(tmpdir(), 'latchkey-names-'))
const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'
const other = 'Xw5Bn8Jt3Gc6Qz1Vk9Ls2Dp7Hf4Mr0Ty_aUe-iOoWqE'

/** Enough for a start of each profile. */
const enough: Record<string, Variables> = {
  native: {},
  username: { secret_key: secret },
  cookie: { JWT_KEY: secret },
  strict: { JWT_SECRET_KEY: secret, JWT_REFRESH_SECRET_KEY: other },
  flat: { JWT_SECRET_KEY: secret },
  envelope: { SECRET_KEY: secret },
}
const inspect = (profile: string, environment: Variables) =>
  inspectSettings({ folder, environment: { AUTH_PROFILE: profile, ...environment } })
const mistakesOf = (profile: string, environment: Variables): Record<string, string> =>
  Object.fromEntries(
    inspect(profile, { ...enough[profile], ...environment }).mistakes.map(({ option, detail }) => [
      option,
      detail,
    ]),
  )

const postgres = { DB_USER: 'ada', DB_NAME: 'auth' }
const sqlserver = { DB_DATABASE: 'auth', DB_USERNAME: 'ada', DB_PASSWORD: 'pw' }

test.each<[string, Variables, string]>([
  ['cookie', { ...postgres }, 'postgres://ada@localhost/auth'],
  [
    'cookie',
    { ...postgres, DB_PASSWORD: "p@:/?#[]%&=+ '()*!~ö", DB_HOST: '10.0.0.7', DB_PORT: '6543' },
    'postgres://ada:p%40%3A%2F%3F%23%5B%5D%25%26%3D%2B%20%27%28%29%2A%21~%C3%B6@10.0.0.7:6543/auth',
  ],
  ['cookie', { ...postgres, DB_HOST: '::1', DB_PORT: '5432' }, 'postgres://ada@[::1]:5432/auth'],
  [
    'cookie',
    { ...postgres, DB_HOST: '/var/run/postgresql' },
    'postgres://ada@localhost/auth?host=%2Fvar%2Frun%2Fpostgresql',
  ],
  ['strict', {}, 'sqlite:///./secure_app.db'],
  ['strict', { DATABASE_URL: 'sqlite:////srv/app.db' }, 'sqlite:////srv/app.db'],
  ['strict', { DATABASE_URL: 'sqlite+aiosqlite:///./app.db' }, 'sqlite:///./app.db'],
  [
    'strict',
    { DATABASE_URL: 'postgresql+psycopg2://u:p@db/app' },
    'postgresql+psycopg2://u:p@db/app',
  ],
  [
    'strict',
    { DATABASE_URL: 'mysql+pymysql://u:p@db/app?charset=utf8mb4' },
    'mysql+pymysql://u:p@db/app?charset=utf8mb4',
  ],
  ['flat', { MONGO_URI: 'mongodb://db', MONGO_DB_NAME: 'auth' }, 'mongodb://db/auth'],
  ['flat', { MONGO_URI: 'mongodb://db/auth?tls=true' }, 'mongodb://db/auth?tls=true'],
  [
    'flat',
    { MONGO_URI: 'mongodb://ada:p%40w@a:1,b:2/?replicaSet=rs', MONGO_DB_NAME: 'auth' },
    'mongodb://ada:p%40w@a:1,b:2/auth?replicaSet=rs&authSource=admin',
  ],
  [
    'flat',
    { MONGO_URI: 'mongodb+srv://ada:pw@x.mongodb.net/people', MONGO_DB_NAME: 'auth' },
    'mongodb+srv://ada:pw@x.mongodb.net/auth?authSource=people',
  ],
  [
    'flat',
    { MONGO_URI: 'mongodb://ada:pw@db/people?authSource=other', MONGO_DB_NAME: 'auth' },
    'mongodb://ada:pw@db/auth?authSource=other',
  ],
  ['envelope', { ...sqlserver, DB_SERVER: 'db' }, 'sqlserver://ada:pw@db/auth'],
  ['envelope', { ...sqlserver, DB_SERVER: 'db,14330' }, 'sqlserver://ada:pw@db:14330/auth'],
  ['envelope', { ...sqlserver, DB_SERVER: 'db:14330' }, 'sqlserver://ada:pw@db:14330/auth'],
  ['envelope', { ...sqlserver, DB_SERVER: 'tcp:db, 1433' }, 'sqlserver://ada:pw@db:1433/auth'],
  ['envelope', { ...sqlserver, DB_SERVER: '.' }, 'sqlserver://ada:pw@localhost/auth'],
  ['envelope', { ...sqlserver, DB_SERVER: 'db\\one,1434' }, 'sqlserver://ada:pw@db:1434/auth'],
  [
    'envelope',
    { ...sqlserver, DB_SERVER: 'db', DB_USERNAME: 'ada@db' },
    'sqlserver://ada%40db:pw@db/auth',
  ],
])('the database of %s: %o', (profile, environment, url) => {
  const { mistakes, settings } = inspect(profile, { ...enough[profile], ...environment })

  expect([mistakes, settings.databaseUrl]).toEqual([[], url])
})

test.each<[string, Variables, Record<string, RegExp>]>([
  ['username', { secret_key: '' }, { secret_key: /is needed.*Make one with/s }],
  ['username', { algorithm: 'RS256' }, { algorithm: /must be HS256/ }],
  ['username', { algorithm: 'none' }, { algorithm: /must be HS256/ }],
  [
    'username',
    { access_token_expire_minutes: '1441' },
    { access_token_expire_minutes: /from 1 to 1440/ },
  ],
  ['username', { server_port: 'topsecret' }, { server_port: /whole number/ }],
  ['username', { debug: 'topsecret' }, { debug: /true or false/ }],
  ['username', { SECRET_KEY: other }, { secret_key: /twice.*SECRET_KEY/ }],
  ['cookie', { JWT_KEY: '' }, { JWT_KEY: /is needed.*Make one with/s }],
  ['cookie', { JWT_KEY: 'topsecret' }, { JWT_KEY: /9 bytes.*Make one with/s }],
  ['cookie', { DB_HOST: 'db' }, { DB_USER: /is needed/, DB_NAME: /is needed/ }],
  ['cookie', { ...postgres, DB_PORT: 'topsecret' }, { DB_PORT: /whole number/ }],
  ['cookie', { ...postgres, DB_HOST: 'u:topsecret@db/x' }, { DB_HOST: /address of a host/ }],
  ['cookie', { ...postgres, DB_PASSWORD: '"topsecret"' }, { DB_PASSWORD: /quotes/ }],
  ['cookie', { ACCESS_TOKEN_EXPIRE_MINUTES: '61' }, { ACCESS_TOKEN_EXPIRE_MINUTES: /1 to 60/ }],
  [
    'strict',
    { JWT_SECRET_KEY: '', JWT_REFRESH_SECRET_KEY: '' },
    {
      JWT_SECRET_KEY: /^JWT_SECRET_KEY must be set and at least 32 characters/,
      JWT_REFRESH_SECRET_KEY: /^JWT_REFRESH_SECRET_KEY must be set and at least 32 characters/,
    },
  ],
  ['strict', { JWT_SECRET_KEY: 'topsecret' }, { JWT_SECRET_KEY: /at least 32 characters/ }],
  ['strict', { JWT_REFRESH_SECRET_KEY: secret }, { JWT_REFRESH_SECRET_KEY: /of its own/ }],
  ['strict', { RATE_LIMIT_REQUESTS: '101' }, { RATE_LIMIT_REQUESTS: /1 to 100/ }],
  ['strict', { MAX_REQUEST_BODY_SIZE: '-5' }, { MAX_REQUEST_BODY_SIZE: /1 to 1048576/ }],
  ['strict', { ACCESS_TOKEN_EXPIRE_MINUTES: '61' }, { ACCESS_TOKEN_EXPIRE_MINUTES: /1 to 60/ }],
  ['strict', { DATABASE_URL: 'sqlite://' }, { DATABASE_URL: /just memory/ }],
  ['flat', { JWT_SECRET_KEY: 'CHANGE_ME' }, { JWT_SECRET_KEY: /sample.*Make one with/s }],
  ['flat', { JWT_SECRET_KEY: '' }, { JWT_SECRET_KEY: /is needed.*Make one with/s }],
  ['flat', { MONGO_DB_NAME: 'auth' }, { MONGO_URI: /is needed/ }],
  ['flat', { MONGO_URI: 'mongodb://db' }, { MONGO_DB_NAME: /is needed/ }],
  [
    'flat',
    { MONGO_URI: 'http://u:topsecret@db', MONGO_DB_NAME: 'a' },
    { MONGO_URI: /MongoDB URI/ },
  ],
  ['envelope', { SECRET_KEY: 'your-secret-key-change-in-production' }, { SECRET_KEY: /sample/ }],
  [
    'envelope',
    { DB_SERVER: 'db' },
    { DB_DATABASE: /is needed/, DB_USERNAME: /is needed/, DB_PASSWORD: /is needed/ },
  ],
  ['envelope', { ...sqlserver, DB_SERVER: 'db\\topsecret' }, { DB_SERVER: /instance/ }],
  ['envelope', { ...sqlserver, DB_SERVER: 'db,topsecret' }, { DB_SERVER: /whole number/ }],
  ['envelope', { FRONTEND_URL: 'topsecret' }, { FRONTEND_URL: /address of a page/ }],
  ['envelope', { FRONTEND_URL: '*' }, { FRONTEND_URL: /address of a page/ }],
  [
    'envelope',
    { FRONTEND_URL: 'http://app.example.com', ENVIRONMENT: 'production' },
    { FRONTEND_URL: /https origins/ },
  ],
  ['envelope', { ALGORITHM: 'HS512' }, { ALGORITHM: /must be HS256/ }],
])('%s stops with %o', (profile, environment, stops) => {
  const mistakes = mistakesOf(profile, environment)

  expect(mistakes).toEqual(
    Object.fromEntries(
      Object.entries(stops).map(([name, said]) => [name, expect.stringMatching(said)]),
    ),
  )
  expect(JSON.stringify(mistakes)).not.toContain('topsecret')
})

describe('no mistake repeats a value', () => {
  const names = [
    ...['secret_key', 'algorithm', 'access_token_expire_minutes', 'server_host', 'server_port'],
    ...['debug', 'DB_USER', 'DB_PASSWORD', 'DB_HOST', 'DB_PORT', 'DB_NAME', 'JWT_KEY'],
    ...['JWT_SECRET_KEY', 'JWT_REFRESH_SECRET_KEY', 'DATABASE_URL', 'RATE_LIMIT_REQUESTS'],
    ...['MONGO_URI', 'MONGO_DB_NAME', 'SECRET_KEY', 'ALGORITHM', 'DB_SERVER', 'DB_DATABASE'],
    ...['DB_USERNAME', 'FRONTEND_URL', 'ENVIRONMENT', 'GOOGLE_CLIENT_SECRET', 'PORT', 'BASE_URL'],
    ...['ALLOWED_ORIGINS', 'LATCHKEY_SECRET', 'REDIS_URL', 'LEGACY_DATABASE_URL', 'LEGACY_UNTIL'],
  ]
  const forms = [
    (mark: string) => mark,
    (mark: string) => `"${mark}"`,
    (mark: string) => `postgres://u:${mark}@h:x/${mark}`,
    (mark: string) => `mongodb://u:${mark}@/?${mark}=1`,
    (mark: string) => `sqlserver://${mark}`,
    (mark: string) => `http://${mark}:${mark}@h`,
    (mark: string) => `tcp:${mark}\\${mark},${mark}`,
    (mark: string) => `${mark}@:/?#%`,
  ]
  /** The same numbers in every run (Lehmer). */
  let state = 20_261_121
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }

  test.each(Object.keys(enough))('of %s', (profile) => {
    for (let round = 0; round < 60; round += 1) {
      const mark = `zq${Math.floor(random() * 1e9).toString(36)}`
      const environment = Object.fromEntries(
        names
          .filter(() => random() < 0.4)
          .map((name) => [name, forms[Math.floor(random() * forms.length)]?.(mark)]),
      )
      const { mistakes } = inspect(profile, environment)

      expect(JSON.stringify(mistakes), JSON.stringify(environment)).not.toContain(mark)
    }
  })
})
