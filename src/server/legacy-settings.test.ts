import { describe, expect, test } from 'vitest'
import { bootWarnings, sentenceOf } from './boot-warnings.js'
import { inspectSettings } from './settings.js'

const secrets = {
  JWT_SECRET_KEY: 'Xk4uT0mZr8sQ1vB6yN3pL9dH2wJ7cF5aGeRt',
  JWT_REFRESH_SECRET_KEY: 'hV7qW2nD9xK4mT1zC6bY8rJ3sL5gP0fAeUoi',
}
const read = (variables: Record<string, string>) =>
  inspectSettings({
    environment: { AUTH_PROFILE: 'native', ...secrets, ...variables },
    envFile: '/dev/null',
  })

const mistakes = (variables: Record<string, string>): Record<string, string> =>
  Object.fromEntries(read(variables).mistakes.map(({ option, detail }) => [option, detail]))

const warnings = (variables: Record<string, string>) =>
  bootWarnings(read(variables).settings).filter(({ warning }) => warning.startsWith('legacy'))

describe('settings of the move', () => {
  test.each<[string, Record<string, string>]>([
    ['the strict service', { AUTH_PROFILE: 'strict' }],
    ['the native API after it', { LEGACY_PROFILE: 'strict' }],
    ['the username service', { AUTH_PROFILE: 'username' }],
    ['the cookie service', { AUTH_PROFILE: 'cookie', REDIS_URL: 'redis://cache' }],
    ['the cookie service, its Redis unsaid', { AUTH_PROFILE: 'cookie' }],
    [
      'its Redis elsewhere',
      { AUTH_PROFILE: 'cookie', LEGACY_DATABASE_URL: 'rediss://:p@old:6379/1' },
    ],
    ['the flat service', { AUTH_PROFILE: 'flat', DATABASE_URL: 'mongodb://db/app' }],
    ['its MongoDB elsewhere', { AUTH_PROFILE: 'flat', LEGACY_DATABASE_URL: 'mongodb://db/app' }],
    [
      'the envelope service',
      { AUTH_PROFILE: 'envelope', DATABASE_URL: 'sqlserver://u:pA9x@db/app' },
    ],
  ])('are right for %s', (_, variables) => {
    expect(mistakes({ ...variables, LEGACY_UNTIL: '2100-01-01' })).toEqual({})
  })

  test.each<[string, Record<string, string>, string]>([
    ['LEGACY_UNTIL', { AUTH_PROFILE: 'strict', LEGACY_UNTIL: 'soon' }, 'must be a day'],
    ['LEGACY_UNTIL', { AUTH_PROFILE: 'strict', LEGACY_UNTIL: '2026-02-30' }, 'must be a day'],
    ['LEGACY_UNTIL', { LEGACY_PROFILE: 'strict' }, 'is needed'],
    ['LEGACY_PROFILE', { LEGACY_UNTIL: '2100-01-01' }, 'is needed'],
    [
      'LEGACY_PROFILE',
      { LEGACY_UNTIL: '2100-01-01', AUTH_PROFILE: 'strict', LEGACY_PROFILE: 'username' },
      'must be strict',
    ],
    [
      'LEGACY_DATABASE_URL',
      { AUTH_PROFILE: 'flat', LEGACY_UNTIL: '2100-01-01' },
      'must lead to where the service flat kept its refresh tokens (MongoDB',
    ],
    [
      'LEGACY_DATABASE_URL',
      {
        AUTH_PROFILE: 'cookie',
        LEGACY_UNTIL: '2100-01-01',
        LEGACY_DATABASE_URL: 'postgres://u:pA9x@db/app',
      },
      'must lead to where the service cookie kept its refresh tokens (Redis',
    ],
    [
      'LEGACY_DATABASE_URL',
      { AUTH_PROFILE: 'envelope', LEGACY_UNTIL: '2100-01-01', LEGACY_DATABASE_URL: 'redis://db' },
      'must lead to where the service envelope kept its refresh tokens (SQL',
    ],
    ['LEGACY_DATABASE_URL', { LEGACY_DATABASE_URL: 'redis://db' }, 'would do nothing'],
  ])('are wrong, under the name %s, with %o', (name, variables, detail) => {
    const found = mistakes(variables)

    expect(Object.keys(found)).toEqual([name])
    expect(found[name]).toContain(detail)
  })

  test('need the secrets that signed the old tokens', () => {
    const variables = { LEGACY_PROFILE: 'strict', LEGACY_UNTIL: '2100-01-01' }
    const { mistakes } = inspectSettings({
      environment: { AUTH_PROFILE: 'native', ...variables },
      envFile: '/dev/null',
    })

    expect(mistakes.map(({ option }) => option)).toEqual([
      ...['JWT_SECRET_KEY', 'JWT_REFRESH_SECRET_KEY'],
    ])
  })
})

describe('the start says', () => {
  test('until when tokens of before are honoured', () => {
    const [found, ...others] = warnings({ AUTH_PROFILE: 'strict', LEGACY_UNTIL: '2100-01-01' })

    expect(others).toEqual([])
    expect(found?.warning).toBe('legacy_tokens')
    expect(found && sentenceOf(found)).toMatch(/of the service strict .* until 2100-01-02T00:00:00/)
  })

  test('that the date has passed', () => {
    const [found, ...others] = warnings({ AUTH_PROFILE: 'strict', LEGACY_UNTIL: '2026-01-01' })

    expect(others).toEqual([])
    expect(found?.warning).toBe('legacy_over')
    expect(found && sentenceOf(found)).toMatch(/Remove LEGACY_UNTIL/)
  })

  test('nothing without the setting', () => {
    expect(warnings({ AUTH_PROFILE: 'strict' })).toEqual([])
  })
})
