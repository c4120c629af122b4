import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bootWarnings, sentenceOf } from './boot-warnings.js'
import { effectiveSettings } from './effective-settings.js'
import { inspectSettings, type Variables } from './settings.js'

const inspect = (environment: Variables) => inspectSettings({ environment, envFile: devNull })
const mistakesOf = (environment: Variables): Record<string, string> =>
  Object.fromEntries(inspect(environment).mistakes.map(({ option, detail }) => [option, detail]))
const warningsOf = (environment: Variables): Record<string, string> =>
  Object.fromEntries(
    bootWarnings(inspect(environment).settings).map((found) => [found.warning, sentenceOf(found)]),
  )
const providersOf = (environment: Variables) => inspect(environment).settings.auth.oauth?.providers

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
  .trim()

const google = { GOOGLE_CLIENT_ID: 'id-of-google', GOOGLE_CLIENT_SECRET: 'hush-google' }
const acme = {
  OIDC_ACME_ISSUER: 'https://login.acme.example',
  OIDC_ACME_CLIENT_ID: 'id-of-acme',
  OIDC_ACME_CLIENT_SECRET: 'hush-acme',
}
const apple = {
  APPLE_CLIENT_ID: 'com.example.login',
  APPLE_TEAM_ID: 'A1B2C3D4E5',
  APPLE_KEY_ID: 'F6G7H8I9J0',
  APPLE_PRIVATE_KEY: key,
}

describe('a provider is on with all of its settings', () => {
  test('three with a client id and a secret each', () => {
    const three = {
      ...google,
      FACEBOOK_CLIENT_ID: '1234',
      FACEBOOK_CLIENT_SECRET: 'hush-facebook',
      GITHUB_CLIENT_ID: 'Iv1.1234',
      GITHUB_CLIENT_SECRET: 'hush-github',
    }

    expect(mistakesOf(three)).toEqual({})
    expect(warningsOf(three)).toEqual({})
    expect(providersOf(three)).toEqual([
      { name: 'google', clientId: 'id-of-google', clientSecret: 'hush-google' },
      { name: 'facebook', clientId: '1234', clientSecret: 'hush-facebook' },
      { name: 'github', clientId: 'Iv1.1234', clientSecret: 'hush-github' },
    ])
  })

  test('what only some of them have', () => {
    const more = {
      MICROSOFT_CLIENT_ID: 'id',
      MICROSOFT_CLIENT_SECRET: 'hush',
      MICROSOFT_TENANT: 'organizations',
      GITLAB_CLIENT_ID: 'id',
      GITLAB_CLIENT_SECRET: 'hush',
      GITLAB_ISSUER: 'https://gitlab.example.com',
    }

    expect(providersOf(more)).toEqual([
      { name: 'microsoft', clientId: 'id', clientSecret: 'hush', tenant: 'organizations' },
      {
        name: 'gitlab',
        clientId: 'id',
        clientSecret: 'hush',
        issuer: 'https://gitlab.example.com',
      },
    ])
    expect(mistakesOf(more)).toEqual({})
  })

  test('Apple, with its key as a text, on one line, or in a file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'latchkey-apple-')), 'key.p8')
    writeFileSync(file, `${key}\n`)
    const { APPLE_PRIVATE_KEY: _, ...rest } = apple
    for (const given of [
      apple,
      { ...rest, APPLE_PRIVATE_KEY: key.replaceAll('\n', '\\n') },
      { ...rest, APPLE_PRIVATE_KEY_FILE: file },
    ]) {
      expect(mistakesOf(given)).toEqual({})
      expect(providersOf(given)).toEqual([
        {
          name: 'apple',
          clientId: 'com.example.login',
          teamId: 'A1B2C3D4E5',
          keyId: 'F6G7H8I9J0',
          privateKey: key,
        },
      ])
    }
  })

  test('any OpenID provider, under a name of its own', () => {
    const whole = {
      ...acme,
      OIDC_ACME_TITLE: 'Acme & Söhne',
      OIDC_ACME_SCOPES: 'openid email,groups',
      OIDC_ACME_TRUST_EMAIL: 'yes',
      OIDC_MY_OTHER_ISSUER: 'http://localhost:8080/realms/one/',
      OIDC_MY_OTHER_CLIENT_ID: 'other',
      OIDC_MY_OTHER_CLIENT_SECRET: 'hush-other',
    }

    expect(mistakesOf(whole)).toEqual({})
    expect(providersOf(whole)).toEqual([
      {
        name: 'acme',
        issuer: 'https://login.acme.example',
        clientId: 'id-of-acme',
        clientSecret: 'hush-acme',
        title: 'Acme & Söhne',
        scopes: ['openid', 'email', 'groups'],
        trustsEmail: true,
      },
      {
        name: 'my-other',
        issuer: 'http://localhost:8080/realms/one/',
        clientId: 'other',
        clientSecret: 'hush-other',
      },
    ])
  })
})

