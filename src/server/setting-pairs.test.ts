import { devNull } from 'node:os'
import { expect, test } from 'vitest'
import { bootWarnings, sentenceOf } from './boot-warnings.js'
import { inspectSettings, type Variables } from './settings.js'

/** Settings that are right one by one and wrong, or at a price, together. */
const inspect = (environment: Variables) => inspectSettings({ environment, envFile: devNull })
const names = (environment: Variables): string[] =>
  inspect(environment).mistakes.map(({ option }) => option)
const warnings = (environment: Variables): string[] =>
  bootWarnings(inspect(environment).settings).map(({ warning }) => warning)

const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'
const other = 'Xw5Bn8Jt3Gc6Qz1Vk9Ls2Dp7Hf4Mr0Ty_aUe-iOoWqE'
const production = {
  ENVIRONMENT: 'production',
  BASE_URL: 'https://id.example.com',
  TRUSTED_PROXIES: '10.0.0.5',
}
const sealed = { ...production, LATCHKEY_SECRET: secret }

test.each<[string, string, Variables]>([
  ['production without an address', 'BASE_URL', { ENVIRONMENT: 'production' }],
  [
    'production over plain http',
    'BASE_URL',
    { ENVIRONMENT: 'production', BASE_URL: 'http://localhost:8000' },
  ],
  ['plain http for others', 'BASE_URL', { BASE_URL: 'http://id.example.com' }],
  ['metrics on the port of the service', 'METRICS_PORT', { PORT: '9000', METRICS_PORT: '9000' }],
  ['where to tell metrics that nobody asked for', 'METRICS_HOST', { METRICS_HOST: '0.0.0.0' }],
  ['HS256 without its secret', 'JWT_SECRET_KEY', { JWT_ALGORITHM: 'HS256' }],
  ['ES256 with a secret', 'JWT_ALGORITHM', { JWT_ALGORITHM: 'ES256', JWT_SECRET_KEY: secret }],
  [
    'two clients of one name',
    'OAUTH_CLIENTS',
    { OAUTH_CLIENTS: `a:${secret}, b:${`${secret}X`}, a:${other}` },
  ],
  ['two clients with one secret', 'OAUTH_CLIENTS', { OAUTH_CLIENTS: `a:${secret},b:${secret}` }],
  [
    'a client that has the secret of the tokens',
    'OAUTH_CLIENTS',
    { OAUTH_CLIENTS: `a:${secret}`, JWT_SECRET_KEY: secret },
  ],
  ['a client without a name', 'OAUTH_CLIENTS', { OAUTH_CLIENTS: `:${secret}` }],
  ['a client with a weak secret', 'OAUTH_CLIENTS', { OAUTH_CLIENTS: 'a:short' }],
  ['a client whose name no form can hold', 'OAUTH_CLIENTS', { OAUTH_CLIENTS: `ä:${secret}` }],
  ['a cost of bcrypt for argon2id', 'PASSWORD_HASH_COST', { PASSWORD_HASH_COST: '13' }],
  [
    'a cost of argon2id for bcrypt',
    'PASSWORD_HASH_PASSES',
    { PASSWORD_HASH: 'bcrypt', PASSWORD_HASH_PASSES: '3' },
  ],
  [
    'sessions that end before their refresh tokens',
    'SESSION_EXPIRE_DAYS',
    { SESSION_EXPIRE_DAYS: '5', REFRESH_TOKEN_EXPIRE_DAYS: '6' },
  ],
  ['sessions in a Redis that is nowhere', 'SESSION_STORE', { SESSION_STORE: 'redis' }],
  [
    'a volatile Redis without sessions in it',
    'REDIS_ALLOW_VOLATILE',
    { REDIS_URL: 'redis://localhost', REDIS_ALLOW_VOLATILE: 'true' },
  ],
  [
    'an address that is allowed and denied',
    'DENIED_ADDRESSES',
    { ALLOWED_ADDRESSES: '10.0.0.0/8, 192.0.2.7', DENIED_ADDRESSES: '::ffff:192.0.2.7' },
  ],
  [
    'a network that may administer and may not',
    'ADMIN_DENIED_ADDRESSES',
    { ADMIN_ALLOWED_ADDRESSES: '::1, 2001:db8:0::/32', ADMIN_DENIED_ADDRESSES: '2001:DB8::/32' },
  ],
  ['everybody as a proxy', 'TRUSTED_PROXIES', { TRUSTED_PROXIES: '10.0.0.0/8, 0.0.0.0/0' }],
  ['everybody of IPv6 as a proxy', 'TRUSTED_PROXIES', { TRUSTED_PROXIES: '::/0' }],
  [
    'an issuer without TLS in production',
    'JWT_ISSUER',
    { ...production, JWT_ISSUER: 'http://x.de' },
  ],
  [
    'pages without TLS in production',
    'ALLOWED_ORIGINS',
    { ...production, ALLOWED_ORIGINS: 'https://a.example.com,http://app.example.com' },
  ],
  [
    'strictness about repeats that do not exist',
    'REFRESH_TOKEN_GRACE_STRICT',
    { REFRESH_TOKEN_GRACE_STRICT: 'true', REFRESH_TOKEN_GRACE_SECONDS: '0' },
  ],
  [
    'the window of a limit that is off',
    'RATE_LIMIT_WINDOW',
    { RATE_LIMIT_WINDOW: '10', RATE_LIMIT_REQUESTS: '0' },
  ],
  [
    'a present secret among those of before',
    'LATCHKEY_PREVIOUS_SECRET',
    { LATCHKEY_SECRET: secret, LATCHKEY_PREVIOUS_SECRET: `${other},${secret}` },
  ],
  [
    'a secret with the address of the service in it',
    'LATCHKEY_SECRET',
    { ...production, LATCHKEY_SECRET: `${secret.slice(0, 20)}-Id.Example.com-kJ4xQ` },
  ],
  [
    'a secret with the name of the service in it',
    'JWT_SECRET_KEY',
    { SERVICE_NAME: 'Gondolier', JWT_SECRET_KEY: `gondolier-${secret}` },
  ],
  ['everybody denied', 'DENIED_ADDRESSES', { DENIED_ADDRESSES: '0.0.0.0/0, ::/0' }],
  [
    'the few who are allowed denied',
    'DENIED_ADDRESSES',
    { ALLOWED_ADDRESSES: '10.1.0.0/16,::1', DENIED_ADDRESSES: '10.0.0.0/8,::/1' },
  ],
  [
    'administrators who are denied',
    'ADMIN_ALLOWED_ADDRESSES',
    { ADMIN_ALLOWED_ADDRESSES: '10.1.2.3', DENIED_ADDRESSES: '10.1.0.0/16' },
  ],
  [
    'administrators who are not served at all',
    'ADMIN_ALLOWED_ADDRESSES',
    { ADMIN_ALLOWED_ADDRESSES: '192.0.2.0/24', ALLOWED_ADDRESSES: '10.0.0.0/8' },
  ],
  ['memory by another name', 'DATABASE_URL', { DATABASE_URL: 'sqlite::memory:' }],
])('%s is refused', (_, name, environment) => {
  expect([...new Set(names(environment))]).toEqual([name])
})

