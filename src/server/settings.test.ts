import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors.js'
import { effectiveSettings } from './effective-settings.js'
import { settingsTable } from './env.js'
import { inspectSettings, readSettings, type Variables } from './settings.js'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-settings-'))
const file = (name: string, content: string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const empty = file('empty.env', '')
const strong = [
  'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k',
  'Xw5Bn8Jt3Gc6Qz1Vk9Ls2Dp7Hf4Mr0Ty_aUe-iOoWqE',
] as const

const appleKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
  .trim()
/** Both of a provider; either alone leaves it off. */
const clientSamples = (...prefixes: readonly string[]) =>
  Object.fromEntries(
    prefixes.flatMap((prefix): [string, { right: string; shown?: string; wrong: string }][] => [
      [`${prefix}_CLIENT_ID`, { right: '1234-abc.apps.example', wrong: 'two words' }],
      [`${prefix}_CLIENT_SECRET`, { right: 'hush-hush', shown: '********', wrong: 'two words' }],
    ]),
  )

/** Mistakes by the name they are reported under. */
const mistakesOf = (environment: Variables, envFile = empty): Record<string, string[]> => {
  const found: Record<string, string[]> = {}
  for (const { option, detail } of inspectSettings({ environment, envFile }).mistakes)
    found[option] = [...(found[option] ?? []), detail]
  return found
}
const shown = (environment: Variables, envFile = empty): Record<string, unknown> =>
  Object.fromEntries(
    effectiveSettings(inspectSettings({ environment, envFile })).map(({ setting, value, from }) => [
      setting,
      [value, from],
    ]),
  )

test('nothing has to be set', () => {
  const settings = readSettings({ environment: {}, envFile: empty })

  expect(settings).toMatchObject({
    host: '127.0.0.1',
    port: 8000,
    environment: 'development',
    databaseUrl: 'sqlite:./data/latchkey.db',
    docs: true,
    logLevel: 'info',
    auth: { baseUrl: 'http://localhost:8000' },
  })
})

describe('every setting is understood', () => {
  /** For each variable a value that is right and not the default, what becomes of it, and one that is wrong. */
  const samples: Record<string, { right: string; shown?: string | null; wrong?: string }> = {
    HOST: { right: '0.0.0.0' },
    PORT: { right: '9000', wrong: '65536' },
    BASE_URL: { right: 'https://id.example.com', wrong: 'https://id.example.com/' },
    ENVIRONMENT: { right: 'development', wrong: 'staging' },
    SERVICE_NAME: { right: 'Acme Login', wrong: 'x'.repeat(65) },
    DATABASE_URL: { right: 'sqlite:./elsewhere.db', wrong: 'nothing' },
    DATABASE_QUEUE: { right: '5000', wrong: '0' },
    SESSION_STORE: { right: 'redis', wrong: 'memcached' },
    REDIS_URL: { right: 'redis://:pw@localhost/1', shown: '********', wrong: 'localhost:6379' },
    REDIS_ALLOW_VOLATILE: { right: 'true', wrong: 'perhaps' },
    LATCHKEY_SECRET: { right: strong[0], shown: '********', wrong: 'short' },
    LATCHKEY_PREVIOUS_SECRET: {
      right: `${strong[0]}, ${strong[1]}`,
      shown: '********',
      wrong: 'short',
    },
    JWT_SECRET_KEY: { right: strong[0], shown: '********', wrong: 'short' },
    JWT_REFRESH_SECRET_KEY: { right: strong[0], shown: '********', wrong: 'short' },
    JWT_ALGORITHM: { right: 'ES256', wrong: 'none' },
    JWT_ISSUER: { right: 'https://issuer.example.com', wrong: 'x'.repeat(256) },
    JWT_AUDIENCE: { right: 'api', wrong: 'x'.repeat(256) },
    ACCESS_TOKEN_EXPIRE_MINUTES: { right: '60', wrong: '61' },
    REFRESH_TOKEN_EXPIRE_DAYS: { right: '30', wrong: '0' },
    REFRESH_TOKEN_GRACE_SECONDS: { right: '0', wrong: '61' },
    SESSION_EXPIRE_DAYS: { right: '365', wrong: '366' },
    SESSION_PURGE_MINUTES: { right: '0', wrong: '1441' },
    SESSION_LIMIT: { right: '1000', wrong: '0' },
    REFRESH_TOKEN_GRACE_STRICT: { right: 'true', wrong: 'very' },
    REFRESH_TOKEN_TRANSPORT: { right: 'cookie', wrong: 'header' },
    PASSWORD_HASH: { right: 'bcrypt', wrong: 'md5' },
    PASSWORD_HASH_MEMORY_KIB: { right: '65536', wrong: '19455' },
    PASSWORD_HASH_PASSES: { right: '3', wrong: '1' },
    PASSWORD_HASH_PARALLELISM: { right: '2', wrong: '17' },
    PASSWORD_HASH_COST: { right: '13', wrong: '11' },
    PASSWORD_HASH_QUEUE: { right: '0', wrong: '-1' },
    PASSWORD_HASH_THREADS: { right: '3', wrong: '0' },
    PASSWORD_POLICY: { right: 'nist', wrong: 'none' },
    ALLOWED_ORIGINS: {
      right: 'https://a.example.com, https://b.example.com',
      wrong: 'https://a.example.com/path',
    },
    RESPONSE_FORMAT: { right: 'envelope', wrong: 'xml' },
    ALLOW_INSECURE_COOKIES: { right: 'true', wrong: 'maybe' },
    CLEAR_SITE_DATA: { right: 'true', wrong: 'all' },
    TRUSTED_PROXIES: { right: '10.0.0.0/8, 2001:db8::1', wrong: '10.0.0.0/33' },
    ALLOWED_ADDRESSES: { right: '192.0.2.0/24', wrong: '192.0.2' },
    DENIED_ADDRESSES: { right: '192.0.2.7', wrong: 'example.com' },
    ADMIN_ALLOWED_ADDRESSES: { right: '10.1.0.0/16', wrong: '10.1.*.*' },
    ADMIN_DENIED_ADDRESSES: { right: '2001:db8::/32', wrong: '2001:db8::/129' },
    RATE_LIMIT_REQUESTS: { right: '10', wrong: '1000000001' },
    RATE_LIMIT_WINDOW: { right: '3600', wrong: '0' },
    RATE_LIMIT_LOGIN: { right: '10', wrong: '-1' },
    RATE_LIMIT_REGISTER: { right: '0', wrong: 'none' },
    RATE_LIMIT_REFRESH: { right: '60', wrong: '1.5' },
    LOCK_AFTER_FAILURES: { right: '3', wrong: '2' },
    LOCK_MINUTES: { right: '1440', wrong: '1441' },
    OAUTH_CLIENTS: { right: `api:${strong[0]}`, shown: '********', wrong: 'api' },
    ENUMERATION: { right: 'private', wrong: 'closed' },
    CLOCK_SOURCE: { right: 'machine', wrong: 'ntp' },
    MAX_REQUEST_BODY_SIZE: { right: '1048576', wrong: '10KB' },
    WORKERS: { right: '4', wrong: '65' },
    MAX_CONNECTIONS: { right: '512', wrong: '0' },
    METRICS_PORT: { right: '9464', wrong: '65536' },
    METRICS_HOST: { right: '0.0.0.0' },
    SHUTDOWN_DELAY: { right: '5', wrong: '-1' },
    DOCS: { right: 'false', wrong: 'perhaps' },
    LOG_LEVEL: { right: 'warn', wrong: 'loud' },
    LOG_FORMAT: { right: 'pretty', wrong: 'xml' },
    AUTH_PROFILE: { right: 'native', wrong: 'klingon' },
    FRONTEND_URL: { right: 'https://app.example.com/in', wrong: 'https://app.example.com/#in' },
    RETURN_URLS: {
      right: 'https://app.example.com/in, https://b.example.com/in?from=us',
      wrong: 'https://app.example.com/in, /in',
    },
    OAUTH_KEEP_TOKENS: { right: 'true', wrong: 'sealed' },
    OAUTH_QUEUE: { right: '0', wrong: '-1' },
    OAUTH_STAND_IN_URL: { right: 'http://localhost:9000', wrong: 'http://localhost:9000/x' },
    ...clientSamples('GOOGLE'),
    GOOGLE_APP_CLIENT_IDS: { right: 'ios, android', wrong: 'two words' },
    ...clientSamples('FACEBOOK', 'GITHUB', 'MICROSOFT'),
    MICROSOFT_TENANT: { right: 'organizations', wrong: 'my/tenant' },
    ...clientSamples('GITLAB'),
    GITLAB_ISSUER: { right: 'https://gitlab.example.com', wrong: 'http://gitlab.example.com' },
    ...clientSamples('DISCORD', 'LINKEDIN'),
    APPLE_CLIENT_ID: { right: 'com.example.login', wrong: 'my app' },
    APPLE_TEAM_ID: { right: 'A1B2C3D4E5', wrong: 'team' },
    APPLE_KEY_ID: { right: 'A1B2C3D4E5', wrong: 'key' },
    APPLE_PRIVATE_KEY: { right: appleKey, shown: '********', wrong: 'my key' },
    APPLE_APP_CLIENT_IDS: { right: 'com.example.app', wrong: 'my app' },
    LEGACY_UNTIL: { right: '2026-12-31', shown: '2027-01-01T00:00:00.000Z', wrong: 'soon' },
    LEGACY_PROFILE: { right: 'cookie', wrong: 'native' },
    LEGACY_DATABASE_URL: { right: 'sqlite:./old.db', wrong: 'nothing' },
  }
  const redis = { SESSION_STORE: 'redis', REDIS_URL: 'redis://localhost' }
  const needed: Record<string, Variables> = {
    PASSWORD_HASH_COST: { PASSWORD_HASH: 'bcrypt' },
    METRICS_HOST: { METRICS_PORT: '9464' },
    SESSION_STORE: redis,
    REDIS_ALLOW_VOLATILE: redis,
    LEGACY_UNTIL: { LEGACY_PROFILE: 'cookie', JWT_SECRET_KEY: strong[0] },
    LEGACY_PROFILE: { LEGACY_UNTIL: '2026-12-31', JWT_SECRET_KEY: strong[0] },
    LEGACY_DATABASE_URL: {
      LEGACY_UNTIL: '2026-12-31',
      LEGACY_PROFILE: 'envelope',
      JWT_SECRET_KEY: strong[0],
    },
  }

  test('the samples name every row of the table, and nothing else', () => {
    expect(Object.keys(samples)).toEqual(settingsTable.map(({ variable }) => variable))
  })

  test.each(Object.entries(samples))(
    '%s',
    (variable, { right, shown: expected = right, wrong }) => {
      const environment = { ...needed[variable], [variable]: right }

      expect(mistakesOf(environment)).toEqual({})
      expect(shown(environment)[variable]).toEqual([expected, 'environment'])
      if (wrong === undefined) return
      const mistakes = mistakesOf({ ...needed[variable], [variable]: wrong })
      expect(Object.keys(mistakes)).toEqual([variable])
      expect(JSON.stringify(mistakes)).not.toContain(`"${wrong}"`)
    },
  )
})

test('one start tells every mistake, those of values, names, secrets and pairs alike', () => {
  const mistakes = mistakesOf({
    PORT: 'eighty',
    PASSWORD_POLCY: 'nist',
    JWT_SECRET_KEY: 'secret',
    ALLOWED_ORIGINS: '*',
    BASE_URL: 'http://id.example.com',
    ENVIRONMENT: 'production',
    REDIS_ALLOW_VOLATILE: 'true',
    PASSWORD_HASH_COST: '13',
  })

  expect(Object.keys(mistakes).sort()).toEqual([
    'ALLOWED_ORIGINS',
    'BASE_URL',
    'JWT_SECRET_KEY',
    'PASSWORD_HASH_COST',
    'PASSWORD_POLCY',
    'PORT',
    'REDIS_ALLOW_VOLATILE',
  ])
  expect(mistakes.PASSWORD_POLCY?.[0]).toContain('PASSWORD_POLICY')
})

test('mistakes are thrown as one error', () => {
  expect(() => readSettings({ environment: { PORT: 'x', DOCS: 'y' }, envFile: empty })).toThrow(
    ConfigurationError,
  )
})

describe('where settings come from', () => {
  const path = file(
    'some.env',
    '\ufeffPORT=9001\r\nexport SERVICE_NAME="Acme Login" # ours\r\nDOCS=false\r\nLOG_LEVEL=\'warn\'\r\n',
  )

  test('a file is read with quotes, notes, foreign line ends and a byte order mark', () => {
    expect(shown({}, path)).toMatchObject({
      PORT: ['9001', 'file'],
      SERVICE_NAME: ['Acme Login', 'file'],
      DOCS: ['false', 'file'],
      LOG_LEVEL: ['warn', 'file'],
    })
  })

  test('the command line wins over the environment, that over the file; empty is not set', () => {
    const environment = { PORT: '9002', LOG_LEVEL: '', SERVICE_NAME: '   ' }
    const inspection = inspectSettings({ environment, envFile: path, overrides: { PORT: '9003' } })

    expect(inspection.settings).toMatchObject({ port: 9003, logLevel: 'warn' })
    expect(inspection.settings.auth.name).toBe('Acme Login')
    expect(inspection.origins.get('PORT')).toBe('command line')
    expect(readSettings({ environment, envFile: path }).port).toBe(9002)
  })

  test('a mistake on the command line is told by the name of its option', () => {
    const { mistakes } = inspectSettings({
      environment: {},
      envFile: empty,
      overrides: { PORT: 'x' },
    })

    expect(mistakes).toEqual([{ option: '--port', detail: expect.any(String) }])
  })

  test('a file that is named must be there and be a file', () => {
    mkdirSync(join(folder, 'folder.env'), { recursive: true })

    expect(Object.keys(mistakesOf({}, join(folder, 'missing.env')))).toEqual(['--env-file'])
    expect(Object.keys(mistakesOf({}, join(folder, 'folder.env')))).toEqual(['--env-file'])
  })

  test('quotes that became part of a value are noticed', () => {
    expect(Object.keys(mistakesOf({ BASE_URL: '"https://id.example.com"' }))).toEqual(['BASE_URL'])
  })
})
