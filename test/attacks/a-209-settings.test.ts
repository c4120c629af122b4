import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { ConfigurationError } from '../../src/errors.js'
import { openStore } from '../../src/server/server.js'
import { nameVariables, readSettings } from '../../src/server/settings.js'
import { startRefused } from './server-process.js'

/** S-46, J-04: settings that must not come to life. Each start is a process of its own. */
const good = createHash('sha512').update(randomBytes(32)).digest('hex').slice(0, 48)

const refused: Readonly<Record<string, readonly [Record<string, string>, RegExp]>> = {
  'a short secret': [{ LATCHKEY_SECRET: 'tooshort' }, /LATCHKEY_SECRET/],
  'a public secret': [
    { JWT_SECRET_KEY: 'your-256-bit-secret-your-256-bit-secret' },
    /JWT_SECRET_KEY/,
  ],
  'a secret from every example': [
    { JWT_SECRET_KEY: 'change-me-in-production-please-change-me' },
    /JWT_SECRET_KEY/,
  ],
  'a secret of one letter': [{ LATCHKEY_SECRET: 'a'.repeat(64) }, /LATCHKEY_SECRET/],
  'one secret for two purposes': [
    { LATCHKEY_SECRET: good, JWT_SECRET_KEY: good },
    /a secret of its own/,
  ],
  'the same for both tokens': [
    { AUTH_PROFILE: 'native', JWT_SECRET_KEY: good, JWT_REFRESH_SECRET_KEY: good },
    /a secret of its own/,
  ],
  'http in production': [
    { ENVIRONMENT: 'production', BASE_URL: 'http://id.example.com', LATCHKEY_SECRET: good },
    /BASE_URL/,
  ],
  'http on another host': [{ BASE_URL: 'http://id.example.com' }, /BASE_URL/],
  'a base address with a path of its own trouble': [
    { BASE_URL: 'https://user@id.example.com/?x#y' },
    /BASE_URL/,
  ],
  'every origin': [{ ALLOWED_ORIGINS: '*' }, /ALLOWED_ORIGINS/],
  'origins by pattern': [{ ALLOWED_ORIGINS: 'https://*.example.com' }, /ALLOWED_ORIGINS/],
  'the origin null': [{ ALLOWED_ORIGINS: 'null' }, /ALLOWED_ORIGINS/],
  'an unknown store': [{ DATABASE_URL: 'carrier-pigeon://x' }, /DATABASE_URL/],
  'a misspelled setting': [{ JWT_SECRET_KYE: good }, /JWT_SECRET_KYE/],
  'the algorithm none': [{ JWT_ALGORITHM: 'none' }, /JWT_ALGORITHM/],
  'HS256 without a secret': [{ JWT_ALGORITHM: 'HS256' }, /JWT_SECRET_KEY/],
  'tokens that live for a day': [
    { ACCESS_TOKEN_EXPIRE_MINUTES: '1440' },
    /ACCESS_TOKEN_EXPIRE_MINUTES/,
  ],
  'a weaker hash': [{ PASSWORD_HASH_MEMORY_KIB: '1024' }, /PASSWORD_HASH_MEMORY_KIB/],
  'bodies without end': [{ MAX_REQUEST_BODY_SIZE: '999999999' }, /MAX_REQUEST_BODY_SIZE/],
  'everything at once': [
    { LATCHKEY_SECRET: 'x', JWT_ALGORITHM: 'none', ALLOWED_ORIGINS: '*', JWT_NONSENSE: '1' },
    /LATCHKEY_SECRET[\s\S]*|JWT_NONSENSE/,
  ],
}

const mistakesOf = (environment: Record<string, string>): ConfigurationError | undefined => {
  try {
    const settings = readSettings({ environment })
    createAuth({ ...settings.auth, store: openStore(settings) })
    return undefined
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
}

describe('settings that must not come to life', () => {
  test.each(Object.entries(refused))('A-209, A-210 %s', (_, [settings, sentence]) => {
    const error = mistakesOf({ DATABASE_URL: 'memory', ...settings })
    expect(
      nameVariables(error?.mistakes ?? [])
        .map(({ option, detail }) => `${option}: ${detail}`)
        .join('\n'),
    ).toMatch(sentence)
    for (const [variable, value] of Object.entries(settings)) {
      if (/SECRET/.test(variable) && value.length > 3) expect(error?.message).not.toContain(value)
    }
  })

  test('A-006 secrets that others have published', () => {
    for (const published of [
      'your-256-bit-secret-your-256-bit-secret',
      '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
      'supersecretsupersecretsupersecret',
      'abcdefghijklmnopqrstuvwxyz0123456789',
      '00000000000000000000000000000000',
      'changeme'.repeat(5),
    ]) {
      expect([
        published,
        mistakesOf({ DATABASE_URL: 'memory', JWT_SECRET_KEY: published }),
      ]).toEqual([published, expect.any(ConfigurationError)])
    }
    expect(mistakesOf({ DATABASE_URL: 'memory', JWT_SECRET_KEY: good })).toBeUndefined()
  })

  test('A-209 the process says so, never repeats a secret, and ends with code 2', async () => {
    const starts = [
      { LATCHKEY_SECRET: 'too-short-a-secret', ALLOWED_ORIGINS: '*' },
      { ENVIRONMENT: 'production', BASE_URL: 'http://id.example.com', JWT_NONSENSE: '1' },
      { AUTH_PROFILE: 'native', JWT_SECRET_KEY: good, JWT_REFRESH_SECRET_KEY: good },
      { DATABASE_URL: 'sqlite:/dev/null/latchkey.db' },
    ]
    const ends = await Promise.all(
      starts.map((settings) => startRefused({ DATABASE_URL: 'memory', ...settings })),
    )
    expect(ends.slice(0, 3).map(({ code }) => code)).toEqual([2, 2, 2])
    expect([1, 2]).toContain(ends[3]?.code)
    for (const { said } of ends) {
      expect(said).not.toMatch(/listening|too-short-a-secret/)
      expect(said).not.toContain(good)
    }
  })
})
