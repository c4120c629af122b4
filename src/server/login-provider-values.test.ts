import { generateKeyPairSync } from 'node:crypto'
import { devNull } from 'node:os'
import { describe, expect, test } from 'vitest'
import { bootWarnings, sentenceOf } from './boot-warnings.js'
import { withReturnToTryIt } from './login-providers.js'
import { inspectSettings, type Variables } from './settings.js'

const inspect = (environment: Variables) => inspectSettings({ environment, envFile: devNull })
const mistakesOf = (environment: Variables): Record<string, string> =>
  Object.fromEntries(inspect(environment).mistakes.map(({ option, detail }) => [option, detail]))
const warningsOf = (environment: Variables): Record<string, string> =>
  Object.fromEntries(
    bootWarnings(inspect(environment).settings).map((found) => [found.warning, sentenceOf(found)]),
  )
const returnUrlsOf = (environment: Variables) =>
  inspect(environment).settings.auth.oauth?.returnUrls

const pem = (curve: string): string =>
  generateKeyPairSync('ec', { namedCurve: curve })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
const key = pem('P-256').trim()

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
const production = {
  ENVIRONMENT: 'production',
  BASE_URL: 'https://id.example.com',
  TRUSTED_PROXIES: '10.0.0.5',
  LATCHKEY_SECRET: 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k',
}

describe('wrong values stop the start, all at once', () => {
  test.each<[string, Variables]>([
    ['OIDC_ACME_ISSUER', { ...acme, OIDC_ACME_ISSUER: 'http://login.acme.example' }],
    ['OIDC_ACME_ISSUER', { ...acme, OIDC_ACME_ISSUER: 'https://u:topsecret@acme.example' }],
    ['OIDC_ACME_ISSUER', { ...acme, OIDC_ACME_ISSUER: 'https://acme.example/?topsecret' }],
    [
      'OIDC_ACME_ISSUER',
      {
        ...production,
        ...acme,
        OIDC_ACME_ISSUER: 'http://localhost:8080',
        FRONTEND_URL: 'https://id.example.com/in',
      },
    ],
    ['OIDC_ACME_SCOPES', { ...acme, OIDC_ACME_SCOPES: 'email topsecret' }],
    ['OIDC_ACME_TRUST_EMAIL', { ...acme, OIDC_ACME_TRUST_EMAIL: 'topsecret' }],
    ['OIDC_ACME_TITLE', { ...acme, OIDC_ACME_TITLE: 'top\u202Esecret' }],
    ['OIDC_GOOGLE_ISSUER', { OIDC_GOOGLE_ISSUER: 'https://acme.example' }],
    ['OIDC_EXCHANGE_ISSUER', { OIDC_EXCHANGE_ISSUER: 'https://acme.example' }],
    ['GITLAB_ISSUER', { GITLAB_ISSUER: 'topsecret' }],
    ['MICROSOFT_TENANT', { MICROSOFT_TENANT: '../topsecret' }],
    ['GOOGLE_CLIENT_SECRET', { ...google, GOOGLE_CLIENT_SECRET: '"topsecret"' }],
    ['APPLE_PRIVATE_KEY', { ...apple, APPLE_PRIVATE_KEY: `${key.slice(0, 60)}topsecret` }],
    ['APPLE_PRIVATE_KEY', { ...apple, APPLE_PRIVATE_KEY: pem('P-384') }],
    ['FRONTEND_URL', { FRONTEND_URL: 'https://u:topsecret@app.example.com' }],
    ['FRONTEND_URL', { FRONTEND_URL: 'javascript:topsecret' }],
    ['FRONTEND_URL', { ...production, FRONTEND_URL: 'http://app.example.com/topsecret' }],
    ['RETURN_URLS', { RETURN_URLS: 'https://app.example.com, topsecret' }],
    ['RETURN_URLS', { ...production, RETURN_URLS: 'https://a.example.com,http://b.example.com' }],
    ['OAUTH_STAND_IN_URL', { ...production, OAUTH_STAND_IN_URL: 'http://localhost:9000' }],
  ])('%s of %o', (name, environment) => {
    const mistakes = mistakesOf(environment)

    expect(Object.keys(mistakes)).toEqual([name])
    expect(JSON.stringify(mistakes)).not.toContain('topsecret')
  })

  test('together', () => {
    const mistakes = mistakesOf({
      ...{ GITLAB_ISSUER: 'x', APPLE_TEAM_ID: 'x', OIDC_ACME_ISSUER: 'x', RETURN_URLS: 'x' },
    })

    expect(Object.keys(mistakes).sort()).toEqual([
      ...['APPLE_TEAM_ID', 'GITLAB_ISSUER', 'OIDC_ACME_ISSUER', 'RETURN_URLS'],
    ])
  })
})

describe('where browsers come back to', () => {
  test('FRONTEND_URL first, then the others, each once', () => {
    const environment = {
      FRONTEND_URL: 'https://app.example.com/in',
      RETURN_URLS: 'https://b.example.com/, https://app.example.com/in',
    }

    expect(returnUrlsOf(environment)).toEqual([
      ...['https://app.example.com/in', 'https://b.example.com/'],
    ])
  })

  test('on this machine over http, also in production', () => {
    const environment = { ...production, RETURN_URLS: 'http://127.0.0.1:5173/in' }

    expect(mistakesOf(environment)).toEqual({})
  })

  test('the try-it page last, while it is served', () => {
    const { auth } = inspect({ RETURN_URLS: 'https://b.example.com/' }).settings
    const at = { baseUrl: 'http://localhost:8000' }

    expect(withReturnToTryIt(auth, { ...at, docs: true }).oauth?.returnUrls).toEqual([
      ...['https://b.example.com/', 'http://localhost:8000/test-login'],
    ])
    expect(withReturnToTryIt(auth, { ...at, docs: false }).oauth?.returnUrls).toEqual([
      'https://b.example.com/',
    ])
  })
})

describe('the start warns', () => {
  test.each<[string, Variables, string[]]>([
    ['of providers that nobody comes back from', { ...production, ...google }, ['no_return_url']],
    [
      'not where a page is named',
      { ...production, ...google, FRONTEND_URL: 'https://id.example.com/in' },
      [],
    ],
    [
      'of a page that may not call',
      { ...production, ...google, FRONTEND_URL: 'https://app.example.com/in' },
      ['mute_frontend'],
    ],
    [
      'not when it may',
      {
        ...production,
        ...google,
        FRONTEND_URL: 'https://app.example.com/in',
        ALLOWED_ORIGINS: 'https://app.example.com',
      },
      [],
    ],
    [
      'of a stand-in',
      { ...google, OAUTH_STAND_IN_URL: 'http://localhost:9000' },
      ['provider_stand_in'],
    ],
  ])('%s', (_, environment, expected) => {
    expect(mistakesOf(environment)).toEqual({})
    expect(Object.keys(warningsOf(environment))).toEqual(expected)
  })
})