test.each<[string, Variables]>([
  ['one network denied', { DENIED_ADDRESSES: '10.0.0.0/8' }],
  ['all of IPv4 denied, on an IPv6 network', { DENIED_ADDRESSES: '0.0.0.0/0' }],
  [
    'a part of those allowed denied',
    { ALLOWED_ADDRESSES: '10.0.0.0/8', DENIED_ADDRESSES: '10.1.0.0/16' },
  ],
  [
    'administrators among those allowed',
    { ALLOWED_ADDRESSES: '10.0.0.0/8', ADMIN_ALLOWED_ADDRESSES: '10.1.0.0/16' },
  ],
  ['a page on this machine while developing', { ALLOWED_ORIGINS: 'http://localhost:5173' }],
  ['a Redis for limits only', { REDIS_URL: 'redis://localhost', SESSION_STORE: 'database' }],
  ['an issuer that is a name', { ...sealed, JWT_ISSUER: 'acme' }],
  ['an issuer without TLS while developing', { JWT_ISSUER: 'http://issuer' }],
])('%s is fine', (_, environment) => {
  expect(names(environment)).toEqual([])
})

test('the default address follows the port; without a port it waits for the one that is given', () => {
  expect(inspect({ PORT: '9000' }).settings.auth.baseUrl).toBe('http://localhost:9000')
  expect(inspect({ PORT: '0' }).settings.auth.baseUrl).toBeUndefined()
  expect(inspect({ PORT: '0', ...production }).settings.auth.baseUrl).toBe(production.BASE_URL)
})

test('production closes the documentation unless it is asked for', () => {
  expect(inspect(production).settings.docs).toBe(false)
  expect(inspect({ ...production, DOCS: 'true' }).settings.docs).toBe(true)
})