test('Microsoft without a tenant is for everybody there', () => {
  const given = { MICROSOFT_CLIENT_ID: 'id', MICROSOFT_CLIENT_SECRET: 'hush' }

  expect(mistakesOf(given)).toEqual({})
  expect(providersOf(given)).toMatchObject([{ name: 'microsoft', tenant: 'common' }])
})

describe('A-157: half a provider is off, and the start says what is missing', () => {
  test.each<[string, Variables, string]>([
    [
      'no secret',
      { GOOGLE_CLIENT_ID: 'id' },
      'nobody can sign in with google (GOOGLE_CLIENT_SECRET is not set). Set what is missing, or remove the other settings of google',
    ],
    [
      'an empty secret',
      { GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: '  ' },
      'GOOGLE_CLIENT_SECRET is not set',
    ],
    ['no id', { GITHUB_CLIENT_SECRET: 'hush' }, 'GITHUB_CLIENT_ID is not set'],
    [
      'a tenant alone',
      { MICROSOFT_TENANT: 'common' },
      'MICROSOFT_CLIENT_ID and MICROSOFT_CLIENT_SECRET are not set',
    ],
    [
      'an Apple without keys',
      { APPLE_CLIENT_ID: 'x' },
      'APPLE_TEAM_ID, APPLE_KEY_ID and APPLE_PRIVATE_KEY are not set',
    ],
    [
      'no issuer',
      { OIDC_ACME_CLIENT_ID: 'a', OIDC_ACME_CLIENT_SECRET: 'b' },
      'OIDC_ACME_ISSUER is not set',
    ],
    [
      'a title alone',
      { OIDC_ACME_TITLE: 'Acme' },
      'acme (OIDC_ACME_ISSUER, OIDC_ACME_CLIENT_ID and OIDC_ACME_CLIENT_SECRET are not set)',
    ],
    [
      'what stands in the document of another',
      {
        GOOGLE_CLIENT_ID: 'your-google-client-id',
        GOOGLE_CLIENT_SECRET: 'your-google-client-secret',
      },
      'GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET still hold a sample value',
    ],
  ])('%s', (_, environment, said) => {
    expect(mistakesOf(environment)).toEqual({})
    expect(providersOf(environment)).toBeUndefined()
    expect(Object.keys(warningsOf(environment))).toEqual(['provider_off'])
    expect(warningsOf(environment).provider_off).toContain(said)
  })

  test('the others stay on, and one warning names all that are off', () => {
    const environment = { ...google, GITHUB_CLIENT_ID: 'x', DISCORD_CLIENT_SECRET: 'y' }

    expect(providersOf(environment)?.map(({ name }) => name)).toEqual(['google'])
    expect(warningsOf(environment).provider_off).toMatch(/with github \(.*\), nor with discord \(/)
  })
})

test('no secret of a provider is shown, neither as a setting nor in a warning', () => {
  const environment = {
    ...google,
    ...acme,
    ...apple,
    GITHUB_CLIENT_SECRET: 'hush-github',
    OIDC_OTHER_CLIENT_SECRET: 'hush-other',
  }
  const inspection = inspect(environment)
  const shown = effectiveSettings(inspection)
  const all = JSON.stringify([shown, inspection.mistakes, bootWarnings(inspection.settings)])

  expect(all).not.toMatch(/hush|BEGIN|PRIVATE KEY-/)
  expect(shown).toContainEqual({
    setting: 'OIDC_ACME_CLIENT_SECRET',
    value: '********',
    from: 'environment',
  })
  expect(shown).toContainEqual({
    setting: 'OIDC_ACME_CLIENT_ID',
    value: 'id-of-acme',
    from: 'environment',
  })
})
