import { devNull } from 'node:os'
import { expect, test } from 'vitest'
import { bootWarnings } from './boot-warnings.js'
import { inspectSettings, type Variables } from './settings.js'

/** Settings that are right one by one and wrong, or at a price, together. */
const inspect = (environment: Variables) => inspectSettings({ environment, envFile: devNull })
const names = (environment: Variables): string[] =>
  inspect(environment).mistakes.map(({ option }) => option)
const warnings = (environment: Variables): string[] =>
  bootWarnings(inspect(environment).settings).map(({ warning }) => warning)

const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'
const production = { ENVIRONMENT: 'production', BASE_URL: 'https://id.example.com' }

test.each<[string, string, Variables]>([
  ['production without an address', 'BASE_URL', { ENVIRONMENT: 'production' }],
  [
    'production over plain http',
    'BASE_URL',
    { ENVIRONMENT: 'production', BASE_URL: 'http://localhost:8000' },
  ],
  ['plain http for others', 'BASE_URL', { BASE_URL: 'http://id.example.com' }],
  ['HS256 without its secret', 'JWT_SECRET_KEY', { JWT_ALGORITHM: 'HS256' }],
  ['ES256 with a secret', 'JWT_ALGORITHM', { JWT_ALGORITHM: 'ES256', JWT_SECRET_KEY: secret }],
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
    { ADMIN_ALLOWED_ADDRESSES: '2001:db8:0::/32', ADMIN_DENIED_ADDRESSES: '2001:DB8::/32' },
  ],
  ['everybody as a proxy', 'TRUSTED_PROXIES', { TRUSTED_PROXIES: '10.0.0.0/8, 0.0.0.0/0' }],
  ['everybody of IPv6 as a proxy', 'TRUSTED_PROXIES', { TRUSTED_PROXIES: '::/0' }],
  ['memory by another name', 'DATABASE_URL', { DATABASE_URL: 'sqlite::memory:' }],
])('%s is refused', (_, name, environment) => {
  expect([...new Set(names(environment))]).toEqual([name])
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
  ['production with everything set', { ...production, LATCHKEY_SECRET: secret }, []],
  ['a generated secret in production', production, ['secret_in_file']],
  ['a store in memory', { DATABASE_URL: 'memory' }, ['memory_store']],
  ['a shared signing secret', { JWT_SECRET_KEY: secret }, ['shared_signing_secret']],
  ['cookies over plain http', { ALLOW_INSECURE_COOKIES: 'true' }, ['insecure_cookies']],
  ['no grace', { REFRESH_TOKEN_GRACE_SECONDS: '0' }, ['no_grace']],
  [
    'documentation in production',
    { ...production, LATCHKEY_SECRET: secret, DOCS: 'yes' },
    ['docs_in_production'],
  ],
])('warnings at the start for %s', (_, environment, expected) => {
  expect(warnings(environment)).toEqual(expected)
})

test('the warning about a generated secret says where it lies', () => {
  const { settings } = inspect({ ...production, DATABASE_URL: 'sqlite:/var/lib/latchkey/auth.db' })

  expect(bootWarnings(settings)[0]?.sentence).toContain('/var/lib/latchkey/auth.key')
})