test.each<[string, Variables, string[]]>([
  ['the defaults', {}, []],
  ['production with everything set', sealed, []],
  ['a generated secret in production', production, ['secret_in_file']],
  ['a store in memory', { DATABASE_URL: 'memory' }, ['memory_store']],
  ['a shared signing secret', { JWT_SECRET_KEY: secret }, ['shared_signing_secret']],
  [
    'a password of every example',
    { ...sealed, DATABASE_URL: 'postgres://ada:postgres@db/latchkey' },
    ['sample_password'],
  ],
  [
    'a password of every example for Redis',
    { ...sealed, SESSION_STORE: 'redis', REDIS_URL: 'redis://:changeme@cache' },
    ['sample_password'],
  ],
  [
    'a password of its own',
    { ...sealed, DATABASE_URL: 'postgres://postgres:k3Jf9x2mQ7@db/latchkey' },
    [],
  ],
  ['cookies over plain http', { ALLOW_INSECURE_COOKIES: 'true' }, ['insecure_cookies']],
  ['no grace', { REFRESH_TOKEN_GRACE_SECONDS: '0' }, ['no_grace']],
  [
    'its own address among the others',
    { ...sealed, ALLOWED_ORIGINS: 'https://id.example.com,https://app.example.com' },
    ['own_origin'],
  ],
  [
    'an address that begins as its own does',
    { ...sealed, ALLOWED_ORIGINS: 'https://id.example.com.evil.com' },
    ['lookalike_origin', 'foreign_site'],
  ],
  [
    'an address that is its own but for a hyphen',
    { ...sealed, ALLOWED_ORIGINS: 'https://id-example.com', REFRESH_TOKEN_TRANSPORT: 'body' },
    ['lookalike_origin'],
  ],
  [
    'a page on the machine of users',
    { ...sealed, ALLOWED_ORIGINS: 'http://localhost:5173', REFRESH_TOKEN_TRANSPORT: 'body' },
    ['local_origin'],
  ],
  ['a page below its own', { ...sealed, ALLOWED_ORIGINS: 'https://app.id.example.com' }, []],
  ['a page of another site', { ...sealed, ALLOWED_ORIGINS: 'https://acme.org' }, ['foreign_site']],
  ['other machines, which know no localhost of ours', { HOST: '0.0.0.0' }, ['local_base_url']],
  ['documentation in production', { ...sealed, DOCS: 'yes' }, ['docs_in_production']],
  ['a log that says nothing', { ...sealed, LOG_LEVEL: 'silent' }, ['silent_log']],
  ['a limit that is off', { RATE_LIMIT_LOGIN: '0' }, ['limits_off']],
  ['a loose limit', { RATE_LIMIT_LOGIN: '500' }, ['loose_limits']],
  [
    'a limit above that of all requests',
    { RATE_LIMIT_REQUESTS: '10', RATE_LIMIT_LOGIN: '11' },
    ['limit_without_effect'],
  ],
  [
    'a limit below it, counted by the minute',
    { RATE_LIMIT_REQUESTS: '10', RATE_LIMIT_WINDOW: '10', RATE_LIMIT_LOGIN: '11' },
    [],
  ],
  ['a lock that comes late', { LOCK_AFTER_FAILURES: '101' }, ['late_lock']],
  ['a lock that just comes in time', { LOCK_AFTER_FAILURES: '100' }, []],
  ['a proxy that nobody named', { ...sealed, TRUSTED_PROXIES: '' }, ['no_trusted_proxies']],
  ['a trusted country', { ...sealed, TRUSTED_PROXIES: '16.0.0.0/8' }, ['wide_trust']],
  ['a trusted private network', { ...sealed, TRUSTED_PROXIES: '10.0.0.0/8, fc00::/7' }, []],
])('warnings at the start for %s', (_, environment, expected) => {
  expect(names(environment)).toEqual([])
  expect(warnings(environment)).toEqual(expected)
})

test('warnings name the setting, and never hold a secret', () => {
  const environment = {
    ...sealed,
    DATABASE_URL: 'postgres://ada:postgres@db/latchkey',
    RATE_LIMIT_LOGIN: '0',
    RATE_LIMIT_REFRESH: '0',
    LOCK_AFTER_FAILURES: '1000',
  }
  const sentences = bootWarnings(inspect(environment).settings).map(sentenceOf).join('\n')

  for (const part of [
    'RATE_LIMIT_LOGIN=0, RATE_LIMIT_REFRESH=0',
    'NIST SP 800-63B',
    'DATABASE_URL',
  ])
    expect(sentences).toContain(part)
  for (const hidden of [secret, 'ada', ':postgres@']) expect(sentences).not.toContain(hidden)
})

test('the warning about a generated secret says where it lies', () => {
  const { settings } = inspect({ ...production, DATABASE_URL: 'sqlite:/var/lib/latchkey/auth.db' })

  expect(bootWarnings(settings)[0]?.detail).toContain('/var/lib/latchkey/auth.key')
})
